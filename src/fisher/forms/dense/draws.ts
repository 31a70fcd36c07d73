/**
 * @module fisher/forms/dense/draws
 *
 * Value of one element from an example's drawn columns, and what it varies by: α Î1 + (1 − α) Î2 over its labels (theory (5.1)).
 */
import type { Element, ExampleElements } from './elements.js';

/** One example's sampled labels, and how they are weighed. */
export interface DenseDraws {
  /** The drawn columns, t(y) − η of K labels or Rξ of K draws of signs, [K, T]. */
  readonly residuals: Float64Array;
  readonly K: number;
  /** Weight of type 1; type 2 has the rest. */
  readonly alpha: number;
}

/** α² 𝒱1 + (1 − α)² 𝒱2 + 2α(1 − α) C, not below 0. */
export const mixedVariance = ({ type1, type2, cross }: Element, alpha: number): number =>
  Math.max(0, alpha ** 2 * type1 + (1 - alpha) ** 2 * type2 + 2 * alpha * (1 - alpha) * cross);

/** Mean over the labels of α s_i s_j + (1 − α)(𝔽_ij − δᵀH_ij), and its variance over them (divisor K − 1). */
export function drawsOf(elements: ExampleElements, { residuals, K, alpha }: DenseDraws) {
  const { P, T, jacobian } = elements;
  const scores = new Float64Array(alpha === 0 ? 0 : K * P);
  if (alpha !== 0)
    for (let k = 0; k < K; k++)
      for (let a = 0; a < T; a++)
        for (let i = 0; i < P; i++) scores[k * P + i] += residuals[k * T + a] * jacobian[a * P + i];
  const H = new Float64Array(T);
  const z = new Float64Array(K);
  return (i: number, j: number, fisher: number): { value: number; spread: number } => {
    if (alpha !== 1) elements.hessian(i, j, H);
    let mean = 0;
    for (let k = 0; k < K; k++) {
      let d = 0;
      for (let a = 0; a < T; a++) d += residuals[k * T + a] * H[a];
      z[k] = (1 - alpha) * (fisher - d);
      if (alpha !== 0) z[k] += alpha * scores[k * P + i] * scores[k * P + j];
      mean += z[k] / K;
    }
    let spread = 0;
    if (K > 1) for (let k = 0; k < K; k++) spread += (z[k] - mean) ** 2 / (K - 1);
    return { value: mean, spread };
  };
}
