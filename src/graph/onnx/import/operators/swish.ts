/**
 * @module graph/onnx/import/operators/swish
 *
 * Swish is x·σ(αx), SwiGLU multiplies it by a second operand. Source: onnx/onnx, Operators.md (opset 24; SwiGLU 27).
 */
import * as b from '../../../build.js';
import type { Value } from '../../../value.js';
import type { Normaliser } from '../context.js';

/** x·σ(αx) */
export const swishOf = (x: Value, alpha: number): Value => b.mul(x, b.sigmoid(b.scale(x, alpha)));

/** Swish. */
export const swish: Normaliser = (c) => swishOf(c.real(0), c.float('alpha', 1));

/** SwiGLU: Swish of the first operand times the second. */
export const swiGlu: Normaliser = (c) => b.mul(swishOf(c.real(0), c.float('alpha', 1)), c.real(1));
