/**
 * @module graph/onnx/import/examples
 *
 * Broadcasting along the examples. The core cannot make examples out of nothing, so a value without them is repeated by a choice
 * that never falls on the other side: where(false, x, v), x any value that has the examples. Its derivative with respect to x is
 * exactly zero, whatever x holds.
 */
import { tensor } from '../../../core/tensor.js';
import * as b from '../../build.js';
import { batchAxis, type BatchDim, type Dim, isBatch, N, type Shape } from '../../dims.js';
import { constant, type Value } from '../../value.js';
import type { OpContext } from './context.js';

/** `v` broadcast to `shape`, which may have the examples where `v` has a 1. Throws `graph/examples-coupled`. */
export function broadcastOver(c: OpContext, v: Value, shape: Shape): Value {
  const at = batchAxis(shape);
  if (at < 0 || batchAxis(v.shape) >= 0) return b.expand(v, shape);
  const examples = c.reader.examples();
  if (!examples || shape.filter(isBatch).length > 1)
    throw c.coupled('a shape depends on the number of examples');
  const rowsOf = shape[at] as BatchDim;
  const own = rowsOf.batch;
  const behind: Dim[] = shape.slice(at + 1).map(() => 1);
  // [N, k…] → [N, k] → [N, 1] → m·N rows by repeating each example's, → in place.
  const size = examples.shape.slice(1).reduce<number>((p, d) => p * (d as number), 1);
  const column = b.slice(b.reshape(examples, [N, size]), 1, 0, 1);
  const repeated = own === 1 ? column : b.reshape(b.expand(column, [N, own]), [rowsOf, 1]);
  const rows = b.cast(b.reshape(repeated, [rowsOf, ...behind]), v.dtype);
  const never = constant(tensor('bool', [], [0]));
  const sizes = shape.map((d) => (isBatch(d) ? 1 : d));
  return b.where(never, rows, b.expand(v, sizes));
}
