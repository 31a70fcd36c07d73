/**
 * @module stats/array-moments
 *
 * Mean and M2 of every element of an array-valued variable, from rows, from the sums Σf and Σf² that an engine
 * returns for a batch, or from another such record. Always float64. Formulas: `stats/moments`.
 *
 * From sums, M2 = Σf² − (Σf)²/n cancels: its relative error is about ε(1 + mean²/variance), ε the precision in which
 * the sums were made. `cancellation` says how bad that is; rows and centred sums do not have it.
 * Cost: two float64 an element, one pass a batch.
 */
import { invariant } from '../core/errors.js';
import type { FloatArray } from '../core/tensor.js';

/** Count, mean and sum of squared deviations of arrays, element by element, in one pass. */
export class ArrayMoments {
  /** Arrays so far. */
  count = 0;
  /** Mean of each element, [size]. */
  readonly mean: Float64Array;
  /** Σ(f − mean)² [size], unclipped: rounding may leave a tiny negative number, which only the outputs below hide. */
  readonly m2: Float64Array;

  constructor(
    /** Number of elements. */
    readonly size: number,
    /** Arrays that it goes on with, and changes; default zeros. */
    arrays: { readonly mean?: Float64Array; readonly m2?: Float64Array } = {},
  ) {
    this.mean = arrays.mean ?? new Float64Array(size);
    this.m2 = arrays.m2 ?? new Float64Array(size);
  }

  /** One more value of the variable: elements [size] of `row` from `offset` on. */
  addRow(row: FloatArray, offset = 0): void {
    const n = ++this.count;
    for (let i = 0; i < this.size; i++) {
      const d = row[offset + i] - this.mean[i];
      this.mean[i] += d / n;
      this.m2[i] += d * (row[offset + i] - this.mean[i]);
    }
  }

  /** `count` more values, known by their sum and sum of squares, each [size]. Without squares only the mean is kept right. */
  addSums(count: number, sum: FloatArray, squares?: FloatArray): void {
    this.fit(sum.length);
    if (squares) this.fit(squares.length);
    if (count === 0) return;
    const n = this.count + count;
    if (squares) mergeBoth(this.mean, this.m2, sum, squares, count, this.count);
    else mergeMeans(this.mean, sum, count, count / n);
    this.count = n;
  }

  /** Another record of the same variable, or a batch known by its mean and centred squares. */
  merge(other: { count: number; mean: FloatArray; m2: FloatArray }): this {
    this.fit(other.mean.length);
    if (other.count === 0) return this;
    const n = this.count + other.count;
    const factor = (this.count * other.count) / n;
    for (let i = 0; i < this.size; i++) {
      const d = other.mean[i] - this.mean[i];
      this.m2[i] += other.m2[i] + d * d * factor;
      this.mean[i] += (d * other.count) / n;
    }
    this.count = n;
    return this;
  }

  /** s² = M2/(n−1) per element [size], not below 0; NaN below two values. */
  sampleVariance(out = new Float64Array(this.size)): Float64Array {
    for (let i = 0; i < this.size; i++) {
      out[i] = this.count > 1 ? Math.max(0, this.m2[i]) / (this.count - 1) : NaN;
    }
    return out;
  }

  /**
   * Largest relative error that sums made in precision `epsilon` (float32: 2^-24) leave in a sample variance:
   * ε(1 + mean²/variance) over elements whose mean is not 0.
   */
  cancellation(epsilon: number): number {
    let worst = 0;
    for (let i = 0; i < this.size; i++) {
      if (this.mean[i] === 0) continue;
      const variance = this.m2[i] / this.count;
      const relative = variance > 0 ? epsilon * (1 + this.mean[i] ** 2 / variance) : Infinity;
      if (relative > worst) worst = relative;
    }
    return worst;
  }

  /**
   * Whether a batch's sums [size] blur the variance of some element: mean² of the batch > variance so far/limit, its own included, where `limit`
   * is the unit roundoff of the sums over the relative error that is left as it is. One value has no spread within.
   */
  blurredBy(count: number, sum: FloatArray, squares: FloatArray, limit: number): boolean {
    if (count < 2) return false;
    const { mean, m2 } = this;
    const factor = limit * (this.count + count);
    for (let i = 0; i < mean.length; i++) {
      const batchMean = sum[i] / count;
      const own = batchMean * batchMean;
      if (factor * own > m2[i] + squares[i] - count * own) return true;
    }
    return false;
  }

