import * as b from '../build.js';
import { binaryOperator } from './binary.js';

/** y = a/b with broadcasting; ∂a = 1/b, ∂b = −y/b. */
export const Div = binaryOperator('Div', [(_a, c) => b.reciprocal(c), (_a, c, y) => b.neg(b.div(y, c))]);
