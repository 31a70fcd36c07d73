/**
 * @module linalg/eigen
 *
 * Eigenvalues and vectors of a symmetric matrix in float64: to tridiagonal form, then to diagonal (linalg/tridiagonal). Backward stable:
 * eigenvalues of A + E, ‖E‖ ≤ c n 2⁻⁵³ ‖A‖ (Golub & Van Loan, §8.3.5), so what is smaller than that of the largest is lost; vectors are
 * orthonormal to the same. About 8n³ operations: ten times a Cholesky factor and more. For the largest few of a large matrix, or of one
 * that is only a product, see linalg/lanczos.
 */
import { FimError } from '../core/errors.js';
import { checkMatrix } from './check.js';
import { accumulate, diagonalise, tridiagonalise } from './tridiagonal.js';

/** Eigenvalues with their vectors. */
export interface Eigen {
  /** Ascending [n]. */
  readonly values: Float64Array;
  /** [n, n], row by row; column j belongs to value j. */
  readonly vectors: Float64Array;
}

/** Of A [n, n], of which the lower triangle is read. Throws `linalg/shape`, `linalg/not-finite`, `linalg/no-convergence`. */
export function symmetricEigen(a: Float64Array, n: number): Eigen {
  const Q = checkedCopy(a, n);
  const { d, e, beta } = tridiagonalise(Q, n);
  accumulate(Q, n, beta);
  diagonalise(d, e, Q, n);
  return sorted(d, Q, n);
}

/**
 * Its values only, ascending [n]: a fifth of the time.
 * @throws FimError with `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`
 */
export function symmetricEigenvalues(a: Float64Array, n: number): Float64Array {
  const { d, e } = tridiagonalise(checkedCopy(a, n), n);
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
