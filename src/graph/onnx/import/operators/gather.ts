/**
 * @module graph/onnx/import/operators/gather
 *
 * Gather picks rows along one axis by integers: known ones (positions), or ids of the data (an embedding, W [V, D] by [N, S] is
 * [N, S, D]). Negative ones count from the end. Rows along the examples are refused. Source: onnx/onnx, Operators.md (Gather, opset 1,
 * 11, 13).
 */
import { isFloat } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
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
  if (isBatch(length)) throw c.coupled(`axis ${axis} holds the examples`);
  if (!isFolded(c.item(1))) return lookUp(c, c.value(0), axis);
  const indices = c.integers(1, 'indices').map((i) => (i < 0 ? i + length : i));
  if (indices.some((i) => !(i >= 0 && i < length)))
    throw c.refuse(`an index lies outside 0…${length - 1}`, 'graph/shape');
  const item = c.item(0);
  const out = [...shape.slice(0, axis), ...(c.shape(1) as number[]), ...shape.slice(axis + 1)];
  if (isFolded(item)) return foldPick(c, item, axis, indices, out as number[]);
  return b.reshape(pick(c.value(0), axis, indices), out);
};

/** Rows of a table by computed indices. */
function lookUp(c: OpContext, table: Value, axis: number): Value {
  const { value: indices, axis: at, dim } = examplesFirst(indicesOf(c, 1));
  if (dim !== null && table.shape.some(isBatch))
    throw c.coupled('the rows of every example are picked by those of every other');
  return examplesBack(b.gather(table, indices, axis), axis + at, dim);
}
