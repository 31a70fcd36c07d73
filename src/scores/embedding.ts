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
 * the examples add the positions' statistics to the rows of the table; weights of entries are read by the ids. Second derivatives are taken
 * along the S·D neurons of each example: what moves is every position of an id.
 */
import { sizeOf, tensor } from '../core/tensor.js';
import { constant, N, ops as b, type Value } from '../graph/index.js';
import type { Site } from '../model/sites.js';
import { rowsOf, tableRows } from './factor-rows.js';
import { explicitScore } from './explicit.js';
import { rowGram } from './gram.js';
import { strictlyLower } from './pair-squares.js';
import type { NeuronMoves, Score } from './score.js';

/** The score of a table from the cotangents of its look-ups, in the order of the uses. */
export function embeddingScore(site: Site, cotangents: readonly Value[]): Score {
  const [V] = site.parameter.shape as readonly number[];
  const { ids, g } = positionsOf(site, cotangents);
  const same = firstOfSame(ids, V, g.dtype);
  // One id alone is the first.
  const neurons = ids.shape[1] === 1 ? g : b.matmul(b.unsqueeze(same, [1]), g);
  return atNeurons(site, ids, neurons, same, g);
}

/** The score from what it has at every position, zeros but at the first of an id; `g`: the gradients of the look-ups, of a first derivative. */
function atNeurons(site: Site, ids: Value, neurons: Value, same: Value, g: Value | null = null): Score {
  const [V, D] = site.parameter.shape as readonly [number, number];
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
    moves: (directions) => movesOf(site, same, directions),
    tangentNorms: (ds) => ds && b.reduceSum(b.square(ds), [3, 4]),
    second: (along) => atNeurons(site, ids, b.reshape(along, neurons.shape), same),
    move: (hot) => inFull().move(hot),
    factorRows: (homogeneous, sharing) =>
      g && !homogeneous ? rowsOf(tableRows(ids, V, g), false, sharing) : null,
    table: () => ({
      picks: b.reduceSum(same, [2]),
      sum: (t) =>
        b.reshape(b.scatterAdd(b.unsqueeze(t, [2]), ids, { axis: 0, length: V, summed: true }), [V]),
      turned: (U) => atNeurons(site, ids, b.matmul(neurons, U), same),
    }),
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

/** m_t E_ts [N, S, S]: at the first position of an id, which positions have it. */
function firstOfSame(ids: Value, V: number, dtype: Value['dtype']): Value {
  const said = b.cast(ids, dtype);
  // From the end.
  const rows = b.where(b.less(said, b.scalar(0, dtype)), b.shift(said, V), said);
  const same = b.cast(b.equal(b.unsqueeze(rows, [2]), b.unsqueeze(rows, [1])), dtype);
  const earlier = b.reduceSum(b.mul(same, strictlyLower(ids.shape[1] as number, dtype)), [2], true);
  return b.mul(same, b.cast(b.less(earlier, b.scalar(0.5, dtype)), dtype));
}

/** Most pieces of a graph that moves neurons: each takes the network's tangents. */
const MOST_PIECES = 16;

const pieceOf = (D: number, directions: number): { positions: number; columns: number } => ({
  positions: Math.max(1, Math.floor(directions / D)),
  columns: Math.min(D, directions),
});

/** Whether S positions of D columns move in few enough pieces of at most `directions`. */
export function movesFit(S: number, D: number, directions: number): boolean {
  const { positions, columns } = pieceOf(D, directions);
  return Math.ceil(S / positions) * Math.ceil(D / columns) <= MOST_PIECES;
}

/** Neurons of whole positions where `directions` are as many as columns, else some columns of one position after the other. */
function movesOf(site: Site, same: Value, directions: number): readonly NeuronMoves[] | null {
  const [S, D] = [same.shape[1] as number, site.parameter.shape[1] as number];
  if (!movesFit(S, D, directions)) return null;
  const { positions, columns } = pieceOf(D, directions);
  const moves: NeuronMoves[] = [];
  for (let t = 0; t < S; t += positions)
    for (let d = 0; d < D; d += columns) {
      const [rows, hot] = [
        b.slice(same, 1, t, Math.min(S, t + positions)),
        unitRows(D, d, Math.min(D, d + columns), same.dtype),
      ];
      const count = (rows.shape[1] as number) * (hot.shape[0] as number);
      moves.push({ count, tangents: tangentsOf(site, rows, hot, count) });
    }
  return moves;
}

/** Tangents of every look-up: at all positions of the ids of `rows` [N, positions, S], one column of `hot` [columns, 1, D] at a time. */
function tangentsOf({ uses }: Site, rows: Value, hot: Value, count: number): Map<Value, Value> {
  const tangents = new Map<Value, Value>();
  let from = 0;
  for (const { node } of uses) {
    const [, ...axes] = node.inputs[1].shape as readonly [unknown, ...number[]];
    const to = from + sizeOf(axes);
    const own = b.unsqueeze(b.slice(rows, 2, from, to), [2, 4]);
    tangents.set(node.output, b.reshape(b.mul(own, hot), [N, count, ...node.output.shape.slice(1)]));
    from = to;
  }
  return tangents;
}

/** Rows from…to of the unit matrix, [to − from, 1, D]. */
function unitRows(D: number, from: number, to: number, dtype: Value['dtype']): Value {
  const data = new Float64Array((to - from) * D);
  for (let i = from; i < to; i++) data[(i - from) * D + i] = 1;
  return b.cast(constant(tensor('float64', [to - from, 1, D], data)), dtype);
}
