import { same } from '../onnx/export/writers.js';
import { unaryOperator } from './unary.js';

/** y = sinh x = (eˣ − e⁻ˣ)/2, y′ = cosh x = (eˣ + e⁻ˣ)/2. */
export const Sinh = unaryOperator({
  name: 'Sinh',
  of: Math.sinh,
  slope: (b, x) => b.scale(b.add(b.exp(x), b.exp(b.neg(x))), 0.5),
  onnx: { write: same, doubleKernel: 'no' },
});
