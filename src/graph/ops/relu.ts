import type { FloatType } from '../../core/tensor.js';
import * as b from '../build.js';
import { unaryOperator } from './unary.js';

/** y = max(x, 0), y′ = 1[x > 0] (0 at the kink, as PyTorch has it). */
export const Relu = unaryOperator('Relu', (x) =>
  b.indicator(b.greater(x, b.scalar(0, x.dtype)), x.dtype as FloatType),
);
