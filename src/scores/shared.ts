/**
 * @module scores/shared
 *
 * The score of a weight that R positions of an example share (convolutions, tokens, steps in time): s_nk = Σ_r x_nr ⊗ g_nkr, one product of
 * [in, R] by [R, out] for each example and column, formed where its entries are asked for and never before. Squares are those of the sum.
 * Gram matrices are taken of the factors, without entries, if that costs less: with X_rs = ⟨x_r, x_s⟩
 *
 *   ⟨s_j, s_k⟩ = Σ_rs X_rs ⟨g_jr, g_ks⟩          2R²(in + K·out) + 2K²R·out operations for 2K·in·out(R + K), 2K²·in·out once formed
 *
 * Kronecker factors after R. Eschenhagen et al., NeurIPS 2023: `expand` takes every position as an example of its own, A = 1/R Σ_r a_r a_rᵀ and
 * G = Σ_r Σ_k w_k g_kr g_krᵀ; `reduce` the mean input ā = 1/R Σ_r a_r and the whole gradient Σ_r g_kr. Of a grouped weight each has a
 * leading axis of groups.
 */
import { matrixShape } from '../core/matrix-shape.js';
import { input, ops as b, type Value } from '../graph/index.js';
import type { SharedMatrix, Site } from '../model/sites.js';
import { sizeOf } from '../core/tensor.js';
import { explicitScore } from './explicit.js';
import { rowsOf, sharedRows } from './factor-rows.js';
import { partsOf } from './position-parts.js';
import type { Positions } from './positions.js';
import type { Score } from './score.js';

/** The score in its entries [N, K, parameter's shape]. */
function formed(site: Site, { x, g, turned }: Positions): Value {
  const { groups } = site.matrix as SharedMatrix;
  const [n, K] = g.shape;
  const wide = (v: Value) => b.unsqueeze(v, [1]);
  const shape = [n, K, ...site.parameter.shape];
  if (!site.transposed) {
    const [left, right] = turned ? [x, b.swapLast(g)] : [b.swapLast(x), g];
    return b.reshape(b.matmul(wide(left), right), shape);
  }
  if (!turned) return b.reshape(b.matmul(b.swapLast(g), wide(x)), shape);
  if (groups > 1) return b.reshape(b.matmul(g, wide(b.swapLast(x))), shape);
  // All columns' outputs are the rows of one product, of matrices that a runtime may read turned.
  const [out, R] = g.shape.slice(3) as number[];
  const rows = b.reshape(g, [n, (K as number) * out, R]);
  const inputs = b.reshape(x, [n, x.shape[2], R]);
  return b.reshape(b.matmul(rows, b.swapLast(inputs)), shape);
}

/** ⟨s_j, s_k⟩ [N, K, K] of the factors alone. */
function gramOfPositions({ x, g, turned }: Positions): Value {
  const [n, K, G] = g.shape;
  const rows = (v: Value) => (turned ? b.swapLast(v) : v);
  const X = b.matmul(rows(x), turned ? x : b.swapLast(x));
  const carried = b.matmul(b.unsqueeze(X, [1]), rows(g));
  const width = (g.shape[3] as number) * (g.shape[4] as number) * (G as number);
  const flat = (v: Value) => b.reshape(v, [n, K, width]);
  return b.matmul(flat(carried), b.swapLast(flat(rows(g))));
}

/** Whether the Gram matrix of K columns takes fewer operations of the factors than of the entries, which may be there already. */
function positionsAreFewer(
  { groups, inputs, outputs }: SharedMatrix,
  R: number,
  K: number,
  there: boolean,
): boolean {
  const factors = R * R * (inputs + K * outputs) + K * K * R * outputs;
  return groups * factors < groups * K * inputs * outputs * ((there ? 0 : R) + K);
}

/** The score of a shared site from its factors; `site` may be that of some rows of a parameter. */
export function sharedScore(
  site: Site,
  positions: Positions,
  offset = 0,
  parts: readonly Positions[] = partsOf(positions),
): Score {
  const { g, turned } = positions;
  const matrix = site.matrix as SharedMatrix;
  let whole: Score | null = null;
  const entries = (): Score =>
    (whole ??= explicitScore(
      site,
      parts.map((part) => formed(site, part)).reduce((sum, s) => b.add(sum, s)),
    ));
  const R = g.shape[turned ? 4 : 3] as number;
  const self: Score = {
    site,
    get neurons() {
      return entries().neurons;
    },
    input: null,
    strides: [1, 1],
    offset,
    sum: (t, degree, ones) => entries().sum(t, degree, ones),
    peaks: (t) => entries().peaks(t),
    stacks: (t) => t.shape.length === 2,
    norms: (squares) => entries().norms(squares),
    gram: () =>
      positionsAreFewer(matrix, R, g.shape[1] as number, whole !== null)
        ? gramOfPositions(positions)
        : entries().gram(),
    reach: () => null,
    load: (W) => b.reshape(W, [1, ...site.parameter.shape]),
    explicit: () => entries().neurons,
    aligned: () => self,
    moves: () => null,
    tangentNorms: (ds, dx) => entries().tangentNorms(ds, dx),
    second: (along, x) => entries().second(along, x),
    move: (hot) => entries().move(hot),
    factorRows: (homogeneous, sharing) => rowsOf(sharedRows(positions, parts), homogeneous, sharing),
    table: () => null,
    split: (numbers) => pieces(site, positions, numbers, parts),
  };
  return self;
}

