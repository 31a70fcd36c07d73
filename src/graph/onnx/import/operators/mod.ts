/**
 * @module graph/onnx/import/operators/mod
 *
 * Mod is the remainder of a division: with the sign of the divisor for whole numbers (fmod = 0), with that of the dividend where fmod = 1,
 * the only form of floating-point numbers. Source: onnx/onnx, Operators.md (opset 10 to 13; the meaning never changed).
 */
import { isFloat } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { apply } from '../../../registry.js';
import type { Value } from '../../../value.js';
import { elementwise } from '../arithmetic.js';
import type { Normaliser } from '../context.js';

/** y with the sign of the divisor: y + b where the two differ in sign. */
function towardsDivisor(y: Value, divisor: Value): Value {
  const zero = b.scalar(0, y.dtype);
  return b.where(b.less(b.mul(y, divisor), zero), b.add(y, divisor), y);
}

const truncated: Normaliser = elementwise('Fmod', 2, (_c, [x, y]) => apply('Mod', [x, y]));

/** Mod. Throws `onnx/form` for the remainder of floating-point numbers without fmod. */
export const mod: Normaliser = (c) => {
  if (c.flag('fmod', false)) return truncated(c);
  return elementwise('Mod', 2, (_c, [x, y]) => {
    if (isFloat(x.dtype)) throw c.refuse('floating-point numbers have a remainder with fmod = 1');
    const [p, q] = [x, y].map((v) => b.cast(v, 'float64'));
    return b.cast(towardsDivisor(apply('Mod', [p, q]), q), x.dtype);
  })(c);
};
