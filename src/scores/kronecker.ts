/**
 * @module scores/kronecker
 *
 * Kronecker factors of a weight that R positions share (formulas in scores/shared): A [in, in] and G [out, out] by products over examples
 * and positions together, of a grouped weight [groups, …].
 */
import { type Dim, mulDim, N, ops as b, type Value } from '../graph/index.js';
import type { Positions } from './positions.js';
import type { KroneckerFactors, Sharing } from './score.js';

/** x [N, G, R, width] or, of K columns, [N, K, G, R, width] with what it is turned from. */
const upright = (v: Value, turned: boolean): Value => (turned ? b.swapLast(v) : v);

/** Σ over all rows of each group of lᵀr: [N, …, G, R, width] → [G, width, width], or [width, width] of one group. */
function groupGram(left: Value, right: Value): Value {
  const r = left.shape.length;
  const [G, width] = [left.shape[r - 3] as number, left.shape[r - 1] as number];
  const outer = [...left.shape.slice(0, r - 3), left.shape[r - 2]].reduce<Dim>(
    (p, d) => mulDim(p, d) as Dim,
    1,
  );
  const stacked = (v: Value): Value => {
    if (G === 1) return b.reshape(v, [outer, width]);
    const order = [r - 3, ...Array.from({ length: r - 3 }, (_, i) => i), r - 2, r - 1];
    return b.reshape(b.permute(v, order), [G, outer, width]);
  };
  return b.matmul(b.swapLast(stacked(left)), stacked(right));
}

/** Both factors, summed over the examples. */
export function sharedFactors(
  { x, g, turned }: Positions,
  w: Value,
  homogeneous: boolean,
  sharing: Sharing,
): KroneckerFactors {
  let [a, s] = [upright(x, turned), upright(g, turned)];
  const R = a.shape[2] as number;
  if (sharing === 'reduce') [a, s] = [b.reduceMean(a, [2], true), b.reduceSum(s, [3], true)];
  if (homogeneous) {
    const one = b.expandLike(b.scalar(1, a.dtype), b.slice(a, 3, 0, 1));
    a = b.concat([a, one], 3);
  }
  const weighted = b.mul(s, b.reshape(w, [N, w.shape[1], 1, 1, 1]));
  const A = groupGram(a, a);
  return { A: sharing === 'expand' && R > 1 ? b.scale(A, 1 / R) : A, G: groupGram(weighted, s) };
}
