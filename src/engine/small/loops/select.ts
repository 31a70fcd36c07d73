/**
 * @module engine/small/loops/select
 *
 * Plain loops of the operators Where and Cast.
 */
import type { Numbers } from './types.js';

/** y[yo + c] = cond ? a : b over `cols` elements, each operand with its own stride. */
export function where(
  cols: number,
  y: Numbers,
  yo: number,
  cond: Uint8Array,
  co: number,
  cs: number,
  a: Numbers,
  ao: number,
  as: number,
  b: Numbers,
  bo: number,
  bs: number,
): void {
  for (let i = 0; i < cols; i++, co += cs, ao += as, bo += bs) y[yo + i] = cond[co] ? a[ao] : b[bo];
}

export type CastLoop = (count: number, y: Numbers, yo: number, x: Numbers, xo: number) => void;

/** Between number types; a typed array truncates and wraps by itself. */
const plain: CastLoop = (count, y, yo, x, xo) => {
  for (let i = 0; i < count; i++) y[yo + i] = x[xo + i];
};

const toBool: CastLoop = (count, y, yo, x, xo) => {
  for (let i = 0; i < count; i++) y[yo + i] = Number(x[xo + i]) !== 0 ? 1 : 0;
};

const fromBig: CastLoop = (count, y, yo, x, xo) => {
  for (let i = 0; i < count; i++) y[yo + i] = Number(x[xo + i]);
};

const toBig: CastLoop = (count, y, yo, x, xo) => {
  const out = y as unknown as BigInt64Array;
  for (let i = 0; i < count; i++) {
    const v = Math.trunc(x[xo + i]);
    out[yo + i] = Number.isFinite(v) ? BigInt(v) : 0n;
  }
};

/** The loop that converts `from` into `to`. */
export function castLoop(from: string, to: string): CastLoop {
  if (to === 'bool') return toBool;
  if (from === 'int64') return to === 'int64' ? plain : fromBig;
  return to === 'int64' ? toBig : plain;
}
