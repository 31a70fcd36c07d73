/**
 * @module graph/onnx/import/operators/compress
 *
 * Compress keeps the elements of an axis, or of all axes in a row, whose condition holds. How many there are is a shape, so that the
 * condition must be known; what lies behind its end is left out. Source: onnx/onnx, Operators.md (opset 9, 11).
 */
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import type { Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import { numberList } from '../number-list.js';
import { pick } from '../pick.js';

/** Compress. Throws `graph/shape`, `graph/examples-coupled`, `onnx/not-constant`. */
export const compress: Normaliser = (c) => {
  const condition = numberList(c, 1, 'the condition');
  const x = c.value(0);
  if (x.shape.length === 0) throw c.refuse('has an axis', 'graph/shape');
  const [from, axis] = c.attribute('axis') ? [x, c.axis(c.int('axis', 0), x.shape.length)] : [inRow(c, x), 0];
  const length = from.shape[axis];
  if (isBatch(length)) throw c.coupled(`axis ${axis} holds the examples`);
  const kept = [...condition.keys()].filter((i) => condition[i] !== 0);
  if (condition.length > length)
    throw c.refuse(`${condition.length} conditions for ${length} elements`, 'graph/shape');
  return pick(from, axis, kept);
};

function inRow(c: OpContext, x: Value): Value {
  const size = x.shape.reduce<number>((p, d) => {
    if (isBatch(d)) throw c.coupled('without an axis the examples stand in a row');
    return p * d;
  }, 1);
  return b.reshape(x, [size]);
}
