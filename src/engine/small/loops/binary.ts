/**
 * @module engine/small/loops/binary
 *
 * Elementwise functions of two operands over a rows × cols block, as plain loops: y is contiguous, each operand has a stride along
 * rows and one along columns (0: broadcast). One explicit loop an operator, because a loop over a function passed in runs at the
 * speed of an indirect call. float32 is computed in double and rounded once, which for + − × ÷ is the exact float32 result.
 */
import type { Numbers } from './types.js';

/** y[yo + r·cols + c] = f(a[ao + r·ar + c·ac], b[bo + r·br + c·bc]) */
export type BinaryLoop = (
  rows: number,
  cols: number,
  y: Numbers,
  yo: number,
  a: Numbers,
  ao: number,
  ar: number,
  ac: number,
  b: Numbers,
  bo: number,
  br: number,
  bc: number,
) => void;

const add: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = a[i] + b[j];
  }
};

const sub: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = a[i] - b[j];
  }
};

const mul: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = a[i] * b[j];
  }
};

const div: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = a[i] / b[j];
  }
};

const pow: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = Math.pow(a[i], b[j]);
  }
};

const max: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = Math.max(a[i], b[j]);
  }
};

const min: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = Math.min(a[i], b[j]);
  }
};

const greater: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = a[i] > b[j] ? 1 : 0;
  }
};

const greaterOrEqual: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = a[i] >= b[j] ? 1 : 0;
  }
};

const less: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = a[i] < b[j] ? 1 : 0;
  }
};

const lessOrEqual: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = a[i] <= b[j] ? 1 : 0;
  }
};

const equal: BinaryLoop = (rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
  for (let r = 0; r < rows; r++, ao += ar, bo += br) {
    for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = a[i] === b[j] ? 1 : 0;
  }
};

/** The loop of a function: one of its own where there is one. */
export const binaryLoop = (op: string, of: (a: number, b: number) => number): BinaryLoop =>
  BINARY[op] ??
  ((rows, cols, y, yo, a, ao, ar, ac, b, bo, br, bc) => {
    for (let r = 0; r < rows; r++, ao += ar, bo += br) {
      for (let c = 0, i = ao, j = bo; c < cols; c++, i += ac, j += bc) y[yo++] = of(a[i], b[j]);
    }
  });

const BINARY: Readonly<Record<string, BinaryLoop | undefined>> = {
  Add: add,
  Sub: sub,
  Mul: mul,
  Div: div,
  Pow: pow,
  Max: max,
  Min: min,
  Greater: greater,
  GreaterOrEqual: greaterOrEqual,
  Less: less,
  LessOrEqual: lessOrEqual,
  Equal: equal,
};
