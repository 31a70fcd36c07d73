/**
 * @module matrix/blocks/eigenbasis
 *
 * A block that is diagonal in a Kronecker product of two bases, F = (U_G ⊗ U_A) diag(s) (U_G ⊗ U_A)ᵀ, U_A [in, in], U_G [out, out]
 * orthogonal, s [out, in]: on a vector read as M [out, in]
 *
 *   Fv = U_G (s ∘ (U_Gᵀ M U_A)) U_Aᵀ
 *
 * so everything about it is about s, and nothing of size (in·out)² is formed. T. George et al., NeurIPS 2018. A product costs four
 * matrix products, 2 in·out (in + out).
 */
import { multiply } from '../../linalg/index.js';
import {
  type DampedBlock,
  type Failure,
  largestPlaces,
  type MatrixBlock,
  notPositive,
  requireLambda,
  squares,
  type TopPairs,
  total,
} from './block.js';
import { densely, unit } from './columns.js';

/** Bases and scale of an `EigenbasisBlock`. */
export interface EigenbasisParts {
  /** Eigenvectors in its columns [in, in]; null: unit vectors. */
  readonly basisA: Float64Array | null;
  /** Eigenvectors in its columns [out, out]. */
  readonly basisG: Float64Array;
  /** s [out, in], row by row. */
  readonly scale: Float64Array;
  /** Width of the inputs, the bias counted. */
  readonly inner: number;
  /** Width of the outputs. */
  readonly outer: number;
  /** What no s + λ may be below or at, since a sum of so little is rounding. Default max(in, out) 2⁻⁵² max s. */
  readonly rounding?: number;
}

/** F = (U_G ⊗ U_A) diag(s) (U_G ⊗ U_A)ᵀ. */
export class EigenbasisBlock implements MatrixBlock {
  /** `eigenbasis`. */
  readonly kind = 'eigenbasis';

  constructor(
    /** Bases and scale. */
    readonly parts: EigenbasisParts,
  ) {}

  /** in·out. */
  get size(): number {
    return this.parts.inner * this.parts.outer;
  }

  /**
   * U_Gᵀ M U_A of M [out, in]: into the basis.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
   */
  into(M: Float64Array): Float64Array {
    const { basisA, basisG, inner, outer } = this.parts;
    const left = multiply(basisG, M, outer, outer, inner, { transposeA: true });
    return basisA ? multiply(left, basisA, outer, inner, inner) : left;
  }

  /**
   * U_G M U_Aᵀ of M [out, in]: out of the basis.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
   */
  outOf(M: Float64Array): Float64Array {
    const { basisA, basisG, inner, outer } = this.parts;
    const left = multiply(basisG, M, outer, outer, inner);
    return basisA ? multiply(left, basisA, outer, inner, inner, { transposeB: true }) : left;
  }

  /**
   * Fv [n].
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
   */
  multiply(v: Float64Array): Float64Array {
    const { scale } = this.parts;
    return this.outOf(this.into(v).map((x, i) => x * scale[i]));
  }

  /** Σ s. */
  trace(): number {
    return total(this.parts.scale);
  }

  /**
   * (U_G∘U_G) s (U_A∘U_A)ᵀ, [n].
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
   */
  diagonal(): Float64Array {
    const { basisA, basisG, scale, inner, outer } = this.parts;
    const square = (U: Float64Array): Float64Array => U.map((x) => x * x);
    const left = multiply(square(basisG), scale, outer, outer, inner);
    return basisA ? multiply(left, square(basisA), outer, inner, inner, { transposeB: true }) : left;
  }

  /** Σ s². */
  frobenius2(): number {
    return squares(this.parts.scale);
  }

  /** Rising [n]. */
  eigenvalues(): Float64Array {
    return this.parts.scale.slice().sort();
  }

  /**
   * Outer products of basis vectors.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
   */
  top(k: number): TopPairs {
    const { scale } = this.parts;
    const places = [...largestPlaces(scale, k)];
    return {
      values: Float64Array.from(places, (i) => scale[i]),
      vectors: places.map((i) => this.outOf(unit(this.size, i))),
    };
  }

  /**
   * All of it [n, n], row by row.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
   */
  toDense(): Float64Array {
    return densely(this.size, (v) => this.multiply(v));
  }

  /**
   * s + λ in the basis; a failure where one is no more than rounding. Throws `matrix/damping`.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
   */
  damped(lambda: number): DampedBlock | Failure {
    requireLambda(lambda);
    const { scale, inner, outer } = this.parts;
    const shifted = scale.map((s) => s + lambda);
    const least = shifted.reduce((low, v) => (v > low ? low : v), Infinity);
    const largest = scale.reduce((high, v) => (v < high ? high : v), 0);
    const { rounding = Math.max(inner, outer) * Number.EPSILON * largest } = this.parts;
    if (!(least > rounding)) return notPositive(lambda, least);
    return {
      solve: (v) => this.outOf(this.into(v).map((x, i) => x / shifted[i])),
      logdet: () => shifted.reduce((sum, v) => sum + Math.log(v), 0),
      effectiveDimension: () => scale.reduce((sum, s, i) => sum + s / shifted[i], 0),
      root: (z) => this.outOf(z.map((x, i) => x / Math.sqrt(shifted[i]))),
    };
  }
}
