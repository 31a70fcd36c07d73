import { unaryOperator } from './unary.js';

/** y = |x|, y′ = sign x (0 at the kink). */
export const Abs = unaryOperator({ name: 'Abs', of: Math.abs, slope: (b, x) => b.sign(x), straight: true });
