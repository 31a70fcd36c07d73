/**
 * @module stats/moments
 *
 * Mean and central sums M2 = Σ(x−x̄)², M3 = Σ(x−x̄)³ of a stream in one pass, and of two streams from their own:
 * any partition of the data gives the same answer to rounding.
 *
 * With δ = mean_B − mean_A, n = n_A + n_B (P. Pébay, Sandia report SAND2008-6212, eqs 2.1–2.3, after Chan, Golub and
 * LeVeque 1979 and Welford 1962):
 *
 *   mean = mean_A + δ n_B/n
 *   M2   = M2_A + M2_B + δ² n_A n_B/n
 *   M3   = M3_A + M3_B + δ³ n_A n_B (n_A − n_B)/n² + 3δ (n_A M2_B − n_B M2_A)/n
 */

/** Everything needed to continue: plain numbers, fit for JSON. */
export interface MomentsState {
  /** Number of values n. */
  count: number;
  /** Their mean. */
  mean: number;
  /** M2 = Σ(x − mean)². */
  m2: number;
  /** M3 = Σ(x − mean)³. */
  m3: number;
}

/**
 * Count, mean and the second and third sums of deviations in one pass; merges without loss (Chan, Golub & LeVeque 1979).
 *
 * @example
 * ```ts
 * import { Moments } from 'fim/stats';
 *
 * const left = Moments.of([1, 2]);
 * const both = left.merge(Moments.of([3, 6]));
 * console.log(both.count, both.mean, both.m2); // 4 3 14
 * ```
 */
export class Moments implements MomentsState {
  /** Number of values n. */
  count = 0;
  /** Their mean. */
  mean = 0;
  /** M2 = Σ(x − mean)². */
  m2 = 0;
  /** M3 = Σ(x − mean)³. */
  m3 = 0;

  /** Continues from a state. */
  static from(state: MomentsState): Moments {
    return Object.assign(new Moments(), state);
  }

  /** The moments of the given values. */
  static of(values: Iterable<number>): Moments {
    const m = new Moments();
    for (const x of values) m.add(x);
    return m;
  }

  /** Takes one value. */
  add(x: number): void {
    this.combine(1, x, 0, 0);
  }

  /** Takes all values of another; the same as if they had been added here, to rounding. */
  merge(other: MomentsState): this {
    this.combine(other.count, other.mean, other.m2, other.m3);
    return this;
  }

  private combine(nb: number, meanB: number, m2b: number, m3b: number): void {
    if (nb === 0) return;
    const na = this.count;
    const n = na + nb;
    const d = meanB - this.mean;
    this.m3 += m3b + (d * d * d * na * nb * (na - nb)) / (n * n) + (3 * d * (na * m2b - nb * this.m2)) / n;
    this.m2 += m2b + (d * d * na * nb) / n;
    this.mean += (d * nb) / n;
    this.count = n;
  }

  /** All that it keeps, as numbers in a fixed order: what `restore` takes. */
  state(): number[] {
    return [this.count, this.mean, this.m2, this.m3];
  }

  /** Goes on from a state. */
  restore(state: ArrayLike<number>): this {
    [this.count, this.mean, this.m2, this.m3] = Array.from({ length: 4 }, (_, i) => state[i]);
    return this;
  }

  /** Σx. */
  get sum(): number {
    return this.mean * this.count;
  }

  /** M2/(n−1); NaN below two values. */
  get sampleVariance(): number {
    return this.count > 1 ? this.m2 / (this.count - 1) : NaN;
  }

  /** M2/n: the variance of these values as the whole population. */
  get populationVariance(): number {
    return this.m2 / this.count;
  }

  /** M3/n. */
  get thirdCentralMoment(): number {
    return this.m3 / this.count;
  }

  /** (M3/n)/(M2/n)^1.5; 0 where all values are equal. */
  get skewness(): number {
    return this.m2 === 0 ? 0 : (Math.sqrt(this.count) * this.m3) / this.m2 ** 1.5;
  }

  /** √(sample variance / n): the standard error of the mean over independent values. */
  get standardError(): number {
    return Math.sqrt(this.sampleVariance / this.count);
  }
}
