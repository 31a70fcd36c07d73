import { unaryOperator } from './unary.js';

/** y = eˣ, y′ = y. */
export const Exp = unaryOperator('Exp', (_x, y) => y);
