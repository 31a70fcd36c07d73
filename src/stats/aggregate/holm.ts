/**
 * @module stats/aggregate/holm
 *
 * Many comparisons at once (Holm 1979): with p sorted upwards, the k-th of m is multiplied by m − k + 1, made no smaller than the one
 * before, and capped at 1. A NaN is no test: it stays NaN and is not counted among the m. What stays below α holds jointly with probability 1 − α, however the comparisons depend on one another.
 */

/** Adjusted p-values, in the order given. */
export function holm(p: readonly number[]): number[] {
  const order = p
    .map((_, i) => i)
    .filter((i) => !Number.isNaN(p[i]))
    .sort((a, b) => p[a] - p[b]);
  const adjusted = new Array<number>(p.length).fill(NaN);
  let least = 0;
  for (const [k, i] of order.entries()) {
    least = Math.max(least, Math.min(1, p[i] * (order.length - k)));
    adjusted[i] = least;
  }
  return adjusted;
}
