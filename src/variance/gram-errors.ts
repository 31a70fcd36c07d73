/**
 * @module variance/gram-errors
 *
 * Frobenius errors of one label at one example from the Gram matrix of its scores, G_cd = ⟨s_c, s_d⟩ [K, K] (theory (4.1), (4.6)):
 *
 *   ‖𝔽‖_F² = Σ_cd w_c w_d G_cd²
 *   E‖ssᵀ − 𝔽‖_F²   enumerated   Σ_c w_c G_cc² − ‖𝔽‖_F²
 *                   pairwise     Σ_a c_a G_aa² + Σ_{a≠b} w_a w_b (G_aa G_bb + G_ab²)
 *                   K labels     mean_k G_kk² − mean_{k≠l} G_kl²
 */

/** ‖𝔽‖_F² = Σ_cd w_c w_d G_cd². */
export function squaredNorm(G: Float64Array, w: Float64Array): number {
  const K = w.length;
  let sum = 0;
  for (let c = 0; c < K; c++) for (let d = 0; d < K; d++) sum += w[c] * w[d] * G[c * K + d] ** 2;
  return sum;
}

/** E‖ssᵀ − 𝔽‖_F² where the columns enumerate the labels. */
export function enumeratedError(G: Float64Array, w: Float64Array, fisher: number): number {
  const K = w.length;
  let sum = 0;
  for (let c = 0; c < K; c++) sum += w[c] * G[c * K + c] ** 2;
  return Math.max(0, sum - fisher);
}

/** E‖ssᵀ − 𝔽‖_F² for independent components: no negative term. */
export function pairwiseError(G: Float64Array, w: Float64Array, c: Float64Array): number {
  const K = w.length;
  let sum = 0;
  for (let a = 0; a < K; a++) {
    sum += c[a] * G[a * K + a] ** 2;
    for (let d = 0; d < K; d++)
      if (d !== a) sum += w[a] * w[d] * (G[a * K + a] * G[d * K + d] + G[a * K + d] ** 2);
  }
  return sum;
}

/** Unbiased from K ≥ 2 sampled labels. */
export function sampledError(
  G: Float64Array,
  K: number,
): {
  /** mean_k G_kk² − mean_{k≠l} G_kl²; may be negative. */
  readonly error: number;
  /** mean_{k≠l} G_kl², of ‖𝔽‖_F². */
  readonly fisher: number;
} {
  let own = 0;
  let across = 0;
  for (let k = 0; k < K; k++)
    for (let l = 0; l < K; l++) {
      const square = G[k * K + l] ** 2;
      if (k === l) own += square / K;
      else across += square / (K * (K - 1));
    }
  return { error: own - across, fisher: across };
}

/** G[i] += part[i]; null adds nothing. */
export function addInto(sum: Float64Array, term: ArrayLike<number> | null): void {
  if (term) for (let i = 0; i < term.length; i++) sum[i] += term[i];
}
