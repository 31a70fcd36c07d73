/**
 * @module fisher/forms/layers/graph
 *
 * The derived graph of second moments by layer: from cotangents ct [N, K, T] and weights w [N, K] of a batch to the sums of every item i
 *
 *   f/i    Σ_e f_e            f2/i   Σ_e f_e²          d2/i   Σ_e (f_e − f̄)² in place of it, where each f_e is held
 *   v/i    Σ_e v_e            fo/i   Σ_e ω_e f_e of weighted examples, where f_e carries ω_e once already (fisher/example-weights)
 *
 * (of scales f2v or d2v holds squares and variances one after the other, where one product makes them) with f_e the item's matrix at example e (fisher/forms/layers/items) and v_e the variance of each of its elements under one draw
 * (scores/matrix-statistics). Without squares the sums are products over all examples and columns together. Inputs stand in no draw.
 */
import { sizeOf } from '../../../core/tensor.js';
import { input, N, ops as b, type Value } from '../../../graph/index.js';
import type { Network } from '../../../model/network.js';
import {
  enumeratedVariance,
  type LabelKind,
  blocksVariance,
  pairwiseVariance,
  weightedSquares,
} from '../../../scores/column-statistics.js';
import { scoresOf, type Score, type Sharing } from '../../../scores/index.js';
import { joined } from '../../../scores/factor-rows.js';
import type { TableScore } from '../../../scores/score.js';
import { drawVariance, secondMoments } from '../../../scores/matrix-statistics.js';
import type { BackwardGraph } from '../../passes.js';
import { aroundMean, entryStatistics } from '../diagonal/statistics.js';
import { type Bases, isOfInputs, type LayerItem } from './items.js';
import { packedMatrix, packedProducts, packedSize, panelsOf } from './packing.js';
import { rotated } from './rotation.js';
import { inputParts, inputRows, type ItemScores, itemRows } from './rows.js';

/** What a pass takes of the items. */
export interface LayerSpec {
  /** K. */
  readonly columns: number;
  /** Whether the inputs' items are taken, and the others'. */
  readonly kinds: 'all' | 'drawn';
  /** Squares, for errors of data. */
  readonly squares: boolean;
  /** Variance of one draw; null: none. */
  readonly label: LabelKind | null;
  /** Columns, the first, that no draw enters. */
  readonly fixed: number;
  /** For `blocks`: columns of one. */
  readonly block?: number | undefined;
  /** For `pairwise`: whether components have fourth-order coefficients c [N, K]. */
  readonly fourth: boolean;
  /** Weights of examples o [N, 1]. */
  readonly weighted: boolean;
}

/** Late inputs of a pass. */
interface Late {
  readonly w: Value;
  readonly c: Value | null;
  readonly o: Value | null;
}

/** The graph of the items of a network. */
export function layersGraph(
  { h, parameters }: Network,
  items: readonly LayerItem[],
  spec: LayerSpec,
  { sharing, bases }: { readonly sharing: Sharing; readonly bases: Bases | null },
): BackwardGraph {
  const K = spec.columns;
  const ct = input('ct', h.dtype, [N, K, h.shape[1]]);
  const w = input('w', h.dtype, [N, K]);
  const c = spec.label === 'pairwise' && spec.fourth ? input('c', h.dtype, [N, K]) : null;
  const o = spec.weighted ? input('o', h.dtype, [N, 1]) : null;
  const scores = new Map(
    scoresOf(h, [...parameters.values()], ct).map((s) => [s.site.parameter, s] as const),
  );
  const of = (name: string): Score => scores.get(parameters.get(name) as Value) as Score;
  const outputs: Record<string, Value> = {};
  for (const item of items) {
    if (isOfInputs(item) && spec.kinds === 'drawn') continue;
    const own: ItemScores = { weight: of(item.weight), bias: item.bias === null ? null : of(item.bias) };
    if (item.kind === 'scale') {
      const made = scaleSums(item, rotated(item, own, bases as Bases), spec, { w, c, o });
      for (const [key, v] of Object.entries(made)) outputs[`${key}/${item.name}`] = v;
      continue;
    }
    const made =
      item.kind === 'frequencies'
        ? frequencySums(item, own.weight, spec, o)
        : item.kind === 'inputs'
          ? inputSums(item, inputParts(own, sharing), spec, o)
          : item.kind === 'units' && own.weight.input
            ? unitSums(own, spec, { w, c, o })
            : rowSums(item, itemRows(item, own, sharing), spec, { w, c, o });
    const shape = panelsOf(item) ? [packedSize(item)] : [...item.shape];
    for (const [key, v] of Object.entries(made)) outputs[`${key}/${item.name}`] = b.reshape(v, shape);
  }
  return { late: { ct, w, ...(c ? { c } : {}), ...(o ? { o } : {}) }, outputs };
}

