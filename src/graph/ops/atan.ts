import { same } from '../onnx/export/writers.js';
import { unaryOperator } from './unary.js';

/** y = arctan x, y′ = 1/(1 + x²). */
export const Atan = unaryOperator({
  name: 'Atan',
  of: Math.atan,
  slope: (b, x) => b.reciprocal(b.shift(b.square(x), 1)),
  onnx: { write: same, doubleKernel: 'no' },
});
