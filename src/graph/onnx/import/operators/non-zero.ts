/**
 * @module graph/onnx/import/operators/non-zero
 *
 * NonZero lists the indices of the elements that are not 0, row-major, one axis a row: [rank, count]. Their number is a shape, so the
 * elements must be known when the file is read. Source: onnx/onnx, Operators.md (opset 9, 13).
 */
import { stridesOf } from '../../../../core/tensor.js';
import { isBatch } from '../../../dims.js';
import type { Normaliser } from '../context.js';
import { folded, foldedTensor, isFolded, isWeights } from '../items.js';

/** NonZero of known numbers. Throws `onnx/not-constant`. */
export const nonZero: Normaliser = (c) => {
  const item = c.item(0);
  const x = isWeights(item) ? foldedTensor(item.tensor) : item;
  if (!isFolded(x))
    throw c.refuse('what is counted must be known when the file is read', 'onnx/not-constant');
  const strides = stridesOf(x.shape);
  const found = x.items.flatMap((d, flat) => (isBatch(d) || d !== 0 ? [flat] : []));
  const rows = x.shape.map((d, axis) => found.map((flat) => Math.floor(flat / strides[axis]) % d));
  return folded('int64', [rows.length, found.length], rows.flat());
};
