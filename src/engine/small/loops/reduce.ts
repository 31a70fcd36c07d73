/**
 * @module engine/small/loops/reduce
 *
 * Sums and maxima along one axis for a run of results, accumulated in double whatever the element type. The order of an element's
 * sum is that of the axis, so it depends on nothing else.
 */
import type { Numbers } from './types.js';

/** acc[i] ⊕= ⊕_l x[xo + i·xr + l·xs], for i < count, l < length */
export type ReduceLoop = (
  count: number,
  length: number,
  acc: Float64Array,
  x: Numbers,
  xo: number,
  xr: number,
  xs: number,
) => void;

export const sum: ReduceLoop = (count, length, acc, x, xo, xr, xs) => {
  if (xr === 1 && xs !== 1) {
    for (let l = 0; l < length; l++, xo += xs) for (let i = 0; i < count; i++) acc[i] += x[xo + i];
    return;
  }
  for (let i = 0; i < count; i++, xo += xr) {
    let total = acc[i];
    for (let l = 0, j = xo; l < length; l++, j += xs) total += x[j];
    acc[i] = total;
  }
};

export const max: ReduceLoop = (count, length, acc, x, xo, xr, xs) => {
  for (let i = 0; i < count; i++, xo += xr) {
    let top = acc[i];
    for (let l = 0, j = xo; l < length; l++, j += xs) top = Math.max(top, x[j]);
    acc[i] = top;
  }
};
