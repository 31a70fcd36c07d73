import { same } from '../onnx/export/writers.js';
import { unaryOperator } from './unary.js';

/** y = cosh x = (eˣ + e⁻ˣ)/2, y′ = sinh x = (eˣ − e⁻ˣ)/2. */
export const Cosh = unaryOperator({
  name: 'Cosh',
  of: Math.cosh,
  slope: (b, x) => b.scale(b.sub(b.exp(x), b.exp(b.neg(x))), 0.5),
  onnx: { write: same, doubleKernel: 'no' },
});
