/**
 * @module linalg/two-poles
 *
 * Steps of the search for a root of a secular function between two of its poles: the function is taken for c + s/(p − x) + r/(q − x), which has
 * its value and the derivatives of its two halves, those of the poles up to p and from q on. Brackets hold what a step must not leave.
 * Source: Bunch, Nielsen & Sorensen 1978, "Rank-one modification of the symmetric eigenproblem", §4.
 */

/** A function at 0 by its value and the derivatives of its halves, before and behind the gap. */
export interface Halves {
  readonly value: number;
  readonly before: number;
  readonly behind: number;
}

/** x of the root of least size, in the form without cancellation; p and q are the distances of the two poles. NaN where there is none. */
export function twoPoleStep({ value, before, behind }: Halves, p: number, q: number): number {
  const s = before * p * p;
  const r = behind * q * q;
  const c = value - before * p - behind * q;
  // c(p−x)(q−x) + s(q−x) + r(p−x) = 0
  const b = -(c * (p + q) + s + r);
  const a0 = value * p * q;
  const root = Math.sqrt(Math.max(0, b * b - 4 * c * a0));
  const h = -0.5 * (b + (b >= 0 ? root : -root));
  return h === 0 ? NaN : a0 / h;
}

/** The middle of a bracket on one side of 0: the geometric one where it spans orders of magnitude. */
export function between(low: number, high: number): number {
  if (low === 0) return high * 1e-3;
  if (high === 0) return low * 1e-3;
  const ratio = low / high;
  if (ratio < 0.1 || ratio > 10) return Math.sign(low) * Math.sqrt(Math.abs(low)) * Math.sqrt(Math.abs(high));
  return (low + high) / 2;
}
