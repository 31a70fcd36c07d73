/**
 * @module fisher/source
 *
 * Examples as the estimators take them: any iterable of batches with the index of each example, which names it in every draw.
 */
import type { FloatType, Tensor } from '../core/tensor.js';

/** Some examples, as `data/batches` makes them. */
export interface ExampleBatch {
  readonly n: number;
  readonly indices: ArrayLike<number>;
  readonly occurrence: ArrayLike<number>;
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/** Batches of at most `batch` examples with floating-point inputs of type `dtype`; each iteration begins again. */
export type ExampleSource = (batch: number, dtype: FloatType) => Iterable<ExampleBatch>;
