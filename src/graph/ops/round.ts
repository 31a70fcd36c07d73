import { unaryOperator } from './unary.js';

/** The nearest whole number, of two the even one. */
export function roundEven(x: number): number {
  const below = Math.floor(x);
  const over = x - below;
  if (over !== 0.5) return over < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** y = x to the nearest whole number, halves to the even one; its derivative is zero wherever it exists. */
export const Round = unaryOperator({ name: 'Round', of: roundEven, slope: null });
