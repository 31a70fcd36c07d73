import { unaryOperator } from './unary.js';

/** y = sign x; its derivative is zero wherever it exists. */
export const Sign = unaryOperator({ name: 'Sign', of: Math.sign, slope: null });
