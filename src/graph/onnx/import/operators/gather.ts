/**
 * @module graph/onnx/import/operators/gather
 *
 * Gather picks rows along one axis by integers: known ones (positions), or ids of the data (an embedding, W [V, D] by [N, S] is
 * [N, S, D]). Negative ones count from the end. Rows along the examples are refused. Source: onnx/onnx, Operators.md (Gather, opset 1,
 * 11, 13).
 */
import { isFloat } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { type BatchDim, isBatch, N, slowOf } from '../../../dims.js';
import type { Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import { examplesBack, examplesFirst } from '../examples-first.js';
import { foldPick } from '../fold.js';
import { isFolded } from '../items.js';
import { pick } from '../pick.js';

/** An operand of indices as int64 or int32. Throws `graph/shape`. */
export function indicesOf(c: OpContext, i: number): Value {
  const value = c.value(i);
  if (isFloat(value.dtype) || value.dtype === 'bool') throw c.refuse('indices are integers', 'graph/shape');
  return value.dtype === 'int64' || value.dtype === 'int32' ? value : b.cast(value, 'int64');
}

/** Gather. Throws `graph/shape`, `graph/examples-coupled`, `onnx/axis`. */
export const gather: Normaliser = (c) => {
  const axis = c.axis(c.int('axis', 0), c.rank(0));
  const shape = c.shape(0);
  const length = shape[axis];
  if (isBatch(length)) return ofFlatExample(c, length);
  if (!isFolded(c.item(1))) return lookUp(c, c.value(0), axis);
  const indices = c.integers(1, 'indices').map((i) => (i < 0 ? i + length : i));
  if (indices.some((i) => !(i >= 0 && i < length)))
    throw c.refuse(`an index lies outside 0…${length - 1}`, 'graph/shape');
  const item = c.item(0);
  const out = [...shape.slice(0, axis), ...(c.shape(1) as number[]), ...shape.slice(axis + 1)];
  if (isFolded(item)) return foldPick(c, item, axis, indices, out as number[]);
  return b.reshape(pick(c.value(0), axis, indices), out);
};

/**
 * A file for a batch of one that flattens everything to [m·N] reads the one example's m numbers: known positions [1, …] of those are
 * positions in each example, [N, …] (PyTorch's `as_strided`). Throws `graph/examples-coupled`.
 */
function ofFlatExample(c: OpContext, length: BatchDim): Value {
  const [indices, [first, ...rest]] = [c.item(1), c.shape(1)];
  const flat = c.rank(0) === 1 && c.reader.fixedBatch === 1 && slowOf(length) === 1;
  if (!flat || !isFolded(indices) || first !== 1) throw c.coupled('the axis that is read holds the examples');
  const m = length.batch;
  const at = c.integers(1, 'indices').map((i) => (i < 0 ? i + m : i));
  if (at.some((i) => !(i >= 0 && i < m))) throw c.refuse(`an index lies outside 0…${m - 1}`, 'graph/shape');
  c.reader.note(`${c.label} reads the flattened batch of one; it reads each example apart`);
  return b.reshape(pick(b.reshape(c.value(0), [N, m]), 1, at), [N, ...rest]);
}

/** Rows of a table by computed indices. */
function lookUp(c: OpContext, table: Value, axis: number): Value {
  const { value: indices, axis: at, dim } = examplesFirst(indicesOf(c, 1));
  if (dim !== null && table.shape.some(isBatch))
    throw c.coupled('the rows of every example are picked by those of every other');
  return examplesBack(b.gather(table, indices, axis), axis + at, dim);
}
