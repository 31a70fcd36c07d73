import { same } from '../onnx/export/writers.js';
import { unaryOperator } from './unary.js';

/** y = cosh x = (eˣ + e⁻ˣ)/2, y′ = sinh x, which does not cancel near 0. */
export const Cosh = unaryOperator({
  name: 'Cosh',
  of: Math.cosh,
  slope: (b, x) => b.apply('Sinh', [x]),
  onnx: { write: same, doubleKernel: 'no' },
});
