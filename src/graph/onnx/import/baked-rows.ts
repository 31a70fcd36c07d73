/**
 * @module graph/onnx/import/baked-rows
 *
 * Tensors that an exporter wrote out for the batch B of its trace: a mask, positions or an initial state repeated for every example. If
 * one meets the examples of a file with that batch and its B rows are equal, it is one row for all of them; other rows belong to single
 * examples, and the file stays what it is, for a batch of exactly B.
 */
import { sizeOf, type Tensor } from '../../../core/tensor.js';
import * as b from '../../build.js';
import { batchAxis, type BatchDim, slowOf } from '../../dims.js';
import type { Value } from '../../value.js';
import type { OpContext } from './context.js';
import { isFolded, isWeights, type Item, tensorOf } from './items.js';

/** Most numbers of rows that are computed to see whether they are equal. */
const MOST = 2 ** 18;

/** The operands' values, baked rows that meet examples as one row. */
export function withoutBakedRows(c: OpContext, items: readonly Item[], values: readonly Value[]): Value[] {
  const batch = c.reader.fixedBatch ?? 1;
  const like = values.find((v) => batchAxis(v.shape) >= 0);
  if (batch === 1 || !like) return [...values];
  const behind = like.shape.length - batchAxis(like.shape);
  const dim = like.shape[batchAxis(like.shape)] as BatchDim;
  return values.map((v, i) => {
    const axis = v.shape.length - behind;
    if (batchAxis(v.shape) >= 0 || axis < 0 || slowOf(dim) !== 1 || v.shape[axis] !== dim.batch * batch)
      return v;
    // An example's own rows are one row too: a slice that stands for N has length 1.
    return oneRow(c, items[i], v, axis) ?? v;
  });
}

/** One row of an operand whose rows along an axis are those of a fixed batch, and all equal; null where they differ. */
export function oneRow(c: OpContext, item: Item, v: Value, axis: number): Value | null {
  const rows = v.shape[axis] as number;
  if (!isRepeated(v, axis)) {
    const t = contentOf(item) ?? c.reader.knownNumbers(v, MOST);
    if (!t || !rowsEqual(t, axis, rows)) return null;
  }
  c.reader.note(`${c.label} reads ${rows} equal rows, one for each example of the file's batch: one for all`);
  return b.slice(v, axis, 0, 1);
}

/** Whether the rows along an axis are one, written out. */
function isRepeated({ node, shape }: Value, axis: number): boolean {
  if (node?.op !== 'Expand') return false;
  const [from] = node.inputs;
  const own = axis - (shape.length - from.shape.length);
  return own < 0 || from.shape[own] === 1 || isRepeated(from, own);
}

function contentOf(item: Item): Tensor | null {
  if (isWeights(item)) return item.tensor;
  if (isFolded(item)) return tensorOf(item, item.dtype);
  return item.constant;
}

/** Whether the `batch` parts of an axis, one behind the other, hold the same numbers. */
function rowsEqual({ data, shape }: Tensor, axis: number, batch: number): boolean {
  const row = sizeOf(shape.slice(axis)) / batch;
  const whole = row * batch;
  for (let i = 0; i < data.length; i++) if (data[i] !== data[i - (i % whole) + (i % row)]) return false;
  return true;
}
