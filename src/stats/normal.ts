/**
 * @module stats/normal
 *
 * The standard normal: Φ(x) = ½ erfc(−x/√2), its quantile (Wichura's AS 241, in core) and its density.
 */
import { erfc } from './erfc.js';

export { normalQuantile } from '../core/random-normal.js';

/** Φ(x), to about 2e-16·max(5, x²) of its own size. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

/** φ(x) = e^(−x²/2)/√(2π). */
export function normalDensity(x: number): number {
  return 0.3989422804014327 * Math.exp(-0.5 * x * x);
}
