/**
 * @module fisher/forms/diagonal/totals
 *
 * Errors of totals: the trace over a tensor, a layer, the network. Parameters of one example are correlated, so a total is a
 * variable of its own, f_x = Σ_i f_xi with the variance 𝒱(x) and third central moment μ3(x) of one draw. Sums over examples that
 * merge; from them the error (stats/errors) and the skewness of the estimator,
 *
 *   term = mean of K draws at x,  E(term − μ)³ = E[μ3/K² + 3(f − μ)𝒱/K + (f − μ)³],  g = E(term − μ)³ / Var(term)^1.5 / √n.
 */
import { Moments } from '../../../stats/moments.js';
import { WeightedMoments } from '../../../stats/weighted-moments.js';
import type { Trail } from './trail.js';

export class TotalSums {
  /** Of f_x (or of the K-means). */
  readonly f: Moments = new Moments();
  /** Σ 𝒱(x). */
  label = 0;
  /** Σ μ3(x). */
  third = 0;
  /** Σ f_x 𝒱(x). */
  cross = 0;
  /** Σ of the part of f_x that exact columns gave beside draws: of the examples, a lower bound that no draw enters. */
  exact = 0;
  /** Its terms in order, where they are kept. */
  trail: Trail | null = null;

  /** One example. `weight`: of the example, whose f, 𝒱 and μ3 then carry it in the powers 1, 2 and 3 (WeightedTotals). */
  add(f: number, variance = 0, third = 0, weight = 1): void {
    this.f.add(f);
    this.label += variance;
    this.third += third;
    this.cross += f * variance;
    this.trail?.push(f / weight);
  }

  merge(other: TotalSums): void {
    this.f.merge(other.f);
    this.label += other.label;
    this.third += other.third;
    this.cross += other.cross;
    this.exact += other.exact;
    if (this.trail && other.trail) this.trail.merge(other.trail);
  }

  /** All that it keeps, as numbers in a fixed order: what `restore` takes. */
  state(): number[] {
    return [this.label, this.third, this.cross, this.exact, ...this.f.state()];
  }

  restore(state: ArrayLike<number>): this {
    [this.label, this.third, this.cross, this.exact] = [state[0], state[1], state[2], state[3]];
    this.f.restore(Array.from(state).slice(4));
    return this;
  }

  /** Σ 𝒱(x) as the error of a mean of n examples takes it. */
  get labelSum(): number {
    return this.label;
  }

  /** Skewness of the mean over the examples of K draws each; `fixed` inputs leave only the draws. */
  skewness(draws: number, fixed: boolean): number {
    const n = this.f.count;
    if (n === 0) return 0;
    const k = Math.max(1, draws);
    const within = this.label / n / k;
    const withinThird = this.third / n / (k * k);
    const between = fixed ? 0 : this.f.m2 / n;
    const betweenThird = fixed ? 0 : this.f.m3 / n + (3 * (this.cross - this.f.mean * this.label)) / n / k;
    const variance = within + between;
    return variance > 0 ? (withinThird + betweenThird) / variance ** 1.5 / Math.sqrt(n) : 0;
  }
}

/** Sums for a mean with weights of the examples (fisher/example-weights): terms come as ωf, ω²𝒱, ω³μ3. */
export class WeightedTotals extends TotalSums {
  override readonly f = new WeightedMoments();
  /** Σ ω³𝒱. */
  private tilt = 0;

  override add(f: number, variance = 0, third = 0, weight = 1): void {
    this.f.addTerm(f, weight);
    this.label += variance;
    this.third += third;
    this.cross += f * variance;
    this.tilt += weight * variance;
  }

  override merge(other: WeightedTotals): void {
    super.merge(other);
    this.tilt += other.tilt;
  }

  override state(): number[] {
    return [this.label, this.third, this.cross, this.exact, this.tilt, ...this.f.state()];
  }

  override restore(state: ArrayLike<number>): this {
    [this.label, this.third, this.cross, this.exact, this.tilt] = Array.from(state).slice(0, 5);
    this.f.restore(Array.from(state).slice(5));
    return this;
  }

  override get labelSum(): number {
    return this.f.count === 0 ? 0 : (this.f.count / this.f.weight) ** 2 * this.label;
  }

  /** Of Σ ω(mean of K draws − F), whose terms have the second and third moments ω²𝒱/K + ω²(f − F)² and so on. */
  override skewness(draws: number, fixed: boolean): number {
    if (this.f.count === 0) return 0;
    const k = Math.max(1, draws);
    const variance = this.label / k + (fixed ? 0 : this.f.m2);
    const cross = 3 * (this.cross - this.f.mean * this.tilt);
    const third = this.third / (k * k) + (fixed ? 0 : this.f.m3 + cross / k);
    return variance > 0 ? third / variance ** 1.5 : 0;
  }
}

/** Sums that also keep each example's numbers, so that totals over parts estimated differently can be formed afterwards. */
export class RecordingTotals extends TotalSums {
  readonly values: number[] = [];
  readonly variances: number[] = [];
  readonly thirds: number[] = [];
  readonly weights: number[] = [];

  override add(f: number, variance = 0, third = 0, weight = 1): void {
    super.add(f, variance, third);
    this.weights.push(weight);
    this.values.push(f);
    this.variances.push(variance);
    this.thirds.push(third);
  }

  /** The total of parts whose draws are independent given the inputs, over the same examples in the same order. */
  static together(parts: readonly RecordingTotals[], weighted = false): TotalSums {
    const total = weighted ? new WeightedTotals() : new TotalSums();
    const n = parts[0]?.values.length ?? 0;
    const sum = (x: number, of: (p: RecordingTotals) => readonly number[]) =>
      parts.reduce((s, p) => s + of(p)[x], 0);
    for (let x = 0; x < n; x++) {
      total.add(
        sum(x, (p) => p.values),
        sum(x, (p) => p.variances),
        sum(x, (p) => p.thirds),
        parts[0].weights[x],
      );
    }
    return total;
  }
}
