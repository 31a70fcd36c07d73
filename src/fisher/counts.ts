/**
 * @module fisher/counts
 *
 * Counts of the examples that went in, their weights, and what is summed beside every form: labels off the mode, and doubts.
 */
import type { WeightSums } from '../stats/weighted-moments.js';

/** Sums over the examples of a run, or of a group of them. */
export class Counts {
  /** Those of weight above 0. */
  examples = 0;
  /** Σ ω and Σ ω² over them; the number of examples where they are not weighted. */
  weight = 0;
  weightSquares = 0;
  /** Expected number of labels off the mode, per draw; null for a density. */
  offMode: number | null = 0;
  /** Examples on which doubts were measured, and their weight. */
  doubtExamples = 0;
  doubtWeight = 0;
  /** Of each doubt. */
  readonly doubts: Float64Array;

  constructor(doubts: number) {
    this.doubts = new Float64Array(doubts);
  }

  /** n examples, with what their labels are expected to be off the mode. */
  add(n: number, weights: WeightSums | null, offMode: number | null): void {
    this.offMode = offMode === null || this.offMode === null ? null : this.offMode + offMode;
    this.examples += weights?.count ?? n;
    this.weight += weights?.sum ?? n;
    this.weightSquares += weights?.squares ?? n;
  }

  /** n examples whose doubts were measured. */
  addMeasured(n: number, weights: WeightSums | null): void {
    this.doubtExamples += n;
    this.doubtWeight += weights?.sum ?? n;
  }

  /** The same counts, apart. */
  copy(): Counts {
    return Counts.fromArrays(this.toArrays());
  }

  /** As arrays: the numbers in their order here (NaN for a density), and the doubts. */
  toArrays(): { counts: Float64Array; doubts: Float64Array } {
    const { examples, weight, weightSquares, offMode, doubtExamples, doubtWeight, doubts } = this;
    const numbers = [examples, weight, weightSquares, offMode ?? NaN, doubtExamples, doubtWeight];
    return { counts: Float64Array.from(numbers), doubts };
  }

  /** From their arrays, which are copied. */
  static fromArrays({ counts, doubts }: Readonly<Record<string, Float64Array>>): Counts {
    const [examples, weight, weightSquares, offMode, doubtExamples, doubtWeight] = counts;
    const made = new Counts(doubts.length);
    made.doubts.set(doubts);
    const mode = Number.isNaN(offMode) ? null : offMode;
    return Object.assign(made, {
      examples,
      weight,
      weightSquares,
      offMode: mode,
      doubtExamples,
      doubtWeight,
    });
  }

  /** Adds those of other examples. */
  merge(other: Counts): void {
    this.offMode = other.offMode === null || this.offMode === null ? null : this.offMode + other.offMode;
    for (const key of ['examples', 'weight', 'weightSquares', 'doubtExamples', 'doubtWeight'] as const)
      this[key] += other[key];
    other.doubts.forEach((d, i) => (this.doubts[i] += d));
  }
}
