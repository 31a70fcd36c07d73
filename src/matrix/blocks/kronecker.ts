/**
 * @module matrix/blocks/kronecker
 *
 * A Kronecker product, F = G ⊗ A on vectors read as M [out, in]: Fv = G M A, A [in, in] or a diagonal, G [out, out]. Damped exactly it is diagonal in
 * the product of the factors' eigenbases, G ⊗ A + λ = (U_G ⊗ U_A)(λ_G λ_Aᵀ + λ)(U_G ⊗ U_A)ᵀ; by request the damping is split between
 * the factors, (G + √λ/π) ⊗ (A + π√λ), which is more than F + λ by cross terms (matrix/blocks/split). J. Martens, R. Grosse, ICML 2015.
 */
import { multiply, symmetricEigen, symmetricEigenvalues } from '../../linalg/index.js';
import { type DampedBlock, type Failure, type MatrixBlock, squares, type TopPairs } from './block.js';
import { densely } from './columns.js';
import { traceOf } from './dense.js';
import { EigenbasisBlock } from './eigenbasis.js';
import { inputDiagonal, inputEigen, inputEigenvalues, inputTrace, timesInputs } from './input-factor.js';
import { type KroneckerParts, splitInverse } from './split.js';

/** How λ enters a Kronecker product: F + λI exactly, or split between the factors. */
export type KroneckerDamping = 'exact' | 'split';

/** F = G ⊗ A. */
export class KroneckerBlock implements MatrixBlock {
  /** `kronecker`. */
  readonly kind = 'kronecker';
  private eigen: EigenbasisBlock | null = null;

  constructor(
    /** Its factors. */
    readonly parts: KroneckerParts,
    /** How `damped` damps. */
    readonly damping: KroneckerDamping = 'exact',
  ) {}

  /** in·out. */
  get size(): number {
    return this.parts.inner * this.parts.outer;
  }

  /**
   * G M A [n].
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
   */
  multiply(v: Float64Array): Float64Array {
    const { A, G, inner, outer } = this.parts;
    return timesInputs({ A, inner }, multiply(G, v, outer, outer, inner), outer);
  }

  /** tr A · tr G. */
  trace(): number {
    const { A, G, inner, outer } = this.parts;
    return inputTrace({ A, inner }) * traceOf(G, outer);
  }

  /** G_oo A_ii, [n]. */
  diagonal(): Float64Array {
    const { A, G, inner, outer } = this.parts;
    const out = new Float64Array(this.size);
    const a = inputDiagonal({ A, inner });
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) out[o * inner + i] = G[o * outer + o] * a[i];
    }
    return out;
  }

  /** ‖A‖²‖G‖². */
  frobenius2(): number {
    return squares(this.parts.A) * squares(this.parts.G);
  }

  /**
   * Products of the factors' eigenvalues, rising [n].
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
   * `linalg/not-finite`, `linalg/shape`
   */
  eigenvalues(): Float64Array {
    const { A, G, inner, outer } = this.parts;
    return outerProduct(symmetricEigenvalues(G, outer), inputEigenvalues({ A, inner })).sort();
  }

  /**
   * Outer products of the factors' eigenvectors.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
   * `linalg/not-finite`, `linalg/shape`
   */
  top(k: number): TopPairs {
    return this.basis().top(k);
  }

  /**
   * All of it [n, n], row by row.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
   */
  toDense(): Float64Array {
    return densely(this.size, (v) => this.multiply(v));
  }

  /**
   * The same matrix by its eigenvectors; kept.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
   * `linalg/not-finite`, `linalg/shape`
   */
  basis(): EigenbasisBlock {
    if (this.eigen) return this.eigen;
    const { A, G, inner, outer } = this.parts;
    const [a, g] = [inputEigen({ A, inner }), symmetricEigen(G, outer)];
    const scale = outerProduct(withoutRounding(g.values), withoutRounding(a.values));
    this.eigen = new EigenbasisBlock({
      basisA: a.vectors,
      basisG: g.vectors,
      scale,
      inner,
      outer,
      rounding: 0,
    });
    return this.eigen;
  }

  /**
   * F + λI, or (G + √λ/π) ⊗ (A + π√λ) where the damping is split; a failure where it is not positive definite. Throws `matrix/damping`.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
   * `linalg/not-finite`, `linalg/not-positive-definite`, `linalg/shape`
   */
  damped(lambda: number): DampedBlock | Failure {
    return this.damping === 'split' ? splitInverse(this.parts, lambda) : this.basis().damped(lambda);
  }
}

/** Eigenvalues [n], those that rounding cannot tell from 0, |λ| ≤ n 2⁻⁵² max|λ|, as 0: else chance decides whether F has an inverse. */
function withoutRounding(values: Float64Array): Float64Array {
  const largest = values.reduce((high, v) => Math.max(high, Math.abs(v)), 0);
  const rounding = values.length * Number.EPSILON * largest;
  return values.map((v) => (Math.abs(v) <= rounding ? 0 : v));
}

/** g aᵀ, row by row. */
function outerProduct(g: Float64Array, a: Float64Array): Float64Array {
  const out = new Float64Array(g.length * a.length);
  g.forEach((x, o) => a.forEach((y, i) => (out[o * a.length + i] = x * y)));
  return out;
}
