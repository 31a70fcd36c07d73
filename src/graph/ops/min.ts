import type { FloatType } from '../../core/tensor.js';
import * as b from '../build.js';
import { binaryOperator } from './binary.js';

/** y = min(a, b) with broadcasting; at a tie the second operand takes the derivative. */
export const Min = binaryOperator('Min', [
  (a, c) => b.indicator(b.less(a, c), a.dtype as FloatType),
  (a, c) => b.indicator(b.greaterOrEqual(a, c), a.dtype as FloatType),
]);
