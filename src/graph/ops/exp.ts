import { unaryOperator } from './unary.js';

/** y = eˣ, y′ = y. */
export const Exp = unaryOperator({ name: 'Exp', of: Math.exp, slope: (_b, _x, y) => y });
