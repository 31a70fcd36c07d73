/**
 * @module stats/erfc
 *
 * The complementary error function to about 1e-15 of its own size, also far in the tail, where 1 − erf x is lost.
 *
 * |x| < 1: 1 − erf x; x ≥ 1: erfc x = (e^(−x²)/√π) · 1/(x + ½/(x + 1/(x + 3/2/(x + …)))) (DLMF 7.9.1), from its far end,
 * where n = 200/x² + 10 terms leave e^(−2x√(2n)) < 1e-17.
 */
import { erf } from '../core/numeric.js';

const ROOT_PI = 1.772453850905516;

/** erfc x = (2/√π) ∫_x^∞ e^(−t²) dt. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < -1) return 2 - erfc(-x);
  if (x < 1) return 1 - erf(x);
  if (x > 27.3) return 0;
  let tail = x;
  for (let n = Math.ceil(200 / (x * x)) + 10; n > 0; n--) tail = x + n / 2 / tail;
  return exponentialOfSquare(x) / (ROOT_PI * tail);
}

/** e^(−x²) with x² split so that its rounding (up to 700 ulp of the result) does not enter. */
function exponentialOfSquare(x: number): number {
  const coarse = Math.round(x * 64) / 64;
  return Math.exp(-coarse * coarse) * Math.exp(-(x - coarse) * (x + coarse));
}
