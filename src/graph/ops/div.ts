import { mayVanish } from '../positive.js';
import { withPole } from '../slope.js';
import type { Value } from '../value.js';
import { binaryOperator } from './binary.js';

/** y = a/b with broadcasting; ∂a = 1/b, ∂b = −y/b, both without a value at b = 0. */
export const Div = binaryOperator({
  name: 'Div',
  of: (a, b) => a / b,
  slopes: [(b, _a, c) => care(c, b.reciprocal(c)), (b, _a, c, y) => care(c, b.neg(b.div(y, c)))],
  second: { kind: 'elementwise', curved: (moves) => moves[1] },
});

const care = (divisor: Value, slope: Value): Value => (mayVanish(divisor) ? withPole(slope) : slope);
