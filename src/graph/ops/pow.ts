import type { Builder } from '../builder.js';
import { mayVanish } from '../positive.js';
import { withPole } from '../slope.js';
import type { Value } from '../value.js';
import { binaryOperator } from './binary.js';
import { SMOOTH } from './unary.js';

/**
 * y = a^b with broadcasting; ∂a = b·a^(b−1), ∞ at a = 0 for b < 1; ∂b = y·ln a, 0 at a = 0 as PyTorch has it. Whole constant exponents
 * from 1 on are exact for every a, 0 included.
 */
export const Pow = binaryOperator({
  name: 'Pow',
  of: Math.pow,
  slopes: [slope, byExponent],
  second: SMOOTH,
});

function byExponent(b: Builder, a: Value, _c: Value, y: Value): Value {
  const slope = b.mul(y, b.log(a));
  if (!mayVanish(a)) return slope;
  const zero = b.scalar(0, a.dtype);
  return withPole(b.where(b.equal(a, zero), zero, slope));
}

function slope(b: Builder, a: Value, c: Value): Value {
  const e = c.constant && c.constant.data.length === 1 ? Number(c.constant.data[0]) : null;
  if (e === 0 || e === 1) return c;
  if (e === 2) return b.mul(c, a);
  const power = b.mul(c, b.pow(a, e === null ? b.shift(c, -1) : b.scalar(e - 1, a.dtype)));
  return mayVanish(a) && (e === null || e < 1 || !Number.isInteger(e)) ? withPole(power) : power;
}
