/**
 * @module graph/onnx/import/fold-index
 *
 * Known numbers rearranged: every element of the result is one of the operand, found by its index, or 0.
 */
import { sizeOf, stridesOf } from '../../../core/tensor.js';
import type { OpContext } from './context.js';
import { folded, type Folded } from './items.js';

/**
 * The tensor of this shape whose element at an index is the operand's at `from(index)`, or 0 where that is null.
 * Throws `onnx/too-large`.
 */
export function foldByIndex(
  c: OpContext,
  x: Folded,
  shape: readonly number[],
  from: (index: readonly number[]) => readonly number[] | null,
): Folded {
  const [own, out] = [stridesOf(x.shape), stridesOf(shape)];
  const items = Array.from({ length: c.limited(sizeOf(shape)) }, (_, flat) => {
    const at = from(shape.map((d, i) => Math.floor(flat / out[i]) % d));
    return at ? x.items[at.reduce((p, i, axis) => p + i * own[axis], 0)] : 0;
  });
  return folded(x.dtype, shape, items);
}
