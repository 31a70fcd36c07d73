/**
 * @module scores/gram
 *
 * Gram matrices of the rows of an array [N, K, …]: of each example's columns, or of all rows of a batch together with weights.
 */
import { type Dim, mulDim, N, ops as b, type Shape, type Value } from '../graph/index.js';

const size = (shape: Shape): number => shape.reduce<number>((p, d) => p * (d as number), 1);

/** ⟨x_j, x_k⟩ [N, K, K]. */
export function rowGram(x: Value): Value {
  const [n, k, ...rest] = x.shape;
  const flat = b.reshape(x, [n, k, size(rest)]);
  return b.matmul(flat, b.swapLast(flat));
}

/** Σ_o c_o x_ko [N, K], for loads c [N, …] or [1, …] of the rows' numbers (scores/score). */
export function loadedSum(x: Value, c: Value): Value {
  const [n, k, ...rest] = x.shape;
  const flat = b.reshape(x, [n, k, size(rest)]);
  return b.reduceSum(b.mul(flat, loadRow(c)), [2]);
}

/** Σ_o c_o x_jo x_ko [N, K, K]. */
export function loadedGram(x: Value, c: Value): Value {
  const [n, k, ...rest] = x.shape;
  const flat = b.reshape(x, [n, k, size(rest)]);
  return b.matmul(b.mul(flat, loadRow(c)), b.swapLast(flat));
}

/** Loads [N, …] or [1, …] as a row for every column, [N, 1, size] or [1, 1, size]. */
export const loadRow = (c: Value): Value => b.reshape(c, [c.shape[0], 1, size(c.shape.slice(1))]);

/** Σ_n Σ_k w_nk x_nk x_nkᵀ [size, size], for weights w [N, K]. */
export function weightedGram(x: Value, w: Value): Value {
  const [, columns, ...rest] = x.shape;
  const rows = mulDim(N, columns) as Dim;
  const flat = b.reshape(x, [rows, size(rest)]);
  return b.matmul(b.swapLast(b.mul(flat, b.reshape(w, [rows, 1]))), flat);
}
