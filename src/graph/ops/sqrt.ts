import * as b from '../build.js';
import { unaryOperator } from './unary.js';

/** y = √x, y′ = 1/(2y). */
export const Sqrt = unaryOperator('Sqrt', (_x, y) => b.scale(b.reciprocal(y), 0.5));
