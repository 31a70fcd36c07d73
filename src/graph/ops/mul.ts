import { binaryOperator } from './binary.js';

/** y = a·b with broadcasting; ∂a = b, ∂b = a. */
export const Mul = binaryOperator({
  name: 'Mul',
  of: (a, b) => a * b,
  commutative: true,
  slopes: [(_b, _a, c) => c, (_b, a) => a],
  second: {
    kind: 'elementwise',
    curved: (moves) => moves[0] && moves[1],
    terms: [{ coefficient: null, factor: 2, i: 0, j: 1 }],
  },
});
