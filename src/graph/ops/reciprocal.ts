import { mayVanish } from '../positive.js';
import { withPole } from '../slope.js';
import { unaryOperator } from './unary.js';

/** y = 1/x, y′ = −y², −∞ at 0. */
export const Reciprocal = unaryOperator({
  name: 'Reciprocal',
  of: (x) => 1 / x,
  slope: (b, x, y) => {
    const slope = b.neg(b.square(y));
    return mayVanish(x) ? withPole(slope) : slope;
  },
});
