/**
 * @module stats/skewness
 *
 * The skewness of an estimate, from exact conditional moments: how far a normal interval can be trusted.
 *
 * An example contributes the mean of K draws, with mean f, variance 𝒱/K and third central moment κ₃/K² given x. Over x
 * and draws together (law of total cumulance) its central moments are
 *
 *   μ₂ = Var f + E𝒱/K,   μ₃ = μ₃(f) + 3 Cov(f, 𝒱)/K + Eκ₃/K²,
 *
 * and the mean of n such terms has skewness g = μ₃/μ₂^1.5/√n. Given the inputs, only the draws vary:
 * γ = (Σκ₃/K²)/(Σ𝒱/K)^1.5. A studentised 95 % interval then covers about 95 − 25 g² per cent.
 */
import { Moments } from './moments.js';

/** One pass over examples; merges. */
export class TotalSkewness {
  /** Moments of f over the examples. */
  readonly f = new Moments();
  /** Σ 𝒱(x), Σ κ₃(x), and the co-moment Σ(f − f̄)(𝒱 − 𝒱̄). */
  labelVariance = 0;
  /** Σ κ₃(x): third cumulants of the draws of one example. */
  labelThird = 0;
  private coMoment = 0;

  /** Takes one example: f(x), 𝒱(x) and κ₃(x). */
  add(value: number, labelVariance: number, labelThird: number): void {
    this.addCo(1, value, labelVariance, 0);
    this.f.add(value);
    this.labelVariance += labelVariance;
    this.labelThird += labelThird;
  }

  /** Takes all examples of another. */
  merge(other: TotalSkewness): this {
    if (other.f.count === 0) return this;
    this.addCo(other.f.count, other.f.mean, other.labelVariance / other.f.count, other.coMoment);
    this.f.merge(other.f);
    this.labelVariance += other.labelVariance;
    this.labelThird += other.labelThird;
    return this;
  }

  private addCo(nb: number, mean: number, meanVariance: number, co: number): void {
    const na = this.f.count;
    if (na > 0) {
      const d = mean - this.f.mean;
      this.coMoment += (d * (meanVariance - this.labelVariance / na) * na * nb) / (na + nb);
    }
    this.coMoment += co;
  }

  /** γ of the estimate given its inputs, K draws each; 0 without label variance. */
  ofDraws(draws: number): number {
    return ratio(this.labelThird / (draws * draws), this.labelVariance / draws);
  }

  /** g of the estimate over inputs and draws together, for a mean over `examples` (default: as many as were added). */
  overall(draws: number, examples = this.f.count): number {
    const n = this.f.count;
    const second = this.f.m2 / n + this.labelVariance / n / draws;
    const third = this.f.m3 / n + (3 * this.coMoment) / n / draws + this.labelThird / n / draws ** 2;
    return ratio(third, second) / Math.sqrt(examples);
  }
}

function ratio(third: number, second: number): number {
  return second > 0 ? third / second ** 1.5 : 0;
}
