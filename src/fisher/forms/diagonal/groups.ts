/**
 * @module fisher/forms/diagonal/groups
 *
 * The totals that an estimate reports, the trace of each tensor, of each layer and of everything, from per-example norms or Gram
 * matrices of the tensors: those of a group are the sums of its members', so the correlation of parameters inside an example is in
 * the error.
 */
import type { FloatArray } from '../../../core/tensor.js';
import {
  blocksTotal,
  enumeratedMoments,
  enumeratedTotal,
  type PairwiseMoments,
  pairwiseTotalThird,
  pairwiseTotalVariance,
} from '../../../likelihood/total.js';
import { layersOf } from '../../../model/layers.js';
import type { Network } from '../../../model/network.js';
import type { PassResult } from './pass.js';
import type { PassSpec } from './statistics.js';
import type { Scratch } from '../../scratch.js';
import { addMargin, type MarginGroup, type Margins, marginsOf } from './margins.js';
import type { WeighedKind } from './weighed.js';
import { RecordingTotals, TotalSums, WeightedTotals } from './totals.js';

/** Tensors whose sum an estimate states. */
export interface Group {
  /** One tensor, all tensors of a layer, or all of the network. */
  readonly kind: 'tensor' | 'layer' | 'total';
  /** Name of the tensor or layer; `total` for all. */
  readonly name: string;
  /** Names of its parameters. */
  readonly parameters: readonly string[];
}

/** A total with weights of its entries, Σ_i w_i 𝓘_ii or wᵀ𝓘w, without the weights. */
export interface AskedGroup {
  readonly kind: WeighedKind;
  readonly name: string;
  readonly parameters: readonly string[];
  /** Whether no term of it is negative: a sum of squares with weights that are not. */
  readonly nonNegative: boolean;
}

/** The same with its weights. */
export interface WeighedGroup extends AskedGroup {
  /** By parameter, each in its shape; 0 where absent. */
  readonly weights: ReadonlyMap<string, ArrayLike<number>>;
}

/** All totals of an estimate: those that it always states come first. */
export type AnyGroup = Group | WeighedGroup | MarginGroup;

/** A total as its figure needs it. */
export type SumGroup = AnyGroup | AskedGroup;

export const isWeighed = (g: SumGroup): g is WeighedGroup => 'weights' in g;

export const isMargin = (g: SumGroup): g is MarginGroup => 'place' in g;

/** Whether every estimate states it. */
export const isStated = (g: SumGroup): g is Group => !isAsked(g) && !isMargin(g);

/** Whether it has weights of its entries. */
export const isAsked = (g: SumGroup): g is AskedGroup => 'nonNegative' in g;

/** Whether no term of it is negative. */
export const isNonNegative = (g: SumGroup): boolean => !isAsked(g) || g.nonNegative;

/** The sets of parameters, and the weighed ones, as a pass takes them. */
export function setsIn(
  groups: readonly AnyGroup[],
): Required<Pick<PassSpec, 'sets' | 'weighed' | 'margins'>> {
  return {
    margins: groups.some(isMargin),
    sets: groups.map((g) => (isStated(g) ? g.parameters : [])),
    weighed: groups.flatMap((g, set) => (isWeighed(g) ? [{ set, kind: g.kind, weights: g.weights }] : [])),
  };
}

/** Tensors, layers, total, in that order. */
export function groupsOf(network: Network): Group[] {
  const names = [...network.parameters.keys()];
  return [
    ...names.map((name): Group => ({ kind: 'tensor', name, parameters: [name] })),
    ...layersOf(network).map(({ name, parameters }): Group => ({ kind: 'layer', name, parameters })),
    { kind: 'total', name: 'total', parameters: names },
  ];
}

/** How a pass's label variance of totals follows from its columns. */
export type TotalLaw =
  | { readonly kind: 'none' }
  | { readonly kind: 'enumerated' }
  /** Independent components; null: Rademacher signs. */
  | { readonly kind: 'pairwise'; readonly moments: PairwiseMoments | null }
  /** Independent blocks of so many columns, each enumerated. */
  | { readonly kind: 'blocks'; readonly columns: number }
  /** Weights 1/K of K draws: divisor K − 1. */
  | { readonly kind: 'draws' };

/** A batch of n examples and the sums of each group that it goes into. */
export interface TotalsBatch {
  readonly groups: readonly AnyGroup[];
  readonly sums: readonly TotalSums[];
  readonly result: PassResult;
  readonly law: TotalLaw;
  readonly n: number;
  /** Number of columns K, and how many of them, the first, no draw enters. */
  readonly columns: number;
  readonly fixed?: number | undefined;
  /** What the pass gives of them. */
  readonly totals: PassSpec['totals'];
  readonly scratch: Scratch;
  /** Of the examples [n], whose scores carry their roots; null where all weigh the same. */
  readonly weights: { readonly data: Float64Array } | null;
}

