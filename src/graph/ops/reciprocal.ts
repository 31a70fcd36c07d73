import * as b from '../build.js';
import { unaryOperator } from './unary.js';

/** y = 1/x, y′ = −y². */
export const Reciprocal = unaryOperator('Reciprocal', (_x, y) => b.neg(b.square(y)));
