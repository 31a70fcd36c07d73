/**
 * @module fisher/forms/diagonal/tensor-sums
 *
 * Sums that one pass accumulates for one tensor: moments of the per-example values f_x, the sum of the label variances and the
 * largest of both along rows and columns (stats/peaks), in float64, merged batch by batch.
 */
import { type FloatArray, sizeOf } from '../../../core/tensor.js';
import { ArrayMoments } from '../../../stats/array-moments.js';
import { Peaks } from '../../../stats/peaks.js';
import { WeightedArrayMoments, type WeightSums } from '../../../stats/weighted-moments.js';
import type { PassResult } from './pass.js';

/** What a pass over a batch gives for each tensor. */
export type TensorResult = Pick<
  PassResult,
  | 'sum'
  | 'linear'
  | 'squares'
  | 'centred'
  | 'label'
  | 'terms'
  | 'deviations'
  | 'tiltedSquares'
  | 'tiltedLabel'
>;

/** Σ uf² and Σ u𝒱 of weighted visits, by entry. */
export interface Tilt {
  readonly squares: Float64Array;
  readonly label: Float64Array;
}

/** Sums of a tensor's entries as plain arrays, each in its shape. */
export interface TensorArrays {
  readonly mean?: Float64Array;
  readonly m2?: Float64Array;
  readonly label?: Float64Array;
  /** Σω²(f − F) of weighted examples. */
  readonly lean?: Float64Array;
  /** Largest |f| of each row and column. */
  readonly termRows?: Float64Array;
  readonly termColumns?: Float64Array;
  /** Largest √𝒱 of each row and column. */
  readonly deviationRows?: Float64Array;
  readonly deviationColumns?: Float64Array;
}

export class TensorSums {
  /** Of f_x, per parameter. */
  readonly f: ArrayMoments;
  /** Σ_x 𝒱(x), per parameter. */
  readonly label: Float64Array;
  /** The largest |f_x|, with the weights of examples in them. */
  readonly terms: Peaks;
  /** The largest √𝒱(x). */
  readonly deviations: Peaks;
  /** Whether its terms hold draws at all: by layers, some do not. */
  drawn = true;
  /** Of weighted visits for a distribution; else null. */
  tilt: Tilt | null = null;

  /** Unit roundoff of the sums that it is given; 0: as if they were exact. */
  epsilon = 0;
  /** Whether the batch that was added last leaves its spread uncertain, until `settle`. */
  uncertain = false;
  /** What the spread comes from where some batches were settled. */
  private settled: ArrayMoments | null = null;

  constructor(
    readonly name: string,
    shape: readonly number[],
    /** Divisor of a variance over draws: K/(K − 1) where its weights are 1/K, else 1. */
    private readonly labelScale = 1,
    weighted = false,
    /** What it goes on with, and changes; default zeros. */
    arrays: TensorArrays = {},
    /** Whether the largest of rows and columns are kept. */
    covering = true,
  ) {
    const size = sizeOf(shape);
    const { termRows, termColumns, deviationRows, deviationColumns } = arrays;
    const peaked = covering ? shape : [1, 1];
    this.terms = new Peaks(peaked, { rows: termRows, columns: termColumns });
    this.deviations = new Peaks(peaked, { rows: deviationRows, columns: deviationColumns });
    this.f = weighted ? new WeightedArrayMoments(size, arrays) : new ArrayMoments(size, arrays);
    this.label = arrays.label ?? new Float64Array(size);
  }

  /** A batch of n examples; `weights` where they are weighted, and f and its squares carry them. */
  add(n: number, result: TensorResult, weights: WeightSums | null = null): void {
    const squares = result.squares(this.name) ?? undefined;
    const sum = result.sum(this.name) ?? new Float64Array(this.f.size);
    const centred = result.centred(this.name) ?? undefined;
    this.addMoments({ n, weights, sum, linear: result.linear(this.name) ?? undefined, squares, centred });
    const terms = result.terms(this.name);
    if (terms) this.terms.add(terms);
    const deviations = result.deviations(this.name);
    if (deviations) this.deviations.add(deviations, Math.sqrt(this.labelScale));
    const { label, labelScale, tilt } = this;
    addScaled(label, result.label(this.name), labelScale);
    if (tilt) addScaled(tilt.squares, result.tiltedSquares(this.name), 1);
    if (tilt) addScaled(tilt.label, result.tiltedLabel(this.name), labelScale);
  }