/** Adds the examples of one batch to the sums of every group. */
export function addTotals(batch: TotalsBatch): void {
  const { groups, sums, result, law, n, columns: K, fixed = 0, totals, scratch, weights } = batch;
  const w = result.weights;
  const drawn = fixed === 0 ? w : withoutFirst(w, fixed, n, K, scratch.zeros('totals/drawn', n * K));
  const draws = K - fixed;
  const pairwise = law.kind === 'pairwise' || law.kind === 'blocks';
  const gram = pairwise && totals === 'gram';
  const size = gram ? n * K * K : n * K;
  const moments = law.kind === 'pairwise' ? law.moments : null;
  const variance = scratch.zeros('totals/variance', n);
  const third = scratch.zeros('totals/third', n);
  const values = scratch.zeros('totals/values', n);
  const margins = new Map<string, Margins>();
  const scale = law.kind === 'draws' && draws > 1 ? draws / (draws - 1) : 1;
  groups.forEach((group, g) => {
    if (isMargin(group)) {
      const own = margins.get(group.parameters[0]);
      if (own) addMargin(group, sums[g], own, weights && weights.data, scale);
      else addNothing(sums[g], n, weights && weights.data);
      return;
    }
    const sum = scratch.zeros('totals/sum', size);
    const total = isWeighed(group)
      ? weighedTotal(group, g, batch, gram, sum)
      : sumOf(
          group.parameters.map((p) => (gram ? result.gram(p) : result.norms(p))),
          sum,
        );
    if (law.kind === 'enumerated') {
      enumeratedMoments(total, drawn, n, K, variance, third);
    } else if (law.kind === 'pairwise') {
      const fourth = moments?.fourth ?? null;
      if (gram) {
        pairwiseTotalVariance(total, drawn, fourth, n, K, variance);
        pairwiseTotalThird(total, drawn, moments, n, K, third);
      } else {
        fromPairs(total, pairsOf(group, g, batch, total), fourth, n, K, variance);
        third.fill(NaN);
      }
    } else if (law.kind === 'blocks') {
      blocksTotal(total, drawn, n, { K, columns: law.columns }, variance, third);
    } else if (law.kind === 'draws' && draws > 1) {
      enumeratedTotal(total, drawn, n, K, 2, variance);
      for (let e = 0; e < n; e++) variance[e] *= draws / (draws - 1);
    }
    for (let e = 0; e < n; e++) {
      let f = 0;
      for (let k = 0; k < K; k++) f += w[e * K + k] * (gram ? total[(e * K + k) * K + k] : total[e * K + k]);
      if (!gram) for (let k = 0; k < fixed; k++) sums[g].exact += w[e * K + k] * total[e * K + k];
      values[e] = f;
      sums[g].add(f, variance[e], third[e], weights ? weights.data[e] : 1);
    }
    const terms = group.kind === 'tensor' ? result.margins(group.name) : null;
    if (terms) margins.set(group.name, marginsOf(terms, { f: values, variance, third }));
  });
}

/** Examples whose scores are 0: the parameter does not reach the output. */
export function addNothing(sums: TotalSums, n: number, weights: ArrayLike<number> | null): void {
  for (let e = 0; e < n; e++) sums.add(0, 0, 0, weights ? weights[e] : 1);
}

/** What the law takes of a weighed total, into `sum`: Σ_p w_p s_kp² [n, K] or its matrix; of wᵀ𝓘w the products r_j r_k. */
function weighedTotal(
  { kind }: WeighedGroup,
  g: number,
  { result, n, columns: K }: TotalsBatch,
  gram: boolean,
  sum: Float64Array,
): Float64Array {
  if (kind === 'functional') return sumOf([gram ? result.weighedGram(g) : result.weighedNorms(g)], sum);
  const r = result.weighedScores(g);
  if (!r) return sum;
  if (!gram) {
    for (let i = 0; i < n * K; i++) sum[i] = r[i] * r[i];
    return sum;
  }
  for (let e = 0; e < n; e++)
    for (let j = 0; j < K; j++)
      for (let k = 0; k < K; k++) sum[(e * K + j) * K + k] = r[e * K + j] * r[e * K + k];
  return sum;
}

/** Σ_{j<k} w_j w_k M_jk² over the columns that are drawn [n]; of wᵀ𝓘w, M_jk² = r_j² r_k² = M_jj M_kk. */
function pairsOf(
  group: AnyGroup,
  g: number,
  { result, n, columns: K, fixed = 0 }: TotalsBatch,
  squares: Float64Array,
): FloatArray | null {
  if (!isWeighed(group)) return result.pairs(g);
  if (group.kind === 'functional') return result.weighedPairs(g);
  const pairs = new Float64Array(n);
  for (let e = 0; e < n; e++) {
    let before = 0;
    for (let k = e * K + fixed; k < (e + 1) * K; k++) {
      const u = result.weights[k] * squares[k];
      pairs[e] += u * before;
      before += u;
    }
  }
  return pairs;
}

/** Variance Σ_k c_k M_kk² + 4 Σ_{j<k} w_j w_k M_jk² → [n], from the diagonal of M and the sum over pairs. */
function fromPairs(
  norms: Float64Array,
  pairs: FloatArray | null,
  c: FloatArray | null,
  n: number,
  K: number,
  out: Float64Array,
): void {
  for (let e = 0; e < n; e++) {
    out[e] = 4 * (pairs?.[e] ?? 0);
    if (c) for (let k = e * K; k < (e + 1) * K; k++) out[e] += c[k] * norms[k] ** 2;
  }
}

/** The weights with 0 for the first columns of each example, into `out`. */
function withoutFirst(w: FloatArray, fixed: number, n: number, K: number, out: Float64Array): Float64Array {
  for (let e = 0; e < n; e++) for (let k = fixed; k < K; k++) out[e * K + k] = w[e * K + k];
  return out;
}

/** Into `sum`, always float64, a group of one included: arrays of two types would make the loops over them slow. */
function sumOf(parts: readonly (FloatArray | null)[], sum: Float64Array): Float64Array {
  for (const part of parts) if (part) for (let i = 0; i < sum.length; i++) sum[i] += part[i];
  return sum;
}

/** Fresh sums for each group; `record` keeps the examples of those apart that several parts of the network make together. */
export const emptyTotals = (groups: readonly SumGroup[], record = false, weighted = false): TotalSums[] =>
  groups.map((g) =>
    record && (g.kind === 'total' || isWeighed(g))
      ? new RecordingTotals()
      : weighted
        ? new WeightedTotals()
        : new TotalSums(),
  );
