import * as b from '../build.js';
import { binaryOperator } from './binary.js';
import type { Value } from '../value.js';

/** y = a^b with broadcasting; ∂a = b·a^(b−1), ∂b = y·ln a. Whole exponents keep negative a exact. */
export const Pow = binaryOperator('Pow', [(a, c) => b.mul(c, power(a, c)), (a, _c, y) => b.mul(y, b.log(a))]);

function power(a: Value, c: Value): Value {
  const e = c.constant && c.constant.data.length === 1 ? Number(c.constant.data[0]) - 1 : null;
  if (e === 1) return a;
  return b.pow(a, e === null ? b.shift(c, -1) : b.scalar(e, a.dtype));
}
