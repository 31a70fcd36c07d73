/**
 * @module scores/matrix-statistics
 *
 * Matrices of second moments of each example's rows u [N, K, G, R, d] of K columns, G groups and R positions, before the sum over examples,
 * and the variance of every element under one draw. With M_k = Σ_r u_kr u_krᵀ
 *
 *   Q   = Σ_k w_k M_k                                                     [N, G, d, d]
 *   v   = Σ_k w_k (M_k − Q)²                                              `enumerated`: of M_y when y = k has probability w_k
 *   v   = Σ_b Σ_{k∈b} w_k (M_k − Q_b)² + Σ_{b≠c} (Q_b,ii Q_c,jj + Q_b,ij Q_c,ij)    `blocks`: independent blocks, each enumerated
 *   v   = Σ_k c_k u_ki² u_kj² + the same sum over pairs of columns        `pairwise`: independent components
 *
 * The diagonal of each is what scores/column-statistics says of squares. The last two hold of one position; P24 Lemma 3.1 and theory (3.4).
 */
import { castTensor, type FloatType, tensor } from '../core/tensor.js';
import { constant, type Dim, mulDim, N, ops as b, type Value } from '../graph/index.js';
import type { LabelKind } from './column-statistics.js';
import { joined } from './factor-rows.js';

/** Σ over rows of lᵀr by example and group, of rows [N, G, rows, d]. */
const products = (l: Value, r: Value): Value => b.matmul(b.swapLast(l), r);

/** w [N, K] at every number of u [N, K, …]. */
const spread = (w: Value, u: Value): Value => b.reshape(w, [N, u.shape[1], ...u.shape.slice(2).map(() => 1)]);

/** Q [N, G, d, d]. */
export function secondMoments(u: Value, w: Value): Value {
  return products(joined(b.mul(u, spread(w, u))), joined(u));
}

/** Rows [N, …, d] of all examples together as [G, rows, d]; G = 1: [rows, d]. */
export function stacked(u: Value): Value {
  const [n, G, R, d] = u.shape as readonly [Dim, number, number, number];
  const rows = mulDim(n, R) as Dim;
  if (G === 1) return b.reshape(u, [rows, d]);
  return b.reshape(b.permute(u, [1, 0, 2, 3]), [G, rows, d]);
}

/** Σ_n of the matrices of rows [N, G, R, d]: [G, d, d], or [d, d] of one group. */
export function summedProducts(l: Value, r: Value): Value {
  return b.matmul(b.swapLast(stacked(l)), stacked(r));
}

/** The variance of one draw [N, G, d, d], by the law that the columns have. `c` [N, K]: fourth-order coefficients of components. */
export function drawVariance(
  u: Value,
  w: Value,
  law: { readonly kind: LabelKind; readonly block?: number | undefined; readonly c: Value | null },
): Value {
  const K = u.shape[1] as number;
  if (law.kind === 'enumerated') return enumerated(u, w, secondMoments(u, w));
  if (law.kind === 'blocks' && law.block !== undefined) return ofBlocks(u, w, K / law.block, law.block);
  return pairwise(u, w, law.c);
}

/** Σ_k w_k (M_k − Q)². */
function enumerated(u: Value, w: Value, Q: Value): Value {
  const [n, K, G, , d] = u.shape;
  const each = b.matmul(b.swapLast(u), u);
  const centred = b.square(b.sub(each, b.unsqueeze(Q, [1])));
  const flat = b.reshape(centred, [n, K, (G as number) * (d as number) ** 2]);
  return b.reshape(b.matmul(b.reshape(w, [n, 1, K]), flat), [n, G, d, d]);
}

/** Independent blocks of columns, each enumerated. */
function ofBlocks(u: Value, w: Value, blocks: number, columns: number): Value {
  const each = Array.from({ length: blocks }, (_, i) => {
    const own = b.slice(u, 1, i * columns, (i + 1) * columns);
    const weights = b.slice(w, 1, i * columns, (i + 1) * columns);
    const Q = secondMoments(own, weights);
    return { Q, within: enumerated(own, weights, Q) };
  });
  const within = each.map((e) => e.within).reduce((x, y) => b.add(x, y));
  if (blocks === 1) return within;
  let pairs: Value | null = null;
  for (let i = 0; i < blocks; i++)
    for (let j = 0; j < i; j++) {
      const term = crossed(each[i].Q, each[j].Q);
      pairs = pairs ? b.add(pairs, term) : term;
    }
  return pairs ? b.add(within, pairs) : within;
}

/** Q_ii P_jj + P_ii Q_jj + 2 Q_ij P_ij. */
function crossed(Q: Value, P: Value): Value {
  const outer = b.mul(diagonal(Q, true), diagonal(P, false));
  const other = b.mul(diagonal(P, true), diagonal(Q, false));
  return b.add(b.add(outer, other), b.scale(b.mul(Q, P), 2));
}

/** The diagonal of [N, G, d, d] as a column [N, G, d, 1] or a row. */
function diagonal(Q: Value, column: boolean): Value {
  const d = Q.shape[3] as number;
  return b.reduceSum(b.mul(Q, unitMatrix(d, Q.dtype)), [column ? 3 : 2], true);
}

/** 1 on the diagonal [d, d]. */
function unitMatrix(d: number, dtype: Value['dtype']): Value {
  const data = new Float64Array(d * d);
  for (let i = 0; i < d; i++) data[i * d + i] = 1;
  return constant(castTensor(tensor('float64', [d, d], data), dtype as FloatType));
}

/** Independent components of one position: Σ_k c_k u_ki²u_kj² + Σ_{k≠l} w_k w_l (u_ki² u_lj² + u_ki u_kj u_li u_lj). */
function pairwise(u: Value, w: Value, c: Value | null): Value {
  const squares = b.square(u);
  const [Q, T] = [secondMoments(u, w), weightedSums(squares, w)];
  const outer = b.mul(b.swapLast(T), T);
  const all = b.add(outer, b.square(Q));
  // Of a component with itself only its own fourth moment counts.
  const own = b.scale(b.square(w), -2);
  const rows = joined(b.mul(squares, spread(c ? b.add(c, own) : own, squares)));
  return b.add(all, products(rows, joined(squares)));
}

/** Σ_k w_k x_k of one position [N, G, 1, d]. */
function weightedSums(x: Value, w: Value): Value {
  return b.reduceSum(joined(b.mul(x, spread(w, x))), [2], true);
}
