import type { FloatType } from '../../core/tensor.js';
import { unaryOperator } from './unary.js';

/** y = max(x, 0), y′ = 1[y > 0] (0 at the kink, as PyTorch has it): whoever has y need not keep x. */
export const Relu = unaryOperator({
  name: 'Relu',
  of: (x) => (x > 0 ? x : x === x ? 0 : x),
  slope: (b, _x, y) => b.indicator(b.greater(y, b.scalar(0, y.dtype)), y.dtype as FloatType),
  straight: true,
});
