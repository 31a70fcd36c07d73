/** Batches of examples, as the estimators take them. */
import { castTensor, type Tensor } from '../../src/core/tensor.js';
import type { ExampleBatch, ExampleSource } from '../../src/fisher/source.js';

/** Rows `rows` of x as one batch; `occurrence` tells apart visits of the same example. */
export function batchOf(x: Tensor, rows: ArrayLike<number>, occurrence?: ArrayLike<number>): ExampleBatch {
  const [, ...rest] = x.shape;
  const size = rest.reduce((p, d) => p * d, 1);
  const n = rows.length;
  const data = (x.data as Float64Array).slice(0, 0).constructor as Float64ArrayConstructor;
  const out = new data(n * size);
  for (let e = 0; e < n; e++) {
    out.set((x.data as Float64Array).subarray(rows[e] * size, (rows[e] + 1) * size), e * size);
  }
  const input: Tensor = { dtype: x.dtype, shape: [n, ...rest], data: out };
  return { n, indices: rows, occurrence: occurrence ?? new Uint32Array(n), inputs: new Map([['x', input]]) };
}

/** Examples 0 … n−1. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The rows `order` of x (default: all, in order), a batch at a time. */
export function sourceOf(x: Tensor, order: readonly number[] = range(x.shape[0])): ExampleSource {
  return function* (batch, dtype) {
    const cast = castTensor(x, dtype);
    const seen = new Map<number, number>();
    for (let start = 0; start < order.length; start += batch) {
      const rows = order.slice(start, start + batch);
      const occurrence = rows.map((r) => {
        const before = seen.get(r) ?? 0;
        seen.set(r, before + 1);
        return before;
      });
      yield batchOf(cast, rows, occurrence);
    }
  };
}

/** Batch r, for each of `repeats`, holds the rows `rows(r)`, all as their r-th occurrence: fresh draws of every example. */
export function repeating(x: Tensor, repeats: number, rows: (r: number) => ArrayLike<number>): ExampleSource {
  return function* (batch, dtype) {
    const cast = castTensor(x, dtype);
    for (let r = 0; r < repeats; r++) {
      const all = Array.from(rows(r));
      for (let start = 0; start < all.length; start += batch) {
        const part = all.slice(start, start + batch);
        yield batchOf(cast, part, new Uint32Array(part.length).fill(r));
      }
    }
  };
}