type Sums = Record<string, Value>;

/** 1 for each example [N, 1], of an array that has them. */
const onesOf = (v: Value): Value => {
  const flat = b.reshape(v, [N, sizeOf(v.shape.slice(1) as number[])]);
  return b.expandLike(b.scalar(1, v.dtype), b.slice(flat, 1, 0, 1));
};

/** Σ_e of [N, …], as a product. */
function overExamples(x: Value): Value {
  const rest = x.shape.slice(1) as number[];
  const sum = b.matmul(b.swapLast(onesOf(x)), b.reshape(x, [N, sizeOf(rest)]));
  return b.reshape(sum, rest);
}

/** Sums of matrices [N, …] that are held by example. */
function heldSums(item: LayerItem, f: Value, squares: boolean, o: Value | null): Sums {
  const total = (x: Value): Value => packedMatrix(overExamples(x), item);
  const sum = overExamples(f);
  const sums: Sums = { f: packedMatrix(sum, item) };
  if (!squares) return sums;
  if (!o) return { ...sums, d2: total(b.square(aroundMean(f, sum, onesOf(f)))) };
  const weight = b.reshape(o, [N, ...f.shape.slice(1).map(() => 1)]);
  return { ...sums, f2: total(b.square(f)), fo: total(b.mul(f, weight)) };
}

const added = (values: readonly Value[]): Value => values.reduce((sum, v) => b.add(sum, v));

/** Of the inputs [N, G, R, in] in parts of their positions, which carry no weight of their own. */
function inputSums(item: LayerItem, parts: readonly Value[], { squares }: LayerSpec, o: Value | null): Sums {
  const R = parts.reduce((sum, { shape }) => sum + (shape[2] as number), 0);
  const weight = o && b.reshape(o, [N, 1, 1, 1]);
  const carrying = weight ? parts.map((a) => b.mul(a, b.sqrt(weight))) : parts;
  if (R > 1 && squares) {
    const each = added(carrying.map((rows) => b.matmul(b.swapLast(rows), rows)));
    return heldSums(item, b.scale(each, 1 / R), true, o);
  }
  const f = added(carrying.map((rows) => packedProducts(rows, rows, item)));
  const sums: Sums = { f: R > 1 ? b.scale(f, 1 / R) : f };
  if (!squares) return sums;
  const [rows] = carrying;
  const two = b.square(rows);
  const carried = weight && b.mul(rows, b.sqrt(weight));
  const linear = carried && { fo: packedProducts(carried, carried, item) };
  return { ...sums, f2: packedProducts(two, two, item), ...linear };
}

/** Of how often a table's rows are picked, 1/R of the positions at a time. */
function frequencySums({ rows }: LayerItem, score: Score, { squares }: LayerSpec, o: Value | null): Sums {
  const { picks, sum } = score.table() as TableScore;
  const share = b.scale(picks, 1 / rows);
  const carried = o ? b.mul(share, o) : share;
  const sums: Sums = { f: sum(carried) };
  if (!squares) return sums;
  return { ...sums, f2: sum(b.square(carried)), ...(o ? { fo: sum(b.mul(carried, o)) } : {}) };
}

/** Most columns whose pairs are rows. */
const MOST_PAIRED = 12;

/**
 * Whether the squares of an item's matrices are products over pairs of columns, and no matrix is held by example: of one position, where the
 * pairs are fewer than the matrix has rows.
 */
export function pairsUp({ kind, rows, width, groups }: LayerItem, spec: LayerSpec): boolean {
  const { columns: K, weighted, label, fixed } = spec;
  const plain = label === null || (label === 'enumerated' && fixed === 0);
  const some = kind === 'gradients' || kind === 'block';
  return (
    some && groups === 1 && rows === 1 && !weighted && plain && K <= MOST_PAIRED && (K * (K + 1)) / 2 < width
  );
}

/** Of rows u [N, K, G, R, d]. */
function rowSums(item: LayerItem, u: Value, spec: LayerSpec, { w, c, o }: Late): Sums {
  const weight = b.reshape(w, [N, spec.columns, 1, 1, 1]);
  if (spec.squares && pairsUp(item, spec)) return pairedSums(item, u, b.sqrt(weight), spec);
  const label = spec.label && {
    v: packedMatrix(overExamples(drawVariance(...drawn(u, w, c, spec))), item),
  };
  if (!spec.squares) return { f: packedProducts(joined(b.mul(u, weight)), joined(u), item), ...label };
  return { ...heldSums(item, secondMoments(u, w), true, o), ...label };
}

