import * as b from '../build.js';
import { mayVanish } from '../positive.js';
import { withPole } from '../slope.js';
import type { Value } from '../value.js';
import { binaryOperator } from './binary.js';

/** y = a/b with broadcasting; ∂a = 1/b, ∂b = −y/b, both without a value at b = 0. */
export const Div = binaryOperator('Div', [
  (_a, c) => care(c, b.reciprocal(c)),
  (_a, c, y) => care(c, b.neg(b.div(y, c))),
]);

const care = (divisor: Value, slope: Value): Value => (mayVanish(divisor) ? withPole(slope) : slope);
