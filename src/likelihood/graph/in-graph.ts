/**
 * @module likelihood/graph/in-graph
 *
 * Interface of a likelihood that is said in operators of the graph, so that a derived graph needs no host between its halves: from the
 * outputs h [N, T] the columns of I(h) = Σ_k w_k Δ_kΔ_kᵀ that have weight, and the residual of a label. Values are those of
 * likelihood/types, in the precision of h; nothing is subtracted that would cancel.
 */
import { type DType, type FloatType, tensor } from '../../core/tensor.js';
import { ops as b, type Value } from '../../graph/index.js';
import { constant } from '../../graph/value.js';

/** Columns of I(h) as values of a graph. */
export interface GraphColumns {
  /** Δ [N, K, T]. */
  readonly columns: Value;
  /** w [N, K]. */
  readonly weights: Value;
}

/** Labels of the data as an input of a graph. */
export interface GraphLabels {
  /** Element type: `int64` of class numbers, else that of h. */
  readonly dtype: DType;
  /** Shape of one example's: [] of one class, [S] of a class at each position, else [T] or [T/2]. */
  readonly shape: readonly number[];
}

/** A likelihood in operators of the graph. */
export interface InGraph {
  /** Those columns that can have weight, from h [N, T]. */
  columns(h: Value): GraphColumns;
  /** What labels of a network with the output h [N, T] are. */
  labels(h: Value): GraphLabels;
  /** δ = t(y) − η [N, T] of labels y [N, …]. */
  residual(h: Value, y: Value): Value;
}

/** 0, 1, …, n − 1 as int64, along the axis of a shape that is 1 elsewhere. */
export function range(n: number, shape: readonly number[] = [n]): Value {
  return constant(
    tensor(
      'int64',
      shape,
      Array.from({ length: n }, (_, i) => i),
    ),
  );
}

/** Booleans [n, n], true on the diagonal. */
export const diagonalMask = (n: number): Value => b.equal(range(n, [n, 1]), range(n, [1, n]));

/** The identity [n, n] once for each example of h [N, …]: [N, n, n]. */
export function identities(n: number, h: Value): Value {
  const one = b.reshape(b.slice(h, 1, 0, 1), [h.shape[0], 1, 1]);
  return b.expandLike(b.unsqueeze(b.indicator(diagonalMask(n), h.dtype as FloatType), [0]), one);
}

/** Diagonal matrices [N, n, n] of rows x [N, n]. */
export function diagonals(x: Value): Value {
  const n = x.shape[1] as number;
  return b.mul(b.unsqueeze(b.indicator(diagonalMask(n), x.dtype as FloatType), [0]), b.unsqueeze(x, [2]));
}
