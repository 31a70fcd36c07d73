import * as b from '../build.js';
import { binaryOperator } from './binary.js';
import type { Value } from '../value.js';

/** y = a^b with broadcasting; ∂a = b·a^(b−1), ∂b = y·ln a. Whole constant exponents are exact for every a, 0 included. */
export const Pow = binaryOperator('Pow', [slope, (a, _c, y) => b.mul(y, b.log(a))]);

function slope(a: Value, c: Value): Value {
  const e = c.constant && c.constant.data.length === 1 ? Number(c.constant.data[0]) : null;
  if (e === 0 || e === 1) return c;
  if (e === 2) return b.mul(c, a);
  return b.mul(c, b.pow(a, e === null ? b.shift(c, -1) : b.scalar(e - 1, a.dtype)));
}
