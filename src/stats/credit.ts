/**
 * @module stats/credit
 *
 * Credit of a correction for bias that may be of either sign by chance (theory (18.5)): with b the correction and SE² = var + D² its
 * jackknife's error,
 *
 *   credited: c·b, c = b²/(b² + SE²);   remaining: the larger of |D| and (1 − c)|b|
 *
 * so that a correction well beyond its error is made whole, and one within it hardly at all, at the price of an interval that reaches as far as it.
 */
import type { JackknifePart } from './draw-part.js';

/** The part of the correction that is made, and what it leaves. */
export function credited({ bias, variance, remaining }: JackknifePart): JackknifePart {
  const error = variance + remaining ** 2;
  const share = bias === 0 ? 1 : bias ** 2 / (bias ** 2 + error);
  const left = Math.max(Math.abs(remaining), (1 - share) * Math.abs(bias));
  return { bias: share * bias, variance, remaining: left };
}
