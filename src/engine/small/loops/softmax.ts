/**
 * @module engine/small/loops/softmax
 *
 * Softmax and LogSoftmax over one axis of `length` elements `s` apart, shifted by the maximum.
 */
import type { Numbers } from './types.js';

export type SoftmaxLoop = (length: number, s: number, y: Numbers, yo: number, x: Numbers, xo: number) => void;

function top(length: number, s: number, x: Numbers, xo: number): number {
  let t = -Infinity;
  for (let l = 0; l < length; l++, xo += s) t = Math.max(t, x[xo]);
  return t;
}

export const softmax: SoftmaxLoop = (length, s, y, yo, x, xo) => {
  const t = top(length, s, x, xo);
  let total = 0;
  for (let l = 0; l < length; l++) total += Math.exp(x[xo + l * s] - t);
  for (let l = 0; l < length; l++) y[yo + l * s] = Math.exp(x[xo + l * s] - t) / total;
};

export const logSoftmax: SoftmaxLoop = (length, s, y, yo, x, xo) => {
  const t = top(length, s, x, xo);
  let total = 0;
  for (let l = 0; l < length; l++) total += Math.exp(x[xo + l * s] - t);
  const log = Math.log(total);
  for (let l = 0; l < length; l++) y[yo + l * s] = x[xo + l * s] - t - log;
};
