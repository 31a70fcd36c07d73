/**
 * @module jobs/spread
 *
 * Summaries over several seeds: quantiles for bands, and the slope of a power law with its standard error.
 */

/** Quantile by linear interpolation between order statistics; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  // Infinite neighbours must not make NaN of the answer.
  return at === low || sorted[low] === sorted[high]
    ? sorted[low]
    : sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/** Middle and ends of a band. */
export interface Band {
  /** Median. */
  readonly middle: number;
  /** Lower end. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
}

/** Median, with the quantiles `tail` and 1 − `tail`; 0 gives the smallest and the largest. */
export function bandOf(values: readonly number[], tail = 0): Band {
  return { middle: quantile(values, 0.5), low: quantile(values, tail), high: quantile(values, 1 - tail) };
}

/** Rounded to `digits` significant digits, for files. */
export function significant(x: number, digits = 6): number {
  return Number.isFinite(x) ? Number(x.toPrecision(digits)) : x;
}

/** A slope with its error. */
export interface Slope {
  /** Change of log y with log x. */
  readonly slope: number;
  /** From the residuals. */
  readonly standardError: number;
}

/**
 * Slope b of log √(mean e²) = a + b log x from squared errors e² repeated at each x: weighted least squares, a point's weight the
 * inverse of its variance Var(e²)/(4 R mean(e²)²) (delta method). Points must be independent of one another.
 */
export function logSlope(points: readonly { x: number; squared: readonly number[] }[]): Slope {
  let [w, wx, wy] = [0, 0, 0];
  const rows = points.map(({ x, squared }) => {
    const R = squared.length;
    const mean = squared.reduce((a, b) => a + b, 0) / R;
    const variance = squared.reduce((a, b) => a + (b - mean) ** 2, 0) / (R - 1);
    const row = { x: Math.log(x), y: Math.log(mean) / 2, weight: (4 * R * mean ** 2) / variance };
    w += row.weight;
    wx += row.weight * row.x;
    wy += row.weight * row.y;
    return row;
  });
  let [sxx, sxy] = [0, 0];
  for (const { x, y, weight } of rows) {
    sxx += weight * (x - wx / w) ** 2;
    sxy += weight * (x - wx / w) * (y - wy / w);
  }
  return { slope: sxy / sxx, standardError: Math.sqrt(1 / sxx) };
}
