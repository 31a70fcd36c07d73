/**
 * @module stats/weighted-moments
 *
 * Moments of a weighted mean F = Σ ωf / Σ ω with known weights, in one pass, merging. The error of F is that of a ratio (W. G. Cochran,
 * Sampling Techniques, 3rd ed. 1977, §6.4, with the weights as the denominator): its terms are u = ω(f − F), which sum to 0, and over n
 * examples of weight above 0
 *
 *   SE² = n/(n − 1) · Σ ω²(f − F)² / (Σ ω)².
 *
 * `sampleVariance` is n·SE², so that equal weights give that of stats/moments. What a pass keeps are Σω, and around the running F the
 * sums Σω²(f − F)^j, j ≤ 2, and Σω³(f − F)^j, j ≤ 3; a move of F by d turns them by the binomial theorem. Values are given as t = ωf.
 */
import { invariant } from '../core/errors.js';
import type { FloatArray } from '../core/tensor.js';
import { ArrayMoments } from './array-moments.js';
import { Moments } from './moments.js';

/** Of one number. `m2`, `m3`: Σ ω²(f − F)², Σ ω³(f − F)³. `count`: examples of weight above 0. */
export class WeightedMoments extends Moments {
  /** Σ ω. */
  weight = 0;
  /** Σ ω², Σ ω²(f − F). */
  private readonly second = new Float64Array(2);
  /** Σ ω³, Σ ω³(f − F), Σ ω³(f − F)². */
  private readonly third = new Float64Array(3);

  /** One more example: its term ωf and its weight. */
  addTerm(t: number, weight: number): void {
    if (weight === 0) return;
    const f = t / weight;
    this.weight += weight;
    this.count += 1;
    this.moveTo(this.mean + ((f - this.mean) * weight) / this.weight);
    const r = f - this.mean;
    const w2 = weight * weight;
    const w3 = w2 * weight;
    this.second[0] += w2;
    this.second[1] += w2 * r;
    this.m2 += w2 * r * r;
    this.third[0] += w3;
    this.third[1] += w3 * r;
    this.third[2] += w3 * r * r;
    this.m3 += w3 * r * r * r;
  }

  override add(x: number): void {
    this.addTerm(x, 1);
  }

  /** Another record of the same variable, which is left as it was. */
  override merge(other: WeightedMoments): this {
    if (other.count === 0) return this;
    const moved = other.copy();
    const weight = this.weight + moved.weight;
    const mean = this.mean + ((moved.mean - this.mean) * moved.weight) / weight;
    this.moveTo(mean);
    moved.moveTo(mean);
    this.weight = weight;
    this.count += moved.count;
    this.m2 += moved.m2;
    this.m3 += moved.m3;
    for (let i = 0; i < 2; i++) this.second[i] += moved.second[i];
    for (let i = 0; i < 3; i++) this.third[i] += moved.third[i];
    return this;
  }

  override state(): number[] {
    return [...super.state(), this.weight, ...this.second, ...this.third];
  }

  override restore(state: ArrayLike<number>): this {
    super.restore(state);
    this.weight = state[4];
    for (let i = 0; i < 2; i++) this.second[i] = state[5 + i];
    for (let i = 0; i < 3; i++) this.third[i] = state[7 + i];
    return this;
  }

  private copy(): WeightedMoments {
    const { count, mean, m2, m3, weight } = this;
    const made = Object.assign(new WeightedMoments(), { count, mean, m2, m3, weight });
    made.second.set(this.second);
    made.third.set(this.third);
    return made;
  }

  private moveTo(mean: number): void {
    const d = mean - this.mean;
    if (d === 0) return;
    const { second: s, third: t } = this;
    this.m2 += d * (d * s[0] - 2 * s[1]);
    s[1] -= d * s[0];
    this.m3 += d * (d * (3 * t[1] - d * t[0]) - 3 * t[2]);
    t[2] += d * (d * t[0] - 2 * t[1]);
    t[1] -= d * t[0];
    this.mean = mean;
  }

  /** n·SE²; NaN below two values. */
  override get sampleVariance(): number {
    const n = this.count;
    return n > 1 ? ((n / this.weight) ** 2 * this.m2) / (n - 1) : NaN;
  }

  /** Of the terms ω(f − F); 0 where all are 0. */
  override get skewness(): number {
    return this.m2 === 0 ? 0 : (Math.sqrt(this.count) * this.m3) / this.m2 ** 1.5;
  }
}

