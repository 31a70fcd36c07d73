import { same } from '../onnx/export/writers.js';
import { unaryOperator } from './unary.js';

/** y = cos x, y′ = −sin x. */
export const Cos = unaryOperator({
  name: 'Cos',
  of: Math.cos,
  slope: (b, x) => b.neg(b.sin(x)),
  onnx: { write: same, doubleKernel: 'yes' },
});
