/**
 * @module scores/column-statistics
 *
 * Statistics over the K scores of each example, before the sum over examples. All are homogeneous in the scores, f of degree 2 and
 * v of degree 4, so for a dense site they are taken of g [N, K, out] alone and the input factor a², a⁴ comes in afterwards:
 * nothing of size N × in × out exists.
 *
 *   f   = Σ_k w_k s_k²                                     the example's Fisher, I = Σ_k w_k Δ_kΔ_kᵀ
 *   v   = Σ_k w_k (s_k² − f)²                              `enumerated`: variance of s_y² when y = k has probability w_k
 *   v   = Σ_b Σ_{k∈b} w_k (s_k² − f_b)² + 4 Σ_{b<c} f_b f_c      `blocks`: independent blocks, each enumerated, f_b = Σ_{k∈b} w_k s_k²
 *   v   = Σ_k c_k s_k⁴ + 4 Σ_{j<k} w_j w_k s_j² s_k²       `pairwise`: independent components; no term is negative
 *
 * Sources: P24 Lemma 3.1 for the variance of one label; for independent components N𝒱1 = Σκ4 J⁴ + 2(ΣvJ²)², rearranged so that
 * nothing cancels in float32. `enumerated` centres before it squares, in a second pass over k, for the same reason.
 */
import { type Dim, mulDim, N, ops as b, type Shape, type Value } from '../graph/index.js';
import { strictlyLower } from './pair-squares.js';

/** How the variance of one draw of s² follows from the K scores. */
export type LabelKind = 'enumerated' | 'pairwise' | 'blocks';

/** Σ_k w_k x_k: [N, K] · [N, K, …] → [N, …], as one batched matrix product. */
export function contract(w: Value, x: Value): Value {
  const [n, k, ...rest] = x.shape;
  const flat = b.reshape(x, [n, k, size(rest)]);
  return b.reshape(b.matmul(b.reshape(w, [n, 1, k]), flat), [n, ...rest]);
}

function size(shape: Shape): number {
  return shape.reduce<number>((p, d) => p * (d as number), 1);
}

/** f = Σ_k w_k s_k² from squared scores [N, K, …] → [N, …]. */
export function weightedSquares(w: Value, squares: Value): Value {
  return contract(w, squares);
}

/** Variance of one draw, `enumerated`: Σ_k w_k (s_k² − f)². */
export function enumeratedVariance(w: Value, squares: Value, f: Value): Value {
  const [n, , ...rest] = squares.shape;
  const centred = b.sub(squares, b.reshape(f, [n, 1, ...rest]));
  return contract(w, b.square(centred));
}

/** Variance of one draw, `blocks` of `columns` columns each: Σ_b Σ_{k∈b} w_k (s_k² − f_b)² + 4 Σ_{b<c} f_b f_c. */
export function blocksVariance(w: Value, squares: Value, columns: number): Value {
  const [n, k, ...rest] = squares.shape;
  const blocks = (k as number) / columns;
  const rows = mulDim(N, blocks) as Dim;
  const own = b.reshape(w, [rows, columns]);
  const apart = b.reshape(squares, [rows, columns, size(rest)]);
  const f = contract(own, apart);
  const within = b.reshape(enumeratedVariance(own, apart, f), [n, blocks, size(rest)]);
  const pairs = pairProducts(b.reshape(f, [n, blocks, size(rest)]), null);
  const v = b.reduceSum(within, [1]);
  return b.reshape(pairs ? b.add(v, b.scale(pairs, 4)) : v, [n, ...rest]);
}

/**
 * Variance of one draw, `pairwise`: Σ_k c_k s_k⁴ + 4 Σ_k u_k (before + Σ_{j<k} u_j), u = w s². `before` is the sum of u over
 * components of earlier chunks, null for the first.
 */
export function pairwiseVariance(w: Value, c: Value | null, squares: Value, before: Value | null): Value {
  const [n, k, ...rest] = squares.shape;
  const width = size(rest);
  const flat = b.reshape(squares, [n, k, width]);
  const u = b.mul(b.reshape(w, [n, k, 1]), flat);
  let v = pairProducts(u, before && b.reshape(before, [n, 1, width]));
  if (v) v = b.scale(v, 4);
  if (c) {
    const fourth = contract(c, b.square(flat));
    v = v ? b.add(v, fourth) : fourth;
  }
  return b.reshape(v ?? b.scale(b.reduceSum(u, [1]), 0), [n, ...rest]);
}

/** Columns whose sums over earlier ones are one product; more are taken in blocks of as many, then block by block. */
const BLOCK = 32;

/** Σ_k u_k (before + Σ_{j<k} u_j) [N, S] of u [N, K, S], `before` [N, 1, S]; null: zero. */
function pairProducts(u: Value, before: Value | null): Value | null {
  const [, k, width] = u.shape as readonly [unknown, number, number];
  if (k > BLOCK) return inBlocks(u, before, k, width);
  let prefix: Value | null = k > 1 ? b.matmul(strictlyLower(k, u.dtype), u) : null;
  if (before) prefix = prefix ? b.add(prefix, before) : before;
  return prefix && b.reduceSum(b.mul(u, prefix), [1]);
}

/** The same by blocks: pairs inside each, and the pairs of the blocks' sums. */
function inBlocks(u: Value, before: Value | null, k: number, width: number): Value {
  const blocks = Math.floor(k / BLOCK);
  const rows = b.reshape(k % BLOCK === 0 ? u : b.slice(u, 1, 0, blocks * BLOCK), [
    mulDim(N, blocks) as Dim,
    BLOCK,
    width,
  ]);
  const inside = pairProducts(rows, null) as Value;
  let sums = b.reshape(b.reduceSum(rows, [1]), [N, blocks, width]);
  let pairs = b.reduceSum(b.reshape(inside, [N, blocks, width]), [1]);
  if (k % BLOCK > 0) {
    const rest = b.slice(u, 1, blocks * BLOCK, k);
    const own = pairProducts(rest, null);
    if (own) pairs = b.add(pairs, own);
    sums = b.concat([sums, b.reduceSum(rest, [1], true)], 1);
  }
  return b.add(pairs, pairProducts(sums, before) ?? b.scale(pairs, 0));
}
