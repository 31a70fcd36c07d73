import * as b from '../build.js';
import { unaryOperator } from './unary.js';

/** y = ln x, y′ = 1/x. */
export const Log = unaryOperator('Log', (x) => b.reciprocal(x));
