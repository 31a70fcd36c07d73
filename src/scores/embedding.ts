/**
 * @module scores/embedding
 *
 * The score of a table [V, D] of which the data's ids pick S rows for each example, held at the positions of the ids: with g_nkt the gradient at
 * position t, E_ts = [id_t = id_s] and m_t = 1 where no earlier position has the id of t, else 0,
 *
 *   s_nk,v = Σ_{t: id_t = v} g_nkt      neurons_nkt = m_t Σ_s E_ts g_nks, the row v = id_t of s_nk: [N, K, S, D], not [N, K, V, D]
 *
 * A row that an example picks again is added up before anything is squared, at its first position; all other positions hold zeros, and so do
 * statistics that are homogeneous in the score. Norms, Gram matrices and sums over pairs of columns are those of the neurons; sums over
 * the examples add the positions' statistics to the rows of the table; weights of entries are read by the ids.
 */
import { sizeOf } from '../core/tensor.js';
import { N, ops as b, type Value } from '../graph/index.js';
import type { Site } from '../model/sites.js';
import { explicitScore } from './explicit.js';
import { rowGram } from './gram.js';
import { strictlyLower } from './pair-squares.js';
import type { Score } from './score.js';

/** The score of a table from the cotangents of its look-ups, in the order of the uses. */
export function embeddingScore(site: Site, cotangents: readonly Value[]): Score {
  const [V, D] = site.parameter.shape as readonly [number, number];
  const { ids, g } = positionsOf(site, cotangents);
  const neurons = firstSums(ids, g, V);
  let whole: Score | null = null;
  const inFull = (): Score =>
    (whole ??= explicitScore(site, b.scatterAdd(neurons, ids, { axis: 2, length: V })));
  const self: Score = {
    site,
    neurons,
    input: null,
    strides: [1, 1],
    offset: 0,
    sum: (t) => b.scatterAdd(t, ids, { axis: 0, length: V, summed: true }),
    peaks(t) {
      // The largest of every position's row, at its id in a table [N, V] of each example.
      const top = b.scatterAdd(b.reduceMax(t, [2]), ids, { axis: 1, length: V });
      return { rows: b.reduceMax(top, [0]), columns: b.reduceMax(t, [0, 1]) };
    },
    stacks: () => false,
    norms: (squares = b.square(neurons)) => b.reduceSum(squares, [2, 3]),
    gram: () => rowGram(neurons),
    reach: () => null,
    load: (W) => b.gather(b.reshape(W, [V, D]), ids, 0),
    explicit: () => inFull().neurons,
    aligned: inFull,
    tangentNorms: (ds) => ds && b.reduceSum(b.square(ds), [3, 4]),
    second: (along, x) => inFull().second(along, x),
    move: (hot) => inFull().move(hot),
    kronecker: () => null,
    split: () => [() => self],
  };
  return self;
}

/** Ids [N, S] and gradients [N, K, S, D] over all look-ups, one after another. */
function positionsOf({ uses }: Site, cotangents: readonly Value[]): { ids: Value; g: Value } {
  const ids = uses.map(({ node: { inputs } }) => {
    const [, ...axes] = inputs[1].shape as readonly [unknown, ...number[]];
    const flat = b.reshape(inputs[1], [N, sizeOf(axes)]);
    return flat.dtype === 'int64' ? flat : b.cast(flat, 'int64');
  });
  const g = cotangents.map((ct, i) => {
    const D = ct.shape[ct.shape.length - 1];
    return b.reshape(ct, [N, ct.shape[1], ids[i].shape[1], D]);
  });
  return { ids: b.concat(ids, 1), g: b.concat(g, 2) };
}

/** m_t Σ_s E_ts g_ks [N, K, S, D]: one product with a matrix [S, S] of zeros and ones for each example. */
function firstSums(ids: Value, g: Value, V: number): Value {
  const S = ids.shape[1] as number;
  if (S === 1) return g;
  const { dtype } = g;
  const said = b.cast(ids, dtype);
  // From the end.
  const rows = b.where(b.less(said, b.scalar(0, dtype)), b.shift(said, V), said);
  const same = b.cast(b.equal(b.unsqueeze(rows, [2]), b.unsqueeze(rows, [1])), dtype);
  const earlier = b.reduceSum(b.mul(same, strictlyLower(S, dtype)), [2], true);
  const first = b.cast(b.less(earlier, b.scalar(0.5, dtype)), dtype);
  return b.matmul(b.unsqueeze(b.mul(same, first), [1]), g);
}
