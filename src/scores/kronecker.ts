/**
 * @module scores/kronecker
 *
 * Kronecker factors of a weight, summed over the examples: Σ_n āāᵀ [in, in] and Σ_n Σ_k w_nk g_nk g_nkᵀ [out, out], whose product stands for
 * Σ_n Σ_k w_nk s_nk s_nkᵀ, ā = (a, 1) where a bias goes with the weight; of rows at every position (scores/factor-rows), of a grouped weight
 * [groups, …]. By products over examples and positions together.
 */
import { N, ops as b, type Value } from '../graph/index.js';
import { joined } from './factor-rows.js';
import { summedProducts } from './matrix-statistics.js';
import type { Score, Sharing } from './score.js';

/** Summands of Kronecker factors. */
export interface KroneckerFactors {
  /** Σ_n āāᵀ. */
  readonly A: Value;
  /** Σ_n Σ_k w_nk g_nk g_nkᵀ. */
  readonly G: Value;
}

/** Both factors for weights w [N, K]; null where the score has none, and of a table, whose inputs are unit vectors. */
export function kroneckerFactors(
  score: Score,
  w: Value,
  homogeneous: boolean,
  sharing: Sharing = 'expand',
): KroneckerFactors | null {
  const rows = score.site.form === 'embedding' ? null : score.factorRows(homogeneous, sharing);
  if (!rows) return null;
  const { a, parts, g } = rows;
  const R = a.shape[2] as number;
  const A = parts.map((part) => summedProducts(part, part)).reduce((sum, v) => b.add(sum, v));
  const weighted = b.mul(g, b.reshape(w, [N, w.shape[1], 1, 1, 1]));
  return { A: R > 1 ? b.scale(A, 1 / R) : A, G: summedProducts(joined(weighted), joined(g)) };
}
