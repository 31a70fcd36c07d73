import { sigmoid } from '../../core/numeric.js';
import { unaryOperator } from './unary.js';

/** y = 1/(1 + e⁻ˣ), y′ = y(1 − y). */
export const Sigmoid = unaryOperator({
  name: 'Sigmoid',
  of: sigmoid,
  slope: (b, _x, y) => b.mul(y, b.sub(b.scalar(1, y.dtype), y)),
});
