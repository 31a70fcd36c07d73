import { unaryOperator } from './unary.js';

/** y = ⌈x⌉; its derivative is zero wherever it exists. */
export const Ceil = unaryOperator({ name: 'Ceil', of: Math.ceil, slope: null });
