import type { FloatType } from '../../core/tensor.js';
import { STRAIGHT } from '../operator.js';
import { binaryOperator } from './binary.js';

/** y = max(a, b) with broadcasting; at a tie the second operand takes the derivative, so max(x, 0) is flat at 0. */
export const Max = binaryOperator({
  name: 'Max',
  of: Math.max,
  slopes: [
    (b, a, c) => b.indicator(b.greater(a, c), a.dtype as FloatType),
    (b, a, c) => b.indicator(b.lessOrEqual(a, c), a.dtype as FloatType),
  ],
  second: STRAIGHT,
});
