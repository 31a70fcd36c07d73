/**
 * @module scores/factor-rows
 *
 * Rows that Kronecker factors are made of, by example: inputs a [N, G, R, in (+ 1)] and gradients g [N, K, G, R, out] of R positions and G
 * groups, so that A_n = 1/R Σ_r a_r a_rᵀ and G_n = Σ_k w_k Σ_r g_kr g_krᵀ of each example stand apart, as errors need them (scores/kronecker has
 * the sums over examples). `reduce` takes the mean input and the whole gradient: one position. R. Eschenhagen et al., NeurIPS 2023.
 */
import { constant, N, ops as b, type Value } from '../graph/index.js';
import { tensor } from '../core/tensor.js';
import type { Positions } from './positions.js';
import type { FactorRows, Sharing } from './score.js';

/** Inputs and gradients at every position, as asked. */
export function rowsOf({ a, g, parts }: FactorRows, homogeneous: boolean, sharing: Sharing): FactorRows {
  const homogeneously = (v: Value) => (homogeneous ? withOne(v) : v);
  const R = a.shape[2] as number;
  if (sharing === 'reduce' && R > 1) {
    const sums = () => parts.map((part) => b.reduceSum(part, [2], true)).reduce((sum, v) => b.add(sum, v));
    const mean = parts.length === 1 ? b.reduceMean(a, [2], true) : b.scale(sums(), 1 / R);
    return inOne(homogeneously(mean), b.reduceSum(g, [3], true));
  }
  const all = homogeneously(a);
  return { a: all, parts: parts.length === 1 ? [all] : parts.map(homogeneously), g };
}

/** (a, 1). */
function withOne(a: Value): Value {
  const last = a.shape.length - 1;
  return b.concat([a, b.expandLike(b.scalar(1, a.dtype), b.slice(a, last, 0, 1))], last);
}

const inOne = (a: Value, g: Value): FactorRows => ({ a, parts: [a], g });

/** Of a dense site: one position. */
export const denseRows = (a: Value, g: Value): FactorRows =>
  inOne(b.unsqueeze(a, [1, 2]), b.unsqueeze(g, [2, 3]));

/** Of a shared weight, with its inputs in parts. */
export function sharedRows({ x, g, turned }: Positions, parts: readonly Positions[]): FactorRows {
  const rows = (v: Value) => (turned ? b.swapLast(v) : v);
  const a = rows(x);
  return { a, parts: parts.length === 1 ? [a] : parts.map((part) => rows(part.x)), g: rows(g) };
}

/** Most rows of a table of which A is kept as a matrix; beyond, the diagonal that it is. */
export const MOST_UNIT_ROWS = 1024;

/** Of a table [V, D]: the inputs are the unit vectors of the ids [N, S], the gradients those of the look-ups [N, K, S, D]. */
export function tableRows(ids: Value, V: number, g: Value): FactorRows {
  const numbers = constant(
    tensor(
      'float64',
      [V],
      Float64Array.from({ length: V }, (_, v) => v),
    ),
  );
  const said = b.cast(ids, 'float64');
  const rows = b.where(b.less(said, b.scalar(0, 'float64')), b.shift(said, V), said);
  const hot = b.cast(b.equal(b.unsqueeze(rows, [2]), numbers), g.dtype);
  return inOne(b.unsqueeze(hot, [1]), b.unsqueeze(g, [2]));
}

/** Rows of several columns or positions as one axis: [N, K, G, R, d] → [N, G, K·R, d]. */
export function joined(u: Value): Value {
  const [, K, G, R, d] = u.shape as readonly [unknown, number, number, number, number];
  return b.reshape(K === 1 || G === 1 ? u : b.permute(u, [0, 2, 1, 3, 4]), [N, G, K * R, d]);
}
