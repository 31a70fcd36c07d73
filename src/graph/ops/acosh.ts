import { same } from '../onnx/export/writers.js';
import { withPole } from '../slope.js';
import { unaryOperator } from './unary.js';

/** y = arcosh x, y′ = 1/√(x² − 1), ∞ at 1. */
export const Acosh = unaryOperator({
  name: 'Acosh',
  of: Math.acosh,
  slope: (b, x) => withPole(b.reciprocal(b.sqrt(b.shift(b.square(x), -1)))),
  onnx: { write: same, doubleKernel: 'no' },
});
