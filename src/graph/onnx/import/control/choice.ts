/**
 * @module graph/onnx/import/control/choice
 *
 * Choice between the results of two branches by a condition of the data, one number for each example (or one in all):
 * y_n = c_n ? then_n : else_n. Both branches are computed for every example, and no derivative goes through the condition. An If of ONNX
 * has one condition, so such a file is for a batch of one, and every example is one.
 * Source: onnx/onnx, Operators.md (If).
 */
import * as b from '../../../build.js';
import { batchAxis, type BatchDim, isBatch, N, sameDims, type Shape, slowOf } from '../../../dims.js';
import type { Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';

/** A condition, what holds if it is met, and what else. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const choice: Normaliser = (c) => {
  const [condition, met, unmet] = c.values();
  if (condition.dtype !== 'bool') throw c.refuse('the condition is a truth value', 'graph/shape');
  if (met.dtype !== unmet.dtype) throw c.refuse('branches have one element type', 'graph/shape');
  const shape = sharedShape(c, met.shape, unmet.shape);
  const y = b.where(forEach(c, condition, shape), met, unmet);
  c.reader.note(
    `${c.label}: its condition depends on the data; both branches are computed for every example, and no derivative goes through the condition`,
  );
  return y;
};

/** Branches have one shape; a batch of one that one of them writes out is that of the examples. */
function sharedShape(c: OpContext, met: Shape, unmet: Shape): Shape {
  if (sameDims(met, unmet)) return met;
  const [like, other] = met.some(isBatch) ? [met, unmet] : [unmet, met];
  const at = batchAxis(like);
  const written = like.map((d, i) => (i === at ? 1 : d));
  if (at >= 0 && (like[at] as BatchDim).batch === 1 && sameDims(written, other)) return like;
  throw c.refuse('depends on the data, and its branches have other shapes');
}

/** The condition where it meets the rows of each example. */
function forEach(c: OpContext, condition: Value, shape: Shape): Value {
  if (!condition.shape.some(isBatch)) return b.reshape(condition, []);
  const at = batchAxis(shape);
  if (at < 0) throw c.coupled('the condition is one for each example, and the result has none');
  const rows = shape[at] as BatchDim;
  if (slowOf(rows) !== 1)
    throw c.coupled('the condition meets rows of which the examples are the fast index');
  const each = b.expand(b.reshape(condition, [N, 1]), [N, rows.batch]);
  return b.reshape(
    each,
    shape.map((d) => (isBatch(d) ? rows : 1)),
  );
}
