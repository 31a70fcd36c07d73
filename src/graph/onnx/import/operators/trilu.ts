/**
 * @module graph/onnx/import/operators/trilu
 *
 * Trilu keeps the upper (or lower) triangle of matrices, from diagonal k on, and puts exact zeros elsewhere: y_ij = x_ij where
 * j − i ≥ k (j − i ≤ k). Source: onnx/onnx, Operators.md (opset 14).
 */
import { tensor } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import { constant } from '../../../value.js';
import type { Normaliser } from '../context.js';
import { foldByIndex } from '../fold-index.js';
import { isFolded } from '../items.js';

/** Trilu. Throws `graph/shape`, `graph/examples-coupled`. */
export const trilu: Normaliser = (c) => {
  const shape = c.shape(0);
  if (shape.length < 2) throw c.refuse('takes matrices', 'graph/shape');
  const k = c.has(1) ? c.knownNumber(1, 'the diagonal') : 0;
  const upper = c.flag('upper', true);
  const kept = (i: number, j: number): boolean => (upper ? j - i >= k : j - i <= k);
  const item = c.item(0);
  if (isFolded(item)) {
    const r = item.shape.length;
    return foldByIndex(c, item, item.shape, (index) => (kept(index[r - 2], index[r - 1]) ? index : null));
  }
  const [rows, columns] = shape.slice(-2);
  if (isBatch(rows) || isBatch(columns)) throw c.coupled('a triangle of the axis that holds the examples');
  c.limited(rows * columns);
  const mask = Array.from({ length: rows * columns }, (_, at) =>
    Number(kept(Math.floor(at / columns), at % columns)),
  );
  const x = c.value(0);
  return b.where(constant(tensor('bool', [rows, columns], mask)), x, b.scalar(0, x.dtype));
};
