import * as b from '../build.js';
import { unaryOperator } from './unary.js';

/** y = erf x, y′ = (2/√π) e^(−x²). */
export const Erf = unaryOperator('Erf', (x) => b.scale(b.exp(b.neg(b.square(x))), 2 / Math.sqrt(Math.PI)));
