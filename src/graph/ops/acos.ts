import { same } from '../onnx/export/writers.js';
import { withPole } from '../slope.js';
import { unaryOperator } from './unary.js';

/** y = arccos x, y′ = −1/√(1 − x²), ∞ at ±1. */
export const Acos = unaryOperator({
  name: 'Acos',
  of: Math.acos,
  slope: (b, x) => withPole(b.neg(b.reciprocal(b.sqrt(b.sub(b.scalar(1, x.dtype), b.square(x)))))),
  onnx: { write: same, doubleKernel: 'no' },
});
