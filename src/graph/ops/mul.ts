import { binaryOperator } from './binary.js';

/** y = a·b with broadcasting; ∂a = b, ∂b = a. */
export const Mul = binaryOperator('Mul', [(_a, c) => c, (a) => a]);
