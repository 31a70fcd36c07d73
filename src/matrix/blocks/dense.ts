/**
 * @module matrix/blocks/dense
 *
 * A block in full, F [n, n]. Products O(n²); a damped one is a Cholesky factor of n³/3, from which F + λI = CCᵀ gives L = C⁻ᵀ and
 * tr F(F + λ)⁻¹ = n − λ‖C⁻¹‖². Eigenvalues take some 4n³ (linalg/eigen); the largest few of a large one come by Lanczos steps.
 */
import { FimError } from '../../core/errors.js';
import {
  cholesky,
  choleskyInverse,
  choleskySolve,
  logDeterminant,
  symmetricEigen,
  symmetricEigenvalues,
} from '../../linalg/index.js';
import { leadingPairs } from './leading.js';
import {
  type DampedBlock,
  type Failure,
  type MatrixBlock,
  notPositive,
  requireLambda,
  squares,
  type TopPairs,
} from './block.js';

/** Above this the largest few come by Lanczos steps. */
const LARGE = 512;

/** F [n, n]. */
export class DenseBlock implements MatrixBlock {
  /** `dense`. */
  readonly kind = 'dense';

  /** Of all its elements [n, n]. */
  constructor(
    /** Symmetric [n, n], row by row; the lower triangle is what factors read. */
    readonly values: Float64Array,
    /** n. */
    readonly size: number,
  ) {}

  /** Fv [n]. */
  multiply(v: Float64Array): Float64Array {
    const { values, size: n } = this;
    const out = new Float64Array(n);
    for (let i = 0, at = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++, at++) sum += values[at] * v[j];
      out[i] = sum;
    }
    return out;
  }

  /** tr F. */
  trace(): number {
    return traceOf(this.values, this.size);
  }

  /** The diagonal [n]. */
  diagonal(): Float64Array {
    const { values, size: n } = this;
    return Float64Array.from({ length: n }, (_, i) => values[i * n + i]);
  }

  /** Σ_ij F_ij². */
  frobenius2(): number {
    return squares(this.values);
  }

  /**
   * Rising [n].
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
   * `linalg/not-finite`, `linalg/shape`
   */
  eigenvalues(): Float64Array {
    return symmetricEigenvalues(this.values, this.size);
  }

  /**
   * By all eigenpairs, 9n³, or by Lanczos steps where n is above 512 and few are asked for.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/lanczos`,
   * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/seed`, `random/sequence`
   */
  top(k: number): TopPairs {
    const { size: n } = this;
    if (n > LARGE && 8 * k < n) return leadingPairs(n, k, (v) => this.multiply(v));
    const { values, vectors } = symmetricEigen(this.values, n);
    const places = Array.from({ length: Math.min(k, n) }, (_, j) => n - 1 - j);
    return {
      values: Float64Array.from(places, (j) => values[j]),
      vectors: places.map((j) => Float64Array.from({ length: n }, (_, i) => vectors[i * n + j])),
    };
  }

  /** All of it [n, n], row by row. */
  toDense(): Float64Array {
    return this.values.slice();
  }

  /**
   * F + λI by its Cholesky factor; a failure where there is none, or where the least eigenvalue of S(F + λI)S, S such that its diagonal is 1, is
   * no more than rounding, n 2⁻⁵². Throws `matrix/damping`, and what `cholesky` throws of sizes.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/not-positive-definite`,
   * `linalg/shape`
   */
  damped(lambda: number): DampedBlock | Failure {
    requireLambda(lambda);
    const { size: n } = this;
    let C: Float64Array;
    try {
      C = dampedFactor(this.values, n, lambda);
    } catch (e) {
      if (e instanceof FimError && e.code === 'linalg/not-positive-definite')
        return notPositive(lambda, `a pivot of its Cholesky factor is not positive`);
      throw e;
    }
    if (!(leastScaled(C, n) > n * Number.EPSILON))
      return notPositive(
        lambda,
        `scaled to ones on its diagonal it has an eigenvalue that is rounding alone`,
      );
    return {
      solve: (v) => choleskySolve(C, n, v),
      logdet: () => logDeterminant(C, n),
      effectiveDimension: () => (lambda === 0 ? n : n - lambda * traceOf(choleskyInverse(C, n), n)),
      root: (z) => solveTransposed(C, n, z),
    };
  }
}

/** Least eigenvalue of S CCᵀ S with ones on its diagonal, by three steps of inverse iteration: from above, and close where it is small. */
function leastScaled(C: Float64Array, n: number): number {
  const root = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let square = 0;
    for (let j = 0; j <= i; j++) square += C[i * n + j] ** 2;
    root[i] = Math.sqrt(square);
  }
  let x = Float64Array.from(root, (_, i) => Math.cos(i * i));
  let least = Infinity;
  for (let step = 0; step < 3; step++) {
    const length = Math.sqrt(squares(x));
    x = choleskySolve(
      C,
      n,
      x.map((v, i) => (v / length) * root[i]),
    ).map((v, i) => v * root[i]);
    least = 1 / Math.sqrt(squares(x));
  }
  return least;
}

/**
 * C with CCᵀ = F + shift·I, [n, n].
 * @throws FimError with `linalg/not-positive-definite`, `linalg/shape`
 */
export function dampedFactor(values: Float64Array, n: number, shift: number): Float64Array {
  const damped = values.slice();
  for (let i = 0; i < n; i++) damped[i * n + i] += shift;
  return cholesky(damped, n, damped);
}

/** Σ_i a_ii of a [n, n]. */
export function traceOf(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[i * n + i];
  return sum;
}

/** C⁻ᵀz [n] of a lower triangle C [n, n]. */
export function solveTransposed(C: Float64Array, n: number, z: Float64Array): Float64Array {
  const x = z.slice();
  for (let i = n - 1; i >= 0; i--) {
    x[i] /= C[i * n + i];
    for (let j = 0; j < i; j++) x[j] -= C[i * n + j] * x[i];
  }
  return x;
}
