import { type Operator, STRAIGHT } from '../operator.js';
import { binaryOperator } from './binary.js';

/**
 * y = a − b·trunc(a/b), the remainder with the sign of a (C's fmod), with broadcasting; ∂a = 1, ∂b = −trunc(a/b), a whole number that
 * has no derivative itself.
 */
export const Mod: Operator = {
  ...binaryOperator({
    name: 'Mod',
    of: (a, b) => a % b,
    slopes: [(b, a) => b.scalar(1, a.dtype), (b, a, c, y) => b.apply('Round', [b.div(b.sub(y, a), c)])],
    second: STRAIGHT,
  }),
  onnx: {
    write: (e, _node, inputs, out) => {
      e.node('Mod', inputs, { fmod: 1 }, out);
    },
    doubleKernel: 'yes',
  },
};
