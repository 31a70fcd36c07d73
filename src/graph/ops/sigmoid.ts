import * as b from '../build.js';
import { unaryOperator } from './unary.js';

/** y = 1/(1 + e⁻ˣ), y′ = y(1 − y). */
export const Sigmoid = unaryOperator('Sigmoid', (_x, y) => b.mul(y, b.sub(b.scalar(1, y.dtype), y)));
