import * as b from '../build.js';
import { unaryOperator } from './unary.js';

/** y = |x|, y′ = sign x (0 at the kink). */
export const Abs = unaryOperator('Abs', (x) => b.sign(x));
