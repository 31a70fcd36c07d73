/**
 * @module fisher/columns
 *
 * Source of the cotangents of a pass: arrays [n, K, T] with weights [n, K], made on the host in float64, a span of columns at a time so
 * that the class axis can be taken in chunks. Each estimator is one (fisher/estimators).
 */
import type { FloatArray } from '../core/tensor.js';
import type { Outputs, Span } from '../likelihood/types.js';

/** A batch as a column source sees it. */
export interface BatchOutputs {
  readonly h: Outputs;
  /** Index of each example in the data set. */
  readonly indices: ArrayLike<number>;
  /** How often each was visited before. */
  readonly occurrence: ArrayLike<number> | null;
  /** Place of each among the terms of the visits; default: they go on from those before. */
  readonly places?: Uint32Array;
}

/** Writes the columns of a batch. */
export interface ColumnSource {
  /** Number of columns K. */
  readonly columns: number;
  /** Writes cotangents [n, span, T] and weights [n, span]. */
  fill(batch: BatchOutputs, span: Span, ct: FloatArray, w: FloatArray): void;
  /** Writes the fourth-order coefficients [n, span]; absent where they are zero or not needed. */
  fourth?(batch: BatchOutputs, span: Span, c: FloatArray): void;
  /** Writes the weights of the examples [n], whose roots the cotangents carry; absent where all weigh the same. */
  weights?(batch: BatchOutputs, o: FloatArray): void;
}

/** A run of the columns for a fixed number at once: the last run overlaps the one before it. */
export interface ColumnRun {
  /** First column of the run. */
  readonly from: number;
  /** First column that no run before has had. */
  readonly fresh: number;
}

/** The runs of `chunk` columns that cover K. */
export function* columnRuns(K: number, chunk: number): Generator<ColumnRun> {
  for (let fresh = 0; fresh < K; fresh += chunk) yield { from: Math.min(fresh, K - chunk), fresh };
}

/** Sets the weights [n, chunk] of the columns of a run that an earlier run had to 0. */
export function clearRepeated(w: FloatArray, { from, fresh }: ColumnRun, n: number, chunk: number): void {
  for (let e = 0; e < n; e++) w.fill(0, e * chunk, e * chunk + fresh - from);
}
