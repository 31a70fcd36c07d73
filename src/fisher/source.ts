/**
 * @module fisher/source
 *
 * Examples as the estimators take them: any iterable of batches with the index of each example, which names it in every draw.
 */
import type { FloatType, Tensor } from '../core/tensor.js';

/** Some examples, as `data/batches` makes them. */
export interface ExampleBatch {
  /** How many. */
  readonly n: number;
  /** Number of each in its file [n]: the key of its draws. */
  readonly indices: ArrayLike<number>;
  /** How often each was visited before [n]. */
  readonly occurrence: ArrayLike<number>;
  /** Which group of examples all of them are from, where groups are told apart; default the first. */
  readonly group?: number;
  /** Place of each among the terms of the visits [n]; default: they go on from those before. */
  readonly places?: Uint32Array;
  /** Whether what comes after it depends on what it gives: the next batch is not asked for before. Default false. */
  readonly decides?: boolean;
  /** Inputs by name, the examples along the first axis. */
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/**
 * Batches of at most `batch` examples with floating-point inputs of type `dtype`; each iteration begins again. With several threads, batches
 * are asked for before the sums of earlier ones are taken, but after one that `decides`.
 */
export type ExampleSource = (batch: number, dtype: FloatType) => Iterable<ExampleBatch>;
