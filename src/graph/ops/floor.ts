import { unaryOperator } from './unary.js';

/** y = ⌊x⌋; its derivative is zero wherever it exists. */
export const Floor = unaryOperator({ name: 'Floor', of: Math.floor, slope: null });
