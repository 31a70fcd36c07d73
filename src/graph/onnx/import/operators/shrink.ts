/**
 * @module graph/onnx/import/operators/shrink
 *
 * Shrink: x + bias below −λ, x − bias above λ, 0 between. Source: onnx/onnx, Operators.md (opset 9).
 */
import * as b from '../../../build.js';
import type { Normaliser } from '../context.js';

/** Shrink. */
export const shrink: Normaliser = (c) => {
  const x = c.real(0);
  const [limit, bias] = [c.float('lambd', 0.5), c.float('bias', 0)];
  const [low, high, zero] = [-limit, limit, 0].map((v) => b.scalar(v, x.dtype));
  const above = b.where(b.greater(x, high), b.shift(x, -bias), zero);
  return b.where(b.less(x, low), b.shift(x, bias), above);
};
