/**
 * @module core/stored-tensor
 *
 * An array whose rows stay in a file: batches read the rows that they visit, and memory holds no more of it. Whoever knows nothing of that
 * asks for `data` and gets all of it, read at that moment, if it is small enough to be held.
 */
import { FimError } from './errors.js';
import { allocate, bytesOf, sizeOf } from './tensor.js';
import type { DType, Tensor, TypedArray } from './tensor.js';

/** Reads rows by their indices [k], one after another [k, …]; what it returns is valid until the next call. */
export type ReadRows = (indices: Uint32Array) => TypedArray;

/** An array [N, …] whose values are read when they are asked for. */
export interface StoredTensor extends Tensor {
  readonly rows: ReadRows;
}

/** What a stored array is. */
export interface StoredParts {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly rows: ReadRows;
  /** What it is called in complaints. */
  readonly where: string;
}

/** Values that are held at once for those who ask for all of them, in bytes. */
const MOST_HELD = 2 ** 31;
/** Rows read at once where all are gone through, in bytes. */
const BLOCK = 2 ** 22;

/** Makes an array of rows that are read by `rows`. Its `data` throws `data/memory` above 2 GiB. */
export function storedTensor({ dtype, shape, rows, where }: StoredParts): StoredTensor {
  return {
    dtype,
    shape,
    rows,
    get data(): TypedArray {
      const count = sizeOf(shape);
      if (count * bytesOf(dtype) > MOST_HELD) throw tooLarge(dtype, shape, where);
      const out = allocate(dtype, count) as Float64Array;
      for (const { start, values } of rowBlocks({ dtype, shape, rows })) {
        out.set(values as Float64Array, start * sizeOf(shape.slice(1)));
      }
      return out;
    },
  };
}

/** The reader of an array that lies in a file; null for one in memory. */
export function readerOf(t: Tensor): ReadRows | null {
  return (t as Partial<StoredTensor>).rows ?? null;
}

/** All rows of an array in blocks of a few megabytes, in order; the values of a block are valid until the next. */
export function* rowBlocks(t: {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly rows: ReadRows;
}): Generator<{ readonly start: number; readonly values: TypedArray }> {
  const [n, ...own] = t.shape;
  const each = Math.max(1, sizeOf(own) * bytesOf(t.dtype));
  const step = Math.max(1, Math.floor(BLOCK / each));
  for (let start = 0; start < n; start += step) {
    const indices = Uint32Array.from({ length: Math.min(step, n - start) }, (_, i) => start + i);
    yield { start, values: t.rows(indices) };
  }
}

function tooLarge(dtype: DType, shape: readonly number[], where: string): FimError {
  const gibibytes = (sizeOf(shape) * bytesOf(dtype)) / 2 ** 30;
  return new FimError({
    code: 'data/memory',
    where,
    rule: 'what is asked for needs all values at once, and at most 2 GiB are held so',
    got: `${dtype} [${shape.join(', ')}], ${gibibytes.toFixed(1)} GiB`,
    next: 'save the examples that are needed as a file of their own',
  });
}