  /** `count` more values, known by their sum and their squares around its mean, each [size]. */
  addCentred(count: number, sum: FloatArray, centred: FloatArray): void {
    this.fit(sum.length);
    this.fit(centred.length);
    if (count === 0) return;
    mergeCentred(this.mean, this.m2, sum, centred, count, this.count);
    this.count += count;
  }

  /** The same of squares around the batch's mean [size]: mean² of the batch > variance so far/limit. */
  blurredAround(count: number, sum: FloatArray, centred: FloatArray, limit: number): boolean {
    if (this.count + count < 2) return false;
    const { m2 } = this;
    const factor = limit * (this.count + count);
    for (let i = 0; i < m2.length; i++) if (factor * (sum[i] / count) ** 2 > m2[i] + centred[i]) return true;
    return false;
  }

  /** A copy that goes its own way. */
  copy(): ArrayMoments {
    const { size, count, mean, m2 } = this;
    return Object.assign(new ArrayMoments(size, { mean: mean.slice(), m2: m2.slice() }), { count });
  }

  private fit(length: number): void {
    invariant(length === this.size, 'ArrayMoments', `takes arrays of ${this.size} elements, not ${length}`);
  }
}

// Loops over whole arrays by themselves, several elements a round, as compilers like them. What is left over comes first: code that is
// entered in the middle of a loop is thrown away at what follows, where that was never run.

/** Means and second central sums of two sets (`before` the values of the first), by the formula of `stats/moments`. */
function mergeBoth(
  mean: Float64Array,
  m2: Float64Array,
  sum: FloatArray,
  squares: FloatArray,
  count: number,
  before: number,
): void {
  // Of one value, what its square is off is rounding.
  if (count === 1) return mergeCentred(mean, m2, sum, new Float64Array(mean.length), 1, before);
  const { length } = mean;
  const factor = (before * count) / (before + count);
  const share = count / (before + count);
  const each = 1 / count;
  const odd = length % 2;
  for (let i = 0; i < odd; i++) {
    const p = sum[i] * each;
    const c = p - mean[i];
    m2[i] += squares[i] - sum[i] * p + c * c * factor;
    mean[i] += c * share;
  }
  for (let i = odd; i < length; i += 2) {
    const j = i + 1;
    const p = sum[i] * each;
    const q = sum[j] * each;
    const c = p - mean[i];
    const d = q - mean[j];
    m2[i] += squares[i] - sum[i] * p + c * c * factor;
    m2[j] += squares[j] - sum[j] * q + d * d * factor;
    mean[i] += c * share;
    mean[j] += d * share;
  }
}

function mergeCentred(
  mean: Float64Array,
  m2: Float64Array,
  sum: FloatArray,
  centred: FloatArray,
  count: number,
  before: number,
): void {
  const { length } = mean;
  const factor = (before * count) / (before + count);
  const share = count / (before + count);
  const each = 1 / count;
  const odd = length % 2;
  for (let i = 0; i < odd; i++) {
    const c = sum[i] * each - mean[i];
    m2[i] += centred[i] + c * c * factor;
    mean[i] += c * share;
  }
  for (let i = odd; i < length; i += 2) {
    const j = i + 1;
    const c = sum[i] * each - mean[i];
    const d = sum[j] * each - mean[j];
    m2[i] += centred[i] + c * c * factor;
    m2[j] += centred[j] + d * d * factor;
    mean[i] += c * share;
    mean[j] += d * share;
  }
}

function mergeMeans(mean: Float64Array, sum: FloatArray, count: number, share: number): void {
  const each = 1 / count;
  const { length } = mean;
  const one = length % 4;
  for (let i = 0; i < one; i++) mean[i] += (sum[i] * each - mean[i]) * share;
  for (let i = one; i < length; i += 4) {
    mean[i] += (sum[i] * each - mean[i]) * share;
    mean[i + 1] += (sum[i + 1] * each - mean[i + 1]) * share;
    mean[i + 2] += (sum[i + 2] * each - mean[i + 2]) * share;
    mean[i + 3] += (sum[i + 3] * each - mean[i + 3]) * share;
  }
}