/** Weights of a batch: Σω, Σω², and how many are above 0. */
export interface WeightSums {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

/** Of every element of an array. `m2`: Σ ω²(f − F)². Cost: three float64 an element. */
export class WeightedArrayMoments extends ArrayMoments {
  /** Σ ω, Σ ω². */
  weight = 0;
  squares = 0;
  /** Σ ω²(f − F). */
  readonly lean: Float64Array;

  /** Without examples, or going on with arrays that it changes. */
  constructor(
    size: number,
    arrays: { readonly mean?: Float64Array; readonly m2?: Float64Array; readonly lean?: Float64Array } = {},
  ) {
    super(size, arrays);
    this.lean = arrays.lean ?? new Float64Array(size);
  }

  /** A batch, known by Σωf, Σω²f and Σω²f². Without the last two only the mean is kept right. */
  addTerms(w: WeightSums, sum: FloatArray, linear?: FloatArray, squared?: FloatArray): void {
    invariant(
      sum.length === this.size,
      'WeightedArrayMoments',
      `takes ${this.size} elements, not ${sum.length}`,
    );
    if (w.count === 0) return;
    const { mean, m2, lean, squares } = this;
    const weight = this.weight + w.sum;
    for (let i = 0; i < mean.length; i++) {
      const own = sum[i] / w.sum;
      const next = mean[i] + ((own - mean[i]) * w.sum) / weight;
      if (linear && squared) {
        const batchLean = linear[i] - own * w.squares;
        const batchM2 = squared[i] - own * (linear[i] + batchLean);
        const d = next - mean[i];
        const e = next - own;
        m2[i] += d * (d * squares - 2 * lean[i]) + batchM2 + e * (e * w.squares - 2 * batchLean);
        lean[i] += batchLean - d * squares - e * w.squares;
      }
      mean[i] = next;
    }
    this.weight = weight;
    this.squares += w.squares;
    this.count += w.count;
  }

  /** As `blurredBy`, of Σω²(f − F)². */
  blurredByTerms(
    w: WeightSums,
    sum: FloatArray,
    linear: FloatArray,
    squared: FloatArray,
    limit: number,
  ): boolean {
    if (w.count < 2) return false;
    const { m2, squares } = this;
    const factor = limit * (squares + w.squares);
    for (let i = 0; i < m2.length; i++) {
      const own = sum[i] / w.sum;
      const batchM2 = squared[i] - own * (2 * linear[i] - own * w.squares);
      if (factor * own * own > m2[i] + batchM2) return true;
    }
    return false;
  }

  override copy(): WeightedArrayMoments {
    const { size, count, weight, squares, mean, m2, lean } = this;
    const arrays = { mean: mean.slice(), m2: m2.slice(), lean: lean.slice() };
    return Object.assign(new WeightedArrayMoments(size, arrays), { count, weight, squares });
  }

  /** Another record of the same variable, which is left as it was: both are moved to the common mean. */
  override merge(other: WeightedArrayMoments): this {
    if (other.count === 0) return this;
    const { mean, m2, lean, squares } = this;
    const weight = this.weight + other.weight;
    for (let i = 0; i < mean.length; i++) {
      const next = mean[i] + ((other.mean[i] - mean[i]) * other.weight) / weight;
      const d = next - mean[i];
      const e = next - other.mean[i];
      m2[i] += d * (d * squares - 2 * lean[i]) + other.m2[i] + e * (e * other.squares - 2 * other.lean[i]);
      lean[i] += other.lean[i] - d * squares - e * other.squares;
      mean[i] = next;
    }
    this.weight = weight;
    this.squares += other.squares;
    this.count += other.count;
    return this;
  }

  /** (Σω)²/Σω²: how many examples of equal weight would know as much. */
  get effective(): number {
    return this.count === 0 ? 0 : this.weight ** 2 / this.squares;
  }

  /** n·SE² per element, not below 0; NaN below two values. */
  override sampleVariance(out = new Float64Array(this.size)): Float64Array {
    const n = this.count;
    const factor = n > 1 ? (n / this.weight) ** 2 / (n - 1) : NaN;
    for (let i = 0; i < this.size; i++) out[i] = factor * Math.max(0, this.m2[i]);
    return out;
  }

  /** ε(1 + F² Σω² / Σω²(f − F)²), the largest over elements whose mean is not 0. */
  override cancellation(epsilon: number): number {
    let worst = 0;
    for (let i = 0; i < this.size; i++) {
      if (this.mean[i] === 0) continue;
      const relative =
        this.m2[i] > 0 ? epsilon * (1 + (this.mean[i] ** 2 * this.squares) / this.m2[i]) : Infinity;
      if (relative > worst) worst = relative;
    }
    return worst;
  }
}