  /** Σ 𝒱(x) as the error of a mean of n examples takes it. */
  labelSums(): Float64Array {
    if (!(this.f instanceof WeightedArrayMoments) || this.f.count === 0) return this.label;
    const factor = (this.f.count / this.f.weight) ** 2;
    return this.label.map((v) => factor * v);
  }

  /** What Σ f is divided by: the number of examples, or their weight. */
  get divisor(): number {
    return this.f instanceof WeightedArrayMoments ? this.f.weight : this.f.count;
  }

  /** Adds the sums of other examples. */
  merge(other: TensorSums): void {
    this.settled = null;
    this.f.merge(other.f);
    this.terms.merge(other.terms);
    this.deviations.merge(other.deviations);
    addScaled(this.label, other.label, 1);
    if (!this.tilt || !other.tilt) return;
    addScaled(this.tilt.squares, other.tilt.squares, 1);
    addScaled(this.tilt.label, other.tilt.label, 1);
  }

  /** The same sums, apart; they take no batch any more. */
  copy(): TensorSums {
    const weighted = this.f instanceof WeightedArrayMoments;
    const made = new TensorSums(this.name, [this.f.size], 1, weighted, {}, false);
    Object.assign(made, { f: this.f.copy(), label: this.label.slice(), drawn: this.drawn });
    return made;
  }

  /** Replaces what the last batch added to the spread of f_x by that of a more precise pass over the same examples. */
  settle(exact: TensorSums): void {
    this.uncertain = false;
    if (!this.settled) return;
    this.settled.merge(exact.f);
    this.takeSpread(this.settled);
  }

  private addMoments(batch: BatchSums): void {
    const { f, epsilon } = this;
    this.uncertain = epsilon > 0 && blurs(f, batch, epsilon);
    if (this.uncertain) this.settled ??= f.copy();
    addBatch(f, batch);
    if (this.uncertain || !this.settled) return;
    addBatch(this.settled, batch);
    this.takeSpread(this.settled);
  }

  private takeSpread(from: ArrayMoments): void {
    this.f.m2.set(from.m2);
    if (this.f instanceof WeightedArrayMoments) this.f.lean.set((from as WeightedArrayMoments).lean);
  }
}

/** Largest relative error of a data variance that is left as it is. */
const TOLERANCE = 1e-3;
/** Roundings of a term f itself, which are all that squares around a mean are blurred by. */
const ROUNDINGS = 4;
/** Terms from which on equal ones are no chance among some million entries. */
const SURE = 8;

/** Sums of a batch: Σf, Σω²f, Σf² or Σ(f − f̄)² of one tensor. */
interface BatchSums {
  readonly n: number;
  readonly weights: WeightSums | null;
  readonly sum: FloatArray;
  readonly linear: FloatArray | undefined;
  readonly squares: FloatArray | undefined;
  /** Σ(f − f̄)² in place of Σf². */
  readonly centred: FloatArray | undefined;
}

function addBatch(f: ArrayMoments, { n, weights, sum, linear, squares, centred }: BatchSums): void {
  if (f instanceof WeightedArrayMoments) f.addTerms(weights as WeightSums, sum, linear, squares);
  else if (centred) f.addCentred(n, sum, centred);
  else f.addSums(n, sum, squares);
}

/** Whether the sums leave some variance uncertain. */
function blurs(f: ArrayMoments, batch: BatchSums, epsilon: number): boolean {
  const { n, weights, sum, linear, squares, centred } = batch;
  if (centred)
    return f.count + n >= SURE && f.blurredAround(n, sum, centred, ((ROUNDINGS * epsilon) / TOLERANCE) ** 2);
  if (!squares) return false;
  if (!(f instanceof WeightedArrayMoments)) return f.blurredBy(n, sum, squares, epsilon / TOLERANCE);
  return (
    linear !== undefined && f.blurredByTerms(weights as WeightSums, sum, linear, squares, epsilon / TOLERANCE)
  );
}

function addScaled(sum: Float64Array, term: FloatArray | null, factor: number): void {
  if (term) for (let i = 0; i < term.length; i++) sum[i] += factor * term[i];
}
