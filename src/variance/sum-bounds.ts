/**
 * @module variance/sum-bounds
 *
 * Bounds of sums over parameters: of the diagonal, Σ_i 𝔽_ii, Σ_i 𝒱1_ii, Σ_i 𝒱2_ii, and norms of the covariance tensors, from singular
 * values of J [T, P], dHes [T, P] and vJac = (vec ∂_ih∂_ihᵀ)_i [T², P] through T×T and T²×T² Gram matrices, never P×P.
 *
 *   ruhe        P24 Theorem D.1; for 𝒱1 the sum runs to T² (to T as printed is not enough)
 *   printed     P24 Corollary 4.6 as printed. Its first branches lost a power of the singular values: FALSE in general, kept to show it
 *   corrected   tr 𝔽 ≤ min{‖J‖² tr I, ‖J‖_F² λ_max(I)} and likewise (theory (8.14)); operator norms
 *   tensor      P21 Theorem 7 as theory (8.15) rebuilds it: ‖Cov Î1‖_F ≤ ‖J‖_F⁴‖M̄‖_F, and so on
 *
 * All for one label at one x.
 */
import { norm2 } from './bounds.js';
import type { FamilyMoments } from './family-moments.js';
import { eigenvalues } from '../fisher/closed-forms/symmetric.js';

/** Derivatives as [rows, P] matrices, known by their Gram matrices. */
export interface Spectra {
  /** s_t²(J), falling [T]. */
  readonly jacobian: Float64Array;
  /** s_t²(dHes), falling [T]. */
  readonly curvature: Float64Array;
  /** s_t²(vJac), falling [T²]. */
  readonly squares: Float64Array;
  /** Σ_i ‖∂_ih‖⁴. */
  readonly fourth: number;
}

/** X Xᵀ of a matrix [rows, P]. */
export function gramOf(X: Float64Array, rows: number): Float64Array {
  const P = X.length / rows;
  const out = new Float64Array(rows * rows);
  for (let a = 0; a < rows; a++)
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = 0; i < P; i++) sum += X[a * P + i] * X[b * P + i];
      out[a * rows + b] = out[b * rows + a] = sum;
    }
  return out;
}

/**
 * Singular values of J [T, P], D [T, P] and vJac.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`
 */
export function spectraOf(J: Float64Array, D: Float64Array, T: number): Spectra {
  const P = J.length / T;
  const v = new Float64Array(T * T * P);
  let fourth = 0;
  for (let i = 0; i < P; i++) {
    const column = Float64Array.from({ length: T }, (_, a) => J[a * P + i]);
    fourth += norm2(column) ** 2;
    for (let a = 0; a < T; a++) for (let b = 0; b < T; b++) v[(a * T + b) * P + i] = column[a] * column[b];
  }
  const positive = (e: Float64Array) => e.map((x) => Math.max(0, x));
  return {
    jacobian: positive(eigenvalues(gramOf(J, T), T)),
    curvature: positive(eigenvalues(gramOf(D, T), T)),
    squares: positive(eigenvalues(gramOf(v, T * T), T * T)),
    fourth,
  };
}

const total = (s: Float64Array): number => s.reduce((p, q) => p + q, 0);

/** Σ_t s_t λ_t, or against λ rising: Ruhe's trace inequality. */
function paired(s: Float64Array, lambda: Float64Array, rising: boolean): number {
  const values = Array.from({ length: s.length }, (_, t) => Math.max(0, lambda[t] ?? 0));
  if (rising) values.reverse();
  return values.reduce((sum, l, t) => sum + s[t] * l, 0);
}

/** Bounds for the Fisher and for the variance of one label by type 1 and type 2. */
export interface Bounded {
  /** Of the Fisher. */
  readonly fisher: number;
  /** Of the variance of one label by type 1. */
  readonly type1: number;
  /** Of the variance of one label by type 2. */
  readonly type2: number;
}

/** P24 Theorem D.1, upper. */
export const ruheUpper = (m: FamilyMoments, s: Spectra): Bounded => ({
  fisher: paired(s.jacobian, m.informationEigenvalues, false),
  type1: paired(s.squares, m.fourthEigenvalues, false),
  type2: paired(s.curvature, m.informationEigenvalues, false),
});

