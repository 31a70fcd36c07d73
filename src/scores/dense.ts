/**
 * @module scores/dense
 *
 * The score of a dense site z = aW: s_nk = a_n ⊗ g_nk, with a [N, in] its input and g [N, K, out] the gradient at its output, g = ∂(δᵀh)/∂z.
 * Never formed: a sum over the examples is one matrix product, Σf = (m2)ᵀ(a²), Σf² = (m2²)ᵀ(a⁴), Σv = vᵀ(a⁴), and Gram matrices are those
 * of g times ‖a‖².
 */
import { N, ops as b, sameDims, type Value } from '../graph/index.js';
import type { Site } from '../model/sites.js';
import { denseRows, rowsOf } from './factor-rows.js';
import { rowGram } from './gram.js';
import type { Score } from './score.js';

export function denseScore(site: Site, a: Value, g: Value): Score {
  const { transposed } = site;
  const [width, neurons] = [a.shape[1] as number, g.shape[2] as number];
  const self: Score = {
    site,
    neurons: g,
    input: a,
    strides: transposed ? [width, 1] : [1, neurons],
    offset: 0,
    sum(t, degree) {
      const a2 = b.square(a);
      const power = degree === 2 ? a2 : b.square(a2);
      return transposed ? b.matmul(b.swapLast(t), power) : b.matmul(b.swapLast(power), t);
    },
    peaks(t) {
      const a2 = b.square(a);
      const ofNeurons = b.reduceMax(b.mul(t, b.reduceMax(a2, [1], true)), [0]);
      const ofInputs = b.reduceMax(b.mul(a2, b.reduceMax(t, [1], true)), [0]);
      return transposed ? { rows: ofNeurons, columns: ofInputs } : { rows: ofInputs, columns: ofNeurons };
    },
    stacks: (t) => t.shape.length === 2 && transposed,
    norms: (squares = b.square(g)) =>
      b.mul(b.reduceSum(squares, axesFrom(squares, 2)), squaredLength(a, true)),
    gram: () => b.mul(rowGram(g), b.reshape(squaredLength(a), [g.shape[0], 1, 1])),
    reach: (degree) => (degree === 2 ? squaredLength(a, true) : b.square(squaredLength(a, true))),
    load(W, degree) {
      const power = degree === 2 ? b.square(a) : a;
      if (transposed) return b.matmul(power, b.swapLast(b.reshape(W, [neurons, width])));
      return b.matmul(power, b.reshape(W, [width, neurons]));
    },
    explicit() {
      const product = transposed
        ? b.mul(b.unsqueeze(a, [1, 2]), b.unsqueeze(g, [3]))
        : b.mul(b.unsqueeze(a, [1, 3]), b.unsqueeze(g, [2]));
      const { shape } = site.parameter;
      if (sameDims(product.shape.slice(2), shape)) return product;
      return b.reshape(product, [...g.shape.slice(0, 2), ...shape]);
    },
    aligned: () => self,
    moves: () => null,
    tangentNorms: (dg, dx) => movedNorms(a, g, dg, dx),
    second: (along) => denseScore(site, b.square(a), along),
    move(hot) {
      const z = site.uses[0].node.output;
      const [count, width] = hot.shape;
      return { z, tangent: b.expandLike(b.reshape(hot, [1, count, width]), b.unsqueeze(z, [1])) };
    },
    factorRows: (homogeneous, sharing) => rowsOf(denseRows(a, g), homogeneous, sharing),
    table: () => null,
    split: () => [() => self],
  };
  return self;
}

/** ‖a‖² [N], or [N, 1]. */
const squaredLength = (a: Value, keepdims = false): Value => b.reduceSum(b.square(a), [1], keepdims);

const axesFrom = (x: Value, from: number): number[] => x.shape.map((_, i) => i).slice(from);

/** ‖ġa + gȧ‖² of each direction: ‖ġ‖²‖a‖² + ‖g‖²‖ȧ‖² + 2⟨ġ, g⟩⟨a, ȧ⟩; null: zero. */
function movedNorms(a: Value, g: Value, dg: Value | null, da: Value | null): Value | null {
  const K = g.shape[1] as number;
  const lengths = (x: Value, axis: number) => b.reduceSum(b.square(x), [axis]);
  const all = (x: Value, L: number) => b.reshape(x, [N, L, 1]);
  let sum: Value | null = null;
  const plus = (term: Value) => (sum = sum ? b.add(sum, term) : term);
  if (dg) plus(b.mul(lengths(dg, 3), b.reshape(lengths(a, 1), [N, 1, 1])));
  if (da) {
    const L = da.shape[1] as number;
    plus(b.mul(b.reshape(lengths(g, 2), [N, 1, K]), all(lengths(da, 2), L)));
    if (dg) {
      const inner = b.reduceSum(b.mul(dg, b.unsqueeze(g, [1])), [3]);
      plus(b.scale(b.mul(inner, all(b.matmul(da, b.unsqueeze(a, [2])), L)), 2));
    }
  }
  return sum;
}
