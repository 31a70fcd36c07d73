/** Many z-tests at once: who failed, who was too skewed to be asked. */
import { repeatsFor, Z_LIMIT, zScore } from '../../src/stats/index.js';
import { Moments } from '../../src/stats/index.js';
import type { MeanAndVariance } from './sampled.js';

/** Relative variance that rounding leaves. */
const ROUNDING = 1e-24;

export class ZTests {
  tested = 0;
  readonly failed: string[] = [];
  readonly skewed: string[] = [];

  /** The mean of independent `values` against their law. Skewness is measured unless it is known. */
  mean(
    name: string,
    values: readonly number[],
    law: MeanAndVariance,
    scale: number,
    skewness?: number,
  ): void {
    const m = Moments.of(values);
    if (law.variance > 0 && repeatsFor(skewness ?? m.skewness) > values.length) this.skewed.push(name);
    else this.one(name, m.mean, law.mean, law.variance / values.length, scale);
  }

  /** One number against its mean, with a known variance; without one they agree to 1e-10 of the mean or, for 0, of `scale`. */
  one(name: string, got: number, want: number, variance: number, scale: number): void {
    this.tested++;
    const known = variance > ROUNDING * want ** 2;
    const off = got - want;
    const z = known
      ? zScore(got, want, Math.sqrt(variance))
      : (Z_LIMIT * off) / (1e-10 * Math.max(Math.abs(want), scale) || 1);
    if (!(Math.abs(z) <= Z_LIMIT)) this.failed.push(`${name}: ${got} against ${want}, z = ${z.toFixed(2)}`);
  }
}