/** P24 Theorem D.1, lower. */
export const ruheLower = (m: FamilyMoments, s: Spectra): Bounded => ({
  fisher: paired(s.jacobian, m.informationEigenvalues, true),
  type1: paired(s.squares, m.fourthEigenvalues, true),
  type2: paired(s.curvature, m.informationEigenvalues, true),
});

/** P24 Corollary 4.6 as printed: false in general. λ_max(M̄) stands for λ̃_max(M). */
export function corollary46Printed(m: FamilyMoments, s: Spectra): Bounded {
  const [J, D] = [Math.sqrt(total(s.jacobian)), Math.sqrt(total(s.curvature))];
  const top = m.informationEigenvalues[0];
  return {
    fisher: J * Math.min(m.traceI, J * top),
    type1: J * J * Math.min(m.traceM, J * J * m.fourthEigenvalues[0]),
    type2: D * Math.min(m.traceI, D * top),
  };
}

/** P24 Corollary 4.6 corrected (theory (8.14)). */
export function corollary46(m: FamilyMoments, s: Spectra): Bounded {
  const top = m.informationEigenvalues[0];
  const fourth = m.fourthEigenvalues[0];
  return {
    fisher: Math.min(s.jacobian[0] * m.traceI, total(s.jacobian) * top),
    type1: Math.min(s.squares[0] * m.traceM, total(s.squares) * fourth, s.fourth * fourth),
    type2: Math.min(s.curvature[0] * m.traceI, total(s.curvature) * top),
  };
}

/** Bounds of norms of the covariance tensors of Î1 (from s²(J)) and Î2 (from s²(H̄), H̄ [T, P²]). */
export interface TensorBounds {
  /** ‖Cov‖_F. */
  readonly frobenius: number;
  /** ‖Cov‖_F with operator norms of the derivative. */
  readonly frobeniusOperator: number;
  /** ‖Cov‖_op. */
  readonly spectral: number;
  /** Σ_ij Var. */
  readonly trace: number;
}

/**
 * ‖Cov Î1‖_F ≤ ‖J‖⁴‖M̄‖_F, ‖Cov Î1‖_op ≤ ‖J‖_op⁴ λ_max(M̄), Σ Var ≤ ‖J‖_op⁴ tr M̄ (theory (8.15) to (8.17)). `jacobian`: squared
 * singular values of J, falling [T].
 */
export function typeOneTensorBounds(m: FamilyMoments, jacobian: Float64Array): TensorBounds {
  const size = Math.sqrt(norm2(m.M));
  return {
    frobenius: total(jacobian) ** 2 * size,
    frobeniusOperator: jacobian[0] ** 2 * size,
    spectral: jacobian[0] ** 2 * m.fourthEigenvalues[0],
    trace: jacobian[0] ** 2 * m.traceM,
  };
}

/**
 * ‖Cov Î2‖_F ≤ ‖H‖²‖I‖_F, ‖Cov Î2‖_op ≤ ‖H̄‖_op² λ_max(I), Σ Var ≤ min(‖H‖_F² λ_max(I), ‖H̄‖_op² tr I). `hessian`: squared singular
 * values of H̄, the second derivatives as one row an output, falling [T].
 */
export function typeTwoTensorBounds(m: FamilyMoments, hessian: Float64Array): TensorBounds {
  const size = Math.sqrt(norm2(m.I));
  const top = m.informationEigenvalues[0];
  return {
    frobenius: total(hessian) * size,
    frobeniusOperator: hessian[0] * size,
    spectral: hessian[0] * top,
    trace: Math.min(total(hessian) * top, hessian[0] * m.traceI),
  };
}

/** Var_q 𝔽_ii(x) ≤ E_q[‖∂_ih‖⁴ λ_max(I)²] (P24 Lemma 4.8), one x's term. */
export const lemma48Term = (m: FamilyMoments, J: ArrayLike<number>): number =>
  (norm2(J) * m.informationEigenvalues[0]) ** 2;
