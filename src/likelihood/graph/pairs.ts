/**
 * @module likelihood/graph/pairs
 *
 * Means and scales in the graph: with δ = L(e_1, e_2) in the coordinates of a head (likelihood/pair-heads), columns L e_1 of every pair and
 * then L e_2, all of weight 1.
 */
import { ops as b, type Value } from '../../graph/index.js';
import { diagonals, type InGraph } from './in-graph.js';

/** L and the law of y at outputs p, r [N, m]. */
export interface PairInGraph {
  /** ll of L = ((ll, 0), (lr, rr)). */
  readonly ll: Value;
  /** lr; null: 0. */
  readonly lr: Value | null;
  /** rr. */
  readonly rr: Value;
  /** μ. */
  readonly mean: Value;
  /** 1/σ. */
  readonly precision: Value;
}

/** A family of pairs from what a head says of them. */
export function pairsInGraph(of: (p: Value, r: Value) => PairInGraph): InGraph {
  const pair = (h: Value): PairInGraph => {
    const T = h.shape[1] as number;
    return of(b.slice(h, 1, 0, T / 2), b.slice(h, 1, T / 2, T));
  };
  return {
    columns(h) {
      const { ll, lr, rr } = pair(h);
      const zero = b.scale(diagonals(ll), 0);
      const first = b.concat([diagonals(ll), lr ? diagonals(lr) : zero], 2);
      const second = b.concat([zero, diagonals(rr)], 2);
      return {
        columns: b.concat([first, second], 1),
        weights: b.expandLike(b.scalar(1, h.dtype), h),
      };
    },
    labels: ({ dtype, shape }) => ({ dtype, shape: [(shape[1] as number) / 2] }),
    residual(h, y) {
      const { ll, lr, rr, mean, precision } = pair(h);
      const z = b.mul(b.sub(y, mean), precision);
      const second = b.scale(b.mul(b.shift(z, -1), b.shift(z, 1)), Math.SQRT1_2);
      const below = b.mul(rr, second);
      return b.concat([b.mul(ll, z), lr ? b.add(b.mul(lr, z), below) : below], 1);
    },
  };
}
