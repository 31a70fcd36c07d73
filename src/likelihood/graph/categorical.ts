/**
 * @module likelihood/graph/categorical
 *
 * One of T classes in the graph: Δ_c = e_c − p with weight p_c. 1 − p_c is the sum of the other probabilities, which keeps its digits
 * where a class is almost certain.
 */
import type { FloatType } from '../../core/tensor.js';
import { ops as b, type Value } from '../../graph/index.js';
import { diagonalMask, type InGraph, range } from './in-graph.js';

/** p and 1 − p, [N, T]. */
function probabilities(h: Value): { p: Value; q: Value } {
  const p = b.softmax(h, 1);
  const others = b.indicator(b.not(diagonalMask(h.shape[1] as number)), h.dtype as FloatType);
  return { p, q: b.matmul(p, others) };
}

/** One of T classes, h its logits. */
export const categoricalInGraph: InGraph = {
  columns(h) {
    const { p, q } = probabilities(h);
    const own = b.unsqueeze(diagonalMask(h.shape[1] as number), [0]);
    return { columns: b.where(own, b.unsqueeze(q, [2]), b.neg(b.unsqueeze(p, [1]))), weights: p };
  },
  labels: () => ({ dtype: 'int64', shape: [] }),
  residual(h, y) {
    const { p, q } = probabilities(h);
    const T = h.shape[1] as number;
    const own = b.equal(b.reshape(y, [h.shape[0], 1]), range(T, [1, T]));
    return b.where(own, q, b.neg(p));
  },
};
