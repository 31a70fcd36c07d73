/**
 * @module stats/gamma-quantile
 *
 * The inverse of P(a, ·): the x at which a gamma variable of shape a and rate 1 has P(a, x) = u. Halley's steps on the smaller of
 * the two tails (W. Press et al., Numerical Recipes, 3rd ed., §6.2.1) inside a shrinking bracket, from Wilson and Hilferty's cube
 * of a normal or the tail's leading power. To about 1e-14 relative to x, as far as u itself decides x. About ten evaluations of P.
 */
import { normalQuantile } from '../core/random-normal.js';
import { logGamma } from './gamma.js';
import { gammaFactor, incompleteGamma } from './incomplete-gamma.js';

/** The quantile for a > 0, u in (0, 1); at least the smallest normal number, which small shapes would fall below. */
export function gammaQuantile(a: number, u: number): number {
  if (!(a > 0 && u >= 0 && u <= 1)) return NaN;
  if (u === 0) return 0;
  if (u === 1) return Infinity;
  const least = 2.2250738585072014e-308;
  // P = xᵃ/Γ(a + 1) (1 − O(x)).
  const power = Math.exp((Math.log(u) + logGamma(a + 1)) / a);
  if (power < 1e-17) return Math.max(power, least);
  let low = 0;
  let high = Infinity;
  let x = firstGuess(a, u, power);
  for (let step = 0; step < 60; step++) {
    const { lower, upper } = incompleteGamma(a, x);
    const off = u <= 0.5 ? lower - u : 1 - u - upper;
    if (off > 0) high = x;
    else low = x;
    const t = (off * x) / gammaFactor(a, x);
    let next = x - t / (1 - 0.5 * Math.min(1, t * ((a - 1) / x - 1)));
    if (!(next > low && next < high)) {
      next = high === Infinity ? 2 * x : 0.5 * (low + high);
      if (Math.abs(t) <= 1e-15 * x) return x;
    }
    if (Math.abs(next - x) <= 4e-16 * x) return Math.max(next, least);
    x = next;
  }
  return x;
}

function firstGuess(a: number, u: number, power: number): number {
  if (a <= 1) {
    if (u < 0.5) return power;
    const t = 1 - a * (0.253 + 0.12 * a);
    return u < t ? (u / t) ** (1 / a) : 1 - Math.log((1 - u) / (1 - t));
  }
  const cube = 1 - 1 / (9 * a) + normalQuantile(u) / (3 * Math.sqrt(a));
  const guess = a * cube ** 3;
  return cube > 0.2 ? guess : Math.min(power, a);
}
