import * as b from '../build.js';
import { unaryOperator } from './unary.js';

/** y = tanh x, y′ = 1 − y². */
export const Tanh = unaryOperator('Tanh', (_x, y) => b.sub(b.scalar(1, y.dtype), b.square(y)));
