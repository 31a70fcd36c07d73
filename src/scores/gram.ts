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

/** Σ_n Σ_k w_nk x_nk x_nkᵀ [size, size], for weights w [N, K]. */
export function weightedGram(x: Value, w: Value): Value {
  const [, columns, ...rest] = x.shape;
  const rows = mulDim(N, columns) as Dim;
  const flat = b.reshape(x, [rows, size(rest)]);
  return b.matmul(b.swapLast(b.mul(flat, b.reshape(w, [rows, 1]))), flat);
}