/** Most pieces of a score: each is some ten nodes of a graph. */
const MOST_PIECES = 16;

/** Rows of the parameter that go together: groups where there are some, else rows of the matrix; null where they are no rows of the tensor. */
function unitsOf({ parameter, matrix, transposed }: Site): number | null {
  const { groups, inputs, outputs } = matrix as SharedMatrix;
  const rows = transposed ? outputs : inputs;
  const [tensorRows] = matrixShape(parameter.shape as readonly number[]);
  if (groups > 1) return tensorRows === groups || tensorRows === groups * rows ? groups : null;
  return tensorRows === rows ? rows : null;
}

/** Numbers of the largest piece of a shared site's score that `numbers` allows. */
export function pieceNumbers(site: Site, numbers: number): number {
  const size = sizeOf(site.parameter.shape as readonly number[]);
  const units = unitsOf(site) ?? 1;
  return (size / units) * Math.ceil(units / piecesOf(size, units, numbers));
}

const piecesOf = (size: number, units: number, numbers: number): number =>
  Math.min(
    MOST_PIECES,
    Math.ceil(units / Math.min(units, Math.max(1, Math.floor(numbers / (size / units))))),
  );

function pieces(
  site: Site,
  positions: Positions,
  numbers: number,
  parts: readonly Positions[],
): readonly ((after: Value | null) => Score)[] {
  const size = sizeOf(site.parameter.shape as readonly number[]);
  const units = unitsOf(site);
  const count = units === null ? 1 : piecesOf(size, units, numbers);
  const whole = (after: Value | null) => (p: Positions) => behind(site, p, after);
  if (units === null || count === 1)
    return [(after) => sharedScore(site, whole(after)(positions), 0, parts.map(whole(after)))];
  const each = Math.ceil(units / count);
  return Array.from({ length: Math.ceil(units / each) }, (_, i) => {
    const range = { from: i * each, to: Math.min(units, (i + 1) * each) };
    return (after: Value | null) => pieceOf(site, positions, range, after, parts);
  });
}

/** Rows from…to of the parameter, or groups. */
function pieceOf(
  site: Site,
  positions: Positions,
  { from, to }: { readonly from: number; readonly to: number },
  after: Value | null,
  parts: readonly Positions[],
): Score {
  const { parameter, transposed } = site;
  const matrix = site.matrix as SharedMatrix;
  const { turned } = positions;
  const cut = (v: Value, axis: number) => b.slice(v, axis, from, to);
  const [, columns] = matrixShape(parameter.shape as readonly number[]);
  const row = sizeOf(parameter.shape as readonly number[]) / unitsOf(site)!;
  const shape = [((to - from) * row) / columns, columns];
  const grouped = matrix.groups > 1;
  const along = (axis: number) => (turned ? axis : axis + 1);
  const part: Site = {
    ...site,
    parameter: input(parameter.name, parameter.dtype, shape),
    matrix: {
      groups: grouped ? to - from : 1,
      inputs: grouped || transposed ? matrix.inputs : to - from,
      outputs: grouped || !transposed ? matrix.outputs : to - from,
    },
  };
  const some = ({ x, g }: Positions): Positions => {
    const cutX = grouped ? cut(x, 1) : transposed ? x : cut(x, along(2));
    const cutG = grouped ? cut(g, 2) : transposed ? cut(g, along(3)) : g;
    return behind(part, { x: cutX, g: cutG, turned }, after);
  };
  return sharedScore(part, some(positions), from * row, parts.map(some));
}

/** The factors, the smaller of which is read behind `after` [1]: its numbers whatever those of `after` are. */
function behind({ transposed }: Site, { x, g, turned }: Positions, after: Value | null): Positions {
  if (!after) return { x, g, turned };
  const late = (v: Value) => b.where(b.equal(after, after), v, v);
  return transposed ? { x, g: late(g), turned } : { x: late(x), g, turned };
}
