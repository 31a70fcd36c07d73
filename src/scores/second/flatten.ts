/**
 * @module scores/second/flatten
 *
 * Cotangents [N, K, S] and tangents [N, L, S] of any value as matrices with one row for each column or direction, so that their
 * inner product over the value's S elements is one batched matrix product. The rows of an m·N axis are among the S.
 */
import { batchAxis, N, ops as b, type BatchDim, type Shape, type Value } from '../../graph/index.js';

const size = (shape: Shape): number => shape.reduce<number>((p, d) => p * (d as number), 1);

/**
 * What a value of shape `shape` carries with one leading axis (graph/layout) → [N, L, S]; of a batch-free value, [L, S] for a
 * tangent and [N, L, S] for a cotangent that keeps the examples apart.
 */
export function flatten(x: Value, shape: Shape): Value {
  const at = batchAxis(shape);
  if (at < 0) {
    const lead = x.shape.length - shape.length;
    return b.reshape(x, [...x.shape.slice(0, lead), size(shape)]);
  }
  const { batch } = shape[at] as BatchDim;
  const L = x.shape[at + 1];
  const before = x.shape.slice(0, at);
  const after = x.shape.slice(at + 2);
  const apart = b.reshape(x, [...before, N, batch, L, ...after]);
  const order = [at, at + 2, ...before.map((_, i) => i), at + 1, ...after.map((_, i) => at + 3 + i)];
  return b.reshape(b.permute(apart, order), [N, L, size([...before, batch, ...after])]);
}

/** Σ over the elements of a value: cotangents [N, K, S] · tangents ([N,] L, S) → [N, K, L]. */
export function inner(cotangent: Value, tangent: Value, shape: Shape): Value {
  return b.matmul(flatten(cotangent, shape), b.swapLast(flatten(tangent, shape)));
}
