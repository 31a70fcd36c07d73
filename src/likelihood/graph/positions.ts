/**
 * @module likelihood/graph/positions
 *
 * A family at each of S positions in the graph: the columns of a position stand in its own outputs, zeros elsewhere.
 */
import type { FloatType } from '../../core/tensor.js';
import { type Dim, mulDim, N, ops as b, type Value } from '../../graph/index.js';
import { diagonalMask, type InGraph } from './in-graph.js';

/** `base` at each of S positions, position after position. */
export function positionsInGraph(base: InGraph, S: number): InGraph {
  const rows = mulDim(N, S) as Dim;
  const apart = (h: Value): Value => b.reshape(h, [rows, (h.shape[1] as number) / S]);
  return {
    columns(h) {
      const { columns, weights } = base.columns(apart(h));
      const [, K, C] = columns.shape as readonly [Dim, number, number];
      const own = b.reshape(b.indicator(diagonalMask(S), h.dtype as FloatType), [1, S, 1, S, 1]);
      const placed = b.mul(b.reshape(columns, [N, S, K, 1, C]), own);
      return { columns: b.reshape(placed, [N, S * K, S * C]), weights: b.reshape(weights, [N, S * K]) };
    },
    labels(h) {
      const { dtype, shape } = base.labels(apart(h));
      return { dtype, shape: [S, ...shape] };
    },
    residual(h, y) {
      const own = b.reshape(y, [rows, ...(y.shape.slice(2) as number[])]);
      return b.reshape(base.residual(apart(h), own), h.shape);
    },
  };
}
