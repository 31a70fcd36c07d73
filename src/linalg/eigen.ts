/**
 * @module linalg/eigen
 *
 * Eigenvalues and vectors of a symmetric matrix in float64: to tridiagonal form, then to diagonal; small ones in plain loops
 * (linalg/tridiagonal), others by products on the engine's kernels (linalg/householder, linalg/divide). Backward stable: eigenvalues of
 * A + E, ‖E‖ ≤ c n 2⁻⁵³ ‖A‖ (Golub & Van Loan, §8.3.5), so what is smaller than that of the largest is lost; vectors are orthonormal to the
 * same. About 5n³ operations. For the largest few of a large matrix, or of one that is only a product, see linalg/lanczos.
 */
import { FimError } from '../core/errors.js';
import { type Matrices, withMatrices } from '../engine/small/index.js';
import { leading, type Part } from './blocks.js';
import { checkMatrix } from './check.js';
import { divide } from './divide.js';
import { applyReflections, reduce, type Reflected, scratchOf } from './householder.js';
import { accumulate, diagonalise, tridiagonalise } from './tridiagonal.js';

/** Eigenvalues with their vectors. */
export interface Eigen {
  /** Ascending [n]. */
  readonly values: Float64Array;
  /** [n, n], row by row; column j belongs to value j. */
  readonly vectors: Float64Array;
}

/** Rows up to which plain loops are as fast. */
const SMALL = 48;

/**
 * Of A [n, n], of which the lower triangle is read. Throws `linalg/shape`, `linalg/not-finite`, `linalg/no-convergence`, `engine/memory`.
 * @throws FimError with `kernels/memory`, `kernels/unknown`, `kernels/unsupported`
 */
export function symmetricEigen(a: Float64Array, n: number): Eigen {
  const Q = checkedCopy(a, n);
  if (n > SMALL) return byProducts(Q, n);
  const { d, e, beta } = tridiagonalise(Q, n);
  accumulate(Q, n, beta);
  diagonalise(d, e, Q, n);
  return sorted(d, Q, n);
}

/** A, of which the lower triangle is there, reduced in kernel memory with room for `more` matrices as large behind it. */
function reduced<R>(
  a: Float64Array,
  n: number,
  more: number,
  use: (
    memory: Matrices,
    A: Part,
    parts: readonly Part[],
    rest: Reflected & { readonly scratch: number },
  ) => R,
): R {
  return withMatrices((memory) => {
    const ld = leading(n);
    const [A, ...parts] = Array.from({ length: 1 + more }, () => ({ at: memory.reserve(n * ld), ld }));
    const scratch = memory.reserve(scratchOf(n, ld));
    const { data } = memory;
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) data[A.at + i * ld + j] = data[A.at + j * ld + i] = a[i * n + j];
    return use(memory, A, parts, { ...reduce(memory, A, n, scratch), scratch });
  });
}

function byProducts(a: Float64Array, n: number): Eigen {
  return reduced(a, n, 4, (memory, A, [S, gathered, vectors, made], { d, e, beta, scratch }) => {
    const { data } = memory;
    data.fill(0, S.at, S.at + n * S.ld);
    divide(memory, d, e, { S, gathered, vectors, made });
    applyReflections(memory, A, beta, S, scratch);
    const out = new Float64Array(n * n);
    for (let i = 0; i < n; i++) out.set(data.subarray(S.at + i * S.ld, S.at + i * S.ld + n), i * n);
    return { values: d, vectors: out };
  });
}

/**
 * Its values only, ascending [n]: a third of the time.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`
 */
export function symmetricEigenvalues(a: Float64Array, n: number): Float64Array {
  const own = checkedCopy(a, n);
  const { d, e } =
    n > SMALL ? reduced(own, n, 0, (_memory, _A, _parts, rest) => rest) : tridiagonalise(own, n);
  diagonalise(d, e, new Float64Array(0), 0);
  return d.sort();
}

/** Eigenvectors in the columns of Q [rows, n], put in the order of rising values. */
export function sorted(d: Float64Array, Q: Float64Array, rows: number): Eigen {
  const n = d.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((i, j) => d[i] - d[j]);
  const vectors = new Float64Array(rows * n);
  for (let r = 0; r < rows; r++) for (let j = 0; j < n; j++) vectors[r * n + j] = Q[r * n + order[j]];
  return { values: Float64Array.from(order, (i) => d[i]), vectors };
}

function checkedCopy(a: Float64Array, n: number): Float64Array {
  checkMatrix('symmetricEigen', a, n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) if (!Number.isFinite(a[i * n + j])) throw notFinite(i, j, a[i * n + j]);
  }
  return a.slice();
}

function notFinite(i: number, j: number, got: number): FimError {
  return new FimError({
    code: 'linalg/not-finite',
    where: `eigenvalues of a symmetric matrix, element (${i}, ${j})`,
    rule: 'the elements are finite numbers',
    got: String(got),
    cause: 'a model whose outputs or gradients overflow, or a division by 0 before',
  });
}
