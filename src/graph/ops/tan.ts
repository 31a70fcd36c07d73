import { same } from '../onnx/export/writers.js';
import { unaryOperator } from './unary.js';

/** y = tan x, y′ = 1 + y². */
export const Tan = unaryOperator({
  name: 'Tan',
  of: Math.tan,
  slope: (b, _x, y) => b.shift(b.square(y), 1),
  onnx: { write: same, doubleKernel: 'no' },
});
