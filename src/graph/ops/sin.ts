import { same } from '../onnx/export/writers.js';
import { unaryOperator } from './unary.js';

/** y = sin x, y′ = cos x. */
export const Sin = unaryOperator({
  name: 'Sin',
  of: Math.sin,
  slope: (b, x) => b.cos(x),
  onnx: { write: same, doubleKernel: 'yes' },
});
