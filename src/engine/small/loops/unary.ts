/**
 * @module engine/small/loops/unary
 *
 * Elementwise functions of one contiguous operand, as plain loops.
 */
import { erf, sigmoid, softplus } from '../../../core/numeric.js';
import type { Numbers } from './types.js';

/** y[yo + i] = f(x[xo + i]), i < count */
export type UnaryLoop = (count: number, y: Numbers, yo: number, x: Numbers, xo: number) => void;

/** The loop of a function: one of its own where there is one, since a loop over a function passed in runs at the speed of a call. */
export const unaryLoop = (op: string, of: (x: number) => number): UnaryLoop =>
  UNARY[op] ??
  ((count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = of(x[xo + i]);
  });

const UNARY: Readonly<Record<string, UnaryLoop | undefined>> = {
  Neg: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = -x[xo + i];
  },
  Exp: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = Math.exp(x[xo + i]);
  },
  Log: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = Math.log(x[xo + i]);
  },
  Sqrt: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = Math.sqrt(x[xo + i]);
  },
  Abs: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = Math.abs(x[xo + i]);
  },
  Sign: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = Math.sign(x[xo + i]);
  },
  Tanh: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = Math.tanh(x[xo + i]);
  },
  Sigmoid: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = sigmoid(x[xo + i]);
  },
  Softplus: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = softplus(x[xo + i]);
  },
  Relu: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = x[xo + i] < 0 ? 0 : x[xo + i];
  },
  Erf: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = erf(x[xo + i]);
  },
  Reciprocal: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = 1 / x[xo + i];
  },
  Not: (count, y, yo, x, xo) => {
    for (let i = 0; i < count; i++) y[yo + i] = x[xo + i] ? 0 : 1;
  },
};
