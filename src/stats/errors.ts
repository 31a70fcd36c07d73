/**
 * @module stats/errors
 *
 * The error of a mean over n examples, each measured by the mean of K draws, split into what the draws did (label) and
 * what the choice of examples did (data). All arguments and results here are variances of the estimate; roots are taken
 * once, at the end.
 *
 * With f_x the exact value at x, 𝒱(x) the variance of one draw, s² the variance of f_x over x (divisor n−1), and
 * φ = n/N the part of the population that was seen (0 for a distribution):
 *
 *   label = Σ_x 𝒱(x)/(K n²)                 the error from this estimate's own draws
 *   data  = (1 − φ) s²/n
 *   total = label + data                     closed form
 *
 * From draws alone, S² the variance over x of the K-means (divisor n−1) and W the mean over x of the variance within x
 * (divisor K−1): E[S²] = s² + E𝒱/K, so S²/n already is the whole error of a mean over a distribution and
 *
 *   label = W/(K n),   data = (1 − φ) max(0, S²/n − label),   total = (1 − φ) S²/n + φ·label,
 *
 * the total from unclipped parts: it is unbiased, and clipping would raise it.
 */

/** Variances of an estimate; null where the data at hand cannot tell. */
export interface ErrorVariances {
  /** Of the sampled labels, given the examples. */
  label: number | null;
  /** Of the examples. */
  data: number | null;
  /** Of both together. */
  total: number | null;
}

/** How many examples and draws an estimate used. `fraction` is φ = n/N for a finite population, 0 for a distribution. */
export interface ErrorDesign {
  /** n. */
  examples: number;
  /** K, draws of labels an example. */
  draws: number;
  /** φ = n/N. */
  fraction: number;
}

/** Closed form: `labelSum` = Σ_x 𝒱(x) (0 without draws), `dataVariance` = s². data and total are null at n = 1 < N. */
export function closedFormErrors(
  labelSum: number,
  dataVariance: number,
  { examples: n, draws: k, fraction }: ErrorDesign,
): ErrorVariances {
  const label = labelSum / (k * n * n);
  const data = n > 1 ? ((1 - fraction) * Math.max(0, dataVariance)) / n : fraction === 1 ? 0 : null;
  return { label, data, total: data === null ? null : label + data };
}

/**
 * From draws: `betweenVariance` = S², `withinMean` = W. At K = 1 only the total is known (label and data are null); with
 * φ > 0 it is then S²/n, which is not below the true one. Null at n = 1.
 */
export function sampledErrors(
  betweenVariance: number,
  withinMean: number,
  { examples: n, draws: k, fraction }: ErrorDesign,
): ErrorVariances {
  const spread = betweenVariance / n;
  if (k < 2) return { label: null, data: null, total: n > 1 ? spread : null };
  const label = withinMean / (k * n);
  if (n < 2) return fraction === 1 ? { label, data: 0, total: label } : { label, data: null, total: null };
  return {
    label,
    data: (1 - fraction) * Math.max(0, spread - label),
    total: (1 - fraction) * spread + fraction * label,
  };
}

/** The root, null kept. */
export function rootOf(variance: number | null): number | null {
  return variance === null ? null : Math.sqrt(variance);
}
