import type { FloatType } from '../../core/tensor.js';
import { STRAIGHT } from '../operator.js';
import { binaryOperator } from './binary.js';

/** y = min(a, b) with broadcasting; at a tie the second operand takes the derivative. */
export const Min = binaryOperator({
  name: 'Min',
  of: Math.min,
  slopes: [
    (b, a, c) => b.indicator(b.less(a, c), a.dtype as FloatType),
    (b, a, c) => b.indicator(b.greaterOrEqual(a, c), a.dtype as FloatType),
  ],
  second: STRAIGHT,
});
