/**
 * @module data/rows
 *
 * Examples are rows: the leading axis counts them, whatever the rest of the shape. Picking rows into a buffer that is
 * already there is all that batching, splitting and subsets need.
 */
import { FimError } from '../core/errors.js';
import { readerOf } from '../core/stored-tensor.js';
import { allocate, sizeOf } from '../core/tensor.js';
import type { Tensor, TypedArray } from '../core/tensor.js';

/** Below this row length a plain loop beats `subarray` and `set`. */
const SHORT_ROW = 24;

/** Elements of one example. */
export function rowSize(t: Tensor): number {
  return sizeOf(t.shape.slice(1));
}

/** Rows `indices` of `t` as a new tensor of the same type. */
export function takeRows(t: Tensor, indices: Uint32Array): Tensor {
  const out = allocate(t.dtype, indices.length * rowSize(t));
  gatherRows(t, indices, out);
  return { dtype: t.dtype, shape: [indices.length, ...t.shape.slice(1)], data: out };
}

/**
 * Writes rows `indices` of `t` one after another into `out`, which may be of another floating-point type.
 * Throws `data/overflow` where a finite number becomes infinite in `out`.
 */
export function gatherRows(t: Tensor, indices: Uint32Array, out: TypedArray, where = 'data'): void {
  const size = rowSize(t);
  const rows = readerOf(t);
  if (rows) {
    copyAll(rows(indices), indices, out, size, where);
    return;
  }
  if (t.data.constructor === out.constructor) {
    copyRows(t.data as Float64Array, indices, out as Float64Array, size);
    return;
  }
  const from = t.data as Float64Array;
  const to = out as Float64Array;
  for (let r = 0, k = 0; r < indices.length; r++) {
    const start = indices[r] * size;
    for (let i = start; i < start + size; i++, k++) {
      to[k] = from[i];
      if (to[k] - to[k] !== 0) throw overflow(from[i], indices[r], where);
    }
  }
}

/** Rows that were read for `indices`, into `out`. */
function copyAll(
  values: TypedArray,
  indices: Uint32Array,
  out: TypedArray,
  size: number,
  where: string,
): void {
  const from = values as Float64Array;
  const to = out as Float64Array;
  to.set(from);
  if (values.constructor === out.constructor) return;
  for (let k = 0; k < from.length; k++) {
    if (to[k] - to[k] !== 0) throw overflow(from[k], indices[Math.floor(k / size)], where);
  }
}

function copyRows(from: Float64Array, indices: Uint32Array, to: Float64Array, size: number): void {
  for (let r = 0; r < indices.length; r++) {
    const start = indices[r] * size;
    if (size < SHORT_ROW) for (let i = 0; i < size; i++) to[r * size + i] = from[start + i];
    else to.set(from.subarray(start, start + size), r * size);
  }
}

function overflow(value: number, example: number, where: string): FimError {
  return new FimError({
    code: 'data/overflow',
    where,
    rule: 'every input must be finite in the type that the network is run in',
    got: `${value} in example ${example}, infinite in float32`,
    next: "`dtype: 'float64'`, or scale the data",
  });
}