/**
 * Σ_n (Σ_k w_k u_ki u_kj)² over pairs of columns, Σ_k≤l (2 − δ_kl) w_k w_l (u_k∘u_l)(u_k∘u_l)ᵀ, and Σ_n v of enumerated labels, which is Σ_k w_k
 * (u_k∘u_k)(u_k∘u_k)ᵀ less that. `root`: √w.
 */
function pairedSums(item: LayerItem, u: Value, root: Value, { columns: K, label }: LayerSpec): Sums {
  const scaled = b.mul(u, root);
  const rows = Array.from({ length: K }, (_, step) => {
    const [early, late] = [b.slice(scaled, 1, 0, K - step), b.slice(scaled, 1, step, K)];
    const pairs = step === 0 ? b.square(scaled) : b.mul(early, late);
    return step === 0 ? pairs : b.scale(pairs, Math.SQRT2);
  });
  const all = joined(K === 1 ? rows[0] : b.concat(rows, 1));
  const one = joined(scaled);
  const sums: Sums = { f: packedProducts(one, one, item), f2: packedProducts(all, all, item) };
  if (!label) return sums;
  const own = joined(b.mul(b.square(u), root));
  return { ...sums, v: b.relu(b.sub(packedProducts(own, own, item), sums.f2)) };
}

/** What a draw enters. */
function drawn(
  u: Value,
  w: Value,
  c: Value | null,
  { fixed, columns, label, block }: LayerSpec,
): Parameters<typeof drawVariance> {
  const cut = (v: Value): Value => (fixed === 0 ? v : b.slice(v, 1, fixed, columns));
  return [cut(u), cut(w), { kind: label as LabelKind, block, c: c && cut(c) }];
}

/** Of the units of a dense site: what neurons have in common is the input, so that no score is formed. */
function unitSums({ weight, bias }: ItemScores, spec: LayerSpec, { w, c, o }: Late): Sums {
  const a = inputRows({ weight, bias }, 'expand');
  const inputs = b.reshape(a, [N, 1, a.shape[3]]);
  const squares = b.square(weight.neurons);
  const f = weightedSquares(w, squares);
  const timesInputs = (q: Value, x: Value): Value => {
    const [outputs, width] = [q.shape[1] as number, x.shape[2] as number];
    const rows = b.reshape(b.mul(b.unsqueeze(q, [2]), x), [N, outputs * width]);
    return b.matmul(b.swapLast(rows), b.reshape(x, [N, width]));
  };
  const sums: Sums = { f: timesInputs(f, inputs) };
  const two = b.square(inputs);
  if (spec.squares) sums.f2 = timesInputs(b.square(f), two);
  if (spec.squares && o) sums.fo = timesInputs(b.mul(f, o), inputs);
  if (spec.label) sums.v = timesInputs(unitVariance(squares, w, c, spec), two);
  return sums;
}

/** Of one draw of the square of each neuron [N, out]. */
function unitVariance(
  squares: Value,
  w: Value,
  c: Value | null,
  { label, fixed, columns, block }: LayerSpec,
) {
  const cut = (v: Value): Value => (fixed === 0 ? v : b.slice(v, 1, fixed, columns));
  const [own, weights] = [cut(squares), cut(w)];
  if (label === 'enumerated') return enumeratedVariance(weights, own, weightedSquares(weights, own));
  if (label === 'blocks' && block !== undefined) return blocksVariance(weights, own, block);
  return pairwiseVariance(weights, c && cut(c), own, null);
}

/** The statistics of a rotated score, as of a diagonal's entries. */
function scaleSums(item: LayerItem, score: Score, spec: LayerSpec, late: Late): Sums {
  const ones = onesOf(late.w);
  const { label, squares, columns, fixed, block, fourth, weighted } = spec;
  const plain = { columns, squares, label, fixed, fourth, weighted, centred: true, totals: null } as const;
  const sums = entryStatistics(
    score,
    { ...plain, ...(block === undefined ? {} : { block }) },
    { ...late, ones },
  );
  return Object.fromEntries(
    Object.entries(sums)
      .filter(([key]) => !key.startsWith('vr') && !key.startsWith('vc'))
      .map(([key, v]) => [key, key.endsWith('2v') ? v : asItem(item, score, v)]),
  );
}

/** A sum over the entries [out, in] in the item's shape; a table has its own [in, out]. */
function asItem({ shape }: LayerItem, score: Score, v: Value): Value {
  const [out, inputs] = shape;
  return score.table() ? b.swapLast(b.reshape(v, [inputs, out])) : b.reshape(v, [...shape]);
}
