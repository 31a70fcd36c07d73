import { same } from '../onnx/export/writers.js';
import { withPole } from '../slope.js';
import { unaryOperator } from './unary.js';

/** y = artanh x, y′ = 1/(1 − x²), ∞ at ±1. */
export const Atanh = unaryOperator({
  name: 'Atanh',
  of: Math.atanh,
  slope: (b, x) => withPole(b.reciprocal(b.sub(b.scalar(1, x.dtype), b.square(x)))),
  onnx: { write: same, doubleKernel: 'no' },
});
