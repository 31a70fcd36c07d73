import { mayVanish } from '../positive.js';
import { withPole } from '../slope.js';
import { unaryOperator } from './unary.js';

/** y = √x, y′ = 1/(2y), ∞ at 0. */
export const Sqrt = unaryOperator({
  name: 'Sqrt',
  of: Math.sqrt,
  slope: (b, x, y) => {
    const slope = b.scale(b.reciprocal(y), 0.5);
    return mayVanish(x) ? withPole(slope) : slope;
  },
});
