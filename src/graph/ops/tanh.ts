import { unaryOperator } from './unary.js';

/** y = tanh x, y′ = 1 − y². */
export const Tanh = unaryOperator({
  name: 'Tanh',
  of: Math.tanh,
  slope: (b, _x, y) => b.sub(b.scalar(1, y.dtype), b.square(y)),
});
