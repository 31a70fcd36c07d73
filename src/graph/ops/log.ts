import { mayVanish } from '../positive.js';
import { withPole } from '../slope.js';
import { unaryOperator } from './unary.js';

/** y = ln x, y′ = 1/x, ∞ at 0. */
export const Log = unaryOperator({
  name: 'Log',
  of: Math.log,
  slope: (b, x) => (mayVanish(x) ? withPole(b.reciprocal(x)) : b.reciprocal(x)),
});
