/**
 * @module studies/variance/gamma-draws
 *
 * Estimates as their standard errors say they would come out: each entry independent of the others, Gamma distributed with the exact
 * value as its mean and the predicted variance, since a type-1 estimate is not negative. What a use of the Fisher does with such draws
 * is what the errors predict of it.
 */
import type { Sequence } from 'fim/core';

/** One draw: entry i has mean[i] and variance[i]. */
export function gammaDraws(mean: Float64Array, variance: Float64Array, random: Sequence): Float64Array {
  return mean.map((m, i) => {
    const v = variance[i];
    return m > 0 && v > 0 ? (gammaDraw((m * m) / v, random) * v) / m : m;
  });
}

/** Gamma(shape, 1), by Marsaglia and Tsang, ACM Trans. Math. Softw. 26 (2000); below 1 by their boost Γ(k) = Γ(k+1) U^{1/k}. */
export function gammaDraw(shape: number, random: Sequence): number {
  if (shape < 1) return gammaDraw(shape + 1, random) * random.next() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
