/**
 * @module scores/pair-squares
 *
 * Sum over pairs of columns Σ_{j<k} w_j w_k M_jk² [N], M_jk = Σ_p ⟨s_pj, s_pk⟩ the Gram matrix of all scores of a group of parameters p: a
 * quarter of the variance of the group's total under independent components (likelihood/total). Rows of M come a block at a time, only as
 * far as the diagonal, so that no K × K array exists once K passes `BLOCK`. Parameters that share their neurons (a weight and its
 * bias) share the product: M = Σ_d c_d R_d, R_d the Gram matrix of the neurons and c_d = Σ ‖input‖² over those that share them. Where
 * the entries of the parameters have weights, M_jk = Σ_d Σ_o c_do x_jo x_ko with the sum of their loads (scores/score) in place of c_d.
 */
import { tensor } from '../core/tensor.js';
import { constant, N, ops as b, type Value } from '../graph/index.js';
import { loadRow } from './gram.js';
import type { Score } from './score.js';

/** Columns of a block of rows. */
const BLOCK = 128;

/** Rows [N, K, size], and the factor of their Gram matrix [N, 1, 1]; null: 1. Or loads of the products [N, 1, size]. */
interface Rows {
  readonly x: Value;
  readonly factor: Value | null;
  readonly load?: Value;
}

/** The distinct neurons of some scores with their factors. */
function rowsOf(scores: readonly Score[]): Rows[] {
  const factors = new Map<Value, { plain: number; squared: Value | null }>();
  for (const { neurons, input } of scores) {
    const at = factors.get(neurons) ?? { plain: 0, squared: null };
    factors.set(neurons, at);
    if (input) {
      const length = b.reduceSum(b.square(input), [1]);
      at.squared = at.squared ? b.add(at.squared, length) : length;
    } else at.plain += 1;
  }
  return [...factors].map(([neurons, { plain, squared }]) => {
    const [n, k, ...rest] = neurons.shape;
    const size = rest.reduce<number>((p, d) => p * (d as number), 1);
    const x = b.reshape(neurons, [n, k, size]);
    const one = plain > 0 ? b.scalar(plain, x.dtype) : null;
    const factor = squared && one ? b.add(squared, one) : (squared ?? (plain === 1 ? null : one));
    return { x, factor: factor && (factor === one ? one : b.reshape(factor, [N, 1, 1])) };
  });
}

/** The distinct neurons of some scores with the sums of their loads. */
function loadedRows(loads: ReadonlyMap<Score, Value>): Rows[] {
  const sums = new Map<Value, Value>();
  for (const [{ neurons }, c] of loads) {
    const before = sums.get(neurons);
    sums.set(neurons, before ? b.add(before, loadRow(c)) : loadRow(c));
  }
  return [...sums].map(([neurons, load]) => {
    const [n, k, ...rest] = neurons.shape;
    const size = rest.reduce<number>((p, d) => p * (d as number), 1);
    return { x: b.reshape(neurons, [n, k, size]), factor: null, load };
  });
}

/** Columns a … a + count − 1. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** M² [N, rows, columns]. */
function squaredGram(parts: readonly Rows[], rows: Range, columns: Range): Value {
  const take = (x: Value, { from, to }: Range) => b.slice(x, 1, from, to);
  const M = parts
    .map(({ x, factor, load }) => {
      const left = take(x, rows);
      const product = b.matmul(load ? b.mul(left, load) : left, b.swapLast(take(x, columns)));
      return factor ? b.mul(product, factor) : product;
    })
    .reduce((sum, next) => b.add(sum, next));
  return b.square(M);
}

/** Σ_{a, c} w_a w_c Q_ac [N] of a block. */
function weighed(Q: Value, w: Value, rows: Range, columns: Range): Value {
  const of = ({ from, to }: Range, shape: readonly number[]) =>
    b.reshape(b.slice(w, 1, from, to), [N, ...shape]);
  const inner = b.matmul(Q, of(columns, [columns.to - columns.from, 1]));
  const both = b.matmul(of(rows, [1, rows.to - rows.from]), inner);
  return b.reshape(both, [N]);
}

/** Constant [k, k] with ones below the diagonal. */
export function strictlyLower(k: number, dtype: Value['dtype']): Value {
  const ones = dtype === 'float64' ? new Float64Array(k * k) : new Float32Array(k * k);
  for (let i = 0; i < k; i++) for (let j = 0; j < i; j++) ones[i * k + j] = 1;
  return constant(tensor(dtype, [k, k], ones));
}

const total = (terms: readonly Value[]): Value => terms.reduce((sum, next) => b.add(sum, next));

/** Σ over j < k in `columns`, the first of which is `first`. */
function within(parts: readonly Rows[], w: Value, columns: Range): Value {
  const terms: Value[] = [];
  for (let { from } = columns; from < columns.to; from += BLOCK) {
    const rows = { from, to: Math.min(columns.to, from + BLOCK) };
    const before = { from: columns.from, to: from };
    if (from > columns.from) terms.push(weighed(squaredGram(parts, rows, before), w, rows, before));
    const lower = strictlyLower(rows.to - from, w.dtype);
    terms.push(weighed(b.mul(squaredGram(parts, rows, rows), lower), w, rows, rows));
  }
  return total(terms);
}

/** Scores as they are, or each with the load of its entries' weights. */
type Weighed = readonly Score[] | ReadonlyMap<Score, Value>;

const partsOf = (scores: Weighed): Rows[] =>
  scores instanceof Map
    ? loadedRows(scores as ReadonlyMap<Score, Value>)
    : rowsOf(scores as readonly Score[]);

/** Σ_{j<k} w_j w_k M_jk² [N] over all columns, or those of `columns`; w [N, K]. */
export function pairSquares(scores: Weighed, w: Value, columns?: Range): Value {
  return within(partsOf(scores), w, columns ?? { from: 0, to: w.shape[1] as number });
}

/** Σ_{j, k} w_j w_k M_jk² [N] over pairs of a column in each of two halves, the first `half` columns and the others. */
export function crossSquares(scores: Weighed, w: Value, half: number): Value {
  const parts = partsOf(scores);
  const columns = { from: half, to: w.shape[1] as number };
  const terms: Value[] = [];
  for (let from = 0; from < half; from += BLOCK) {
    const rows = { from, to: Math.min(half, from + BLOCK) };
    terms.push(weighed(squaredGram(parts, rows, columns), w, rows, columns));
  }
  return total(terms);
}
