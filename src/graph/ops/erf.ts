import { erf } from '../../core/numeric.js';
import { same } from '../onnx/export/writers.js';
import { unaryOperator } from './unary.js';

/** y = erf x, y′ = (2/√π) e^(−x²). */
export const Erf = unaryOperator({
  name: 'Erf',
  of: erf,
  slope: (b, x) => b.scale(b.exp(b.neg(b.square(x))), 2 / Math.sqrt(Math.PI)),
  onnx: { write: same, doubleKernel: 'no' },
});
