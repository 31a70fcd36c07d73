import { same } from '../onnx/export/writers.js';
import { unaryOperator } from './unary.js';

/** y = arsinh x, y′ = 1/√(1 + x²). */
export const Asinh = unaryOperator({
  name: 'Asinh',
  of: Math.asinh,
  slope: (b, x) => b.reciprocal(b.sqrt(b.shift(b.square(x), 1))),
  onnx: { write: same, doubleKernel: 'no' },
});
