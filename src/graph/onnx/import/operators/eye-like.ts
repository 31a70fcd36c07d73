/**
 * @module graph/onnx/import/operators/eye-like
 *
 * EyeLike makes ones on diagonal k of a matrix of zeros with the operand's shape, which is all that it reads of it.
 * Source: onnx/onnx, Operators.md (opset 9).
 */
import { isBatch } from '../../../dims.js';
import type { Normaliser } from '../context.js';
import { folded, isWeights } from '../items.js';
import { typeOf } from '../types.js';

/** EyeLike. Throws `graph/shape`, `graph/examples-coupled`, `onnx/element-type`. */
export const eyeLike: Normaliser = (c) => {
  const item = c.item(0);
  const [rows, columns, ...more] = c.shape(0);
  if (columns === undefined || more.length > 0) throw c.refuse('takes a matrix', 'graph/shape');
  if (isBatch(rows) || isBatch(columns)) throw c.coupled('an identity as large as the number of examples');
  const own = isWeights(item) ? item.tensor.dtype : item.dtype;
  const dtype = c.attribute('dtype') ? typeOf(c, c.int('dtype', 1)) : c.working(own);
  const k = c.int('k', 0);
  const items = Array.from({ length: c.limited(rows * columns) }, (_, at) =>
    Number((at % columns) - Math.floor(at / columns) === k),
  );
  return folded(dtype, [rows, columns], items);
};
