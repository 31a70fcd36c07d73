/**
 * @module fisher/forms/diagonal/statistics
 *
 * The derived graph of a diagonal Fisher: from cotangents ct [N, K, T] and weights w [N, K] of a batch to its sums. For every
 * parameter p (in p's own shape) and example e:
 *
 *   f/p      Σ_e f_e            f2/p   Σ_e f_e²          v/p   Σ_e v_e      (scores/column-statistics)
 *   d2/p     Σ_e (f_e − f̄)²     in place of f2/p where f_e is held entry by entry, for `centred`
 *   fo/p     Σ_e ω_e f_e       for `weighted`, where f_e carries ω_e once already (fisher/example-weights)
 *   f2o/p    Σ_e o_e f_e²      vo/p   Σ_e o_e v_e       for `tilted`, o_e = 1/u_e of weighted visits (fisher/visits)
 *   f2v/p    both of the last, one after the other, where one product makes them; d2v/p
 *   fr/p, fc/p   max_e f_e along each row and each column of p (scores/score), for the errors of entries
 *   vr/p, vc/p   max_e √v_e
 *   q/p      ‖s_ek‖² [N, K]                             squared norms of the block's scores
 *   m/p      ⟨s_ej, s_ek⟩ [N, K, K]                      their Gram matrix
 *   x/i      Σ_{j<k} w_j w_k M_jk² [N]                   M the sum of the Gram matrices of set i (scores/pair-squares)
 *   r?/p     of the rows and columns of dense weights (margins.ts)
 *   w?/i     of sets whose entries have weights (weighed.ts)
 *
 * from which errors of totals over any set of blocks follow exactly, correlations inside an example included. For a dense site
 * f_e = m2 ⊗ a², so Σf = (m2)ᵀ(a²), Σf² = (m2²)ᵀ(a⁴), Σv = vᵀ(a⁴): one matrix product each.
 */
import { ops as b, input, N, type Value } from '../../../graph/index.js';
import {
  blocksVariance,
  enumeratedVariance,
  type LabelKind,
  pairwiseVariance,
  weightedSquares,
} from '../../../scores/column-statistics.js';
import { type Score, scoresOf, type ScorePeaks } from '../../../scores/index.js';
import type { Site } from '../../../model/sites.js';
import { pairSquares } from '../../../scores/pair-squares.js';
import type { BackwardGraph } from '../../passes.js';
import { putMargins } from './margins.js';
import { inPieces } from './pieces.js';
import { loadsOf, type Weighed, weighedGram, weighedNorms, weighedScores } from './weighed.js';

/** What a pass computes. */
export interface PassSpec {
  /** Number of cotangents per example. */
  readonly columns: number;
  /** Σ_e f_e², for data errors. */
  readonly squares: boolean;
  /** Squares around the batch's mean, where entries are held one by one: nothing cancels. Not of weighted examples. */
  readonly centred?: boolean;
  /** Σ_e v_e, for label errors; null: none. */
  readonly label: LabelKind | null;
  /** How many columns, the first, no draw enters: label errors are of the others. Default 0. */
  readonly fixed?: number;
  /** For `blocks`: how many columns one has. */
  readonly block?: number;
  /** For `pairwise`: whether the components have fourth-order coefficients of their own (a sign's are zero). */
  readonly fourth?: boolean;
  /** The largest f_e of each row and column; those of √v_e come with v. */
  readonly peaks?: boolean;
  /** Whether examples are weighted: late weights o [N, 1], and Σ_e ω_e f_e beside Σ f². */
  readonly weighted?: boolean;
  /** Whether visits are weighted for a distribution: late o [N, 1], and Σ_e o_e f_e², Σ_e o_e v_e beside. */
  readonly tilted?: boolean;
  /** Per-example quantities of whole blocks: squared norms, Gram matrices, norms with sums over pairs of columns, or none. */
  readonly totals: 'norms' | 'gram' | 'pairs' | null;
  /** Names of the parameters of each set whose pairs are summed, for `pairs`. */
  readonly sets?: readonly (readonly string[])[];
  /** Whether sums along rows and columns of dense weights are taken. */
  readonly margins?: boolean;
  /** Totals whose entries have weights. */
  readonly weighed?: readonly Weighed[];
  /** Whether sums of entries are taken; default true. */
  readonly entries?: boolean | undefined;
  /** Entries of a score that are formed at once, of one example and column (pieces.ts); default all. */
  readonly piece?: number;
}

/**
 * Builds the graph for the parameters named in `parameters`. Late inputs: cotangents ct [N, K, T], weights w [N, K], and for
 * `pairwise` with `fourth` the fourth-order coefficients c [N, K].
 */
export function statisticsGraph(
  h: Value,
  parameters: ReadonlyMap<string, Value>,
  spec: PassSpec,
): BackwardGraph {
  const k = spec.columns;
  const ct = input('ct', h.dtype, [N, k, h.shape[1]]);
  const w = input('w', h.dtype, [N, k]);
  const c = spec.label === 'pairwise' && spec.fourth ? input('c', h.dtype, [N, k]) : null;
  const o = takesWeights(spec) ? input('o', h.dtype, [N, 1]) : null;
  const names = new Map([...parameters].map(([name, v]) => [v, name]));
  const ones = b.expandLike(b.scalar(1, w.dtype), b.slice(w, 1, 0, 1));
  const outputs: Record<string, Value> = {};
  const scores = new Map<string, readonly Score[]>();
  for (const whole of scoresOf(h, [...parameters.values()], ct)) {
    const name = names.get(whole.site.parameter) as string;
    const { outputs: own, pieces } = inPieces(whole, spec.piece ?? Infinity, (score) =>
      entryStatistics(score, spec, { w, c, o, ones }),
    );
    scores.set(name, pieces);
    for (const [key, value] of Object.entries(own)) outputs[`${key}/${name}`] = value;
  }
  const drawn = { from: spec.fixed ?? 0, to: k };
  for (const weighed of spec.totals ? (spec.weighed ?? []) : []) {
    const loads = loadsOf(weighed, scores);
    if (loads.size === 0) continue;
    const { set } = weighed;
    if (weighed.kind === 'quadratic') outputs[`wr/${set}`] = weighedScores(loads);
    else if (spec.totals === 'gram') outputs[`wm/${set}`] = weighedGram(loads);
    else outputs[`wq/${set}`] = weighedNorms(loads);
    if (weighed.kind === 'functional' && spec.totals === 'pairs')
      outputs[`wx/${set}`] = pairSquares(loads, w, drawn);
  }
  if (spec.totals === 'pairs') {
    for (const [i, set] of distinctSets(spec)) {
      const own = scoresOfSet(set, scores);
      if (own.length > 0) outputs[`x/${i}`] = pairSquares(own, w, drawn);
    }
  }
  return { late: { ct, w, ...(c ? { c } : {}), ...(o ? { o } : {}) }, outputs: asked(outputs, spec) };
}

/** Sums over the examples of something of each entry, by the first part of their names. */
const OF_ENTRIES = new Set(['f', 'fo', 'f2', 'd2', 'f2v', 'd2v', 'v', 'f2o', 'vo', 'fr', 'fc', 'vr', 'vc']);

/** The outputs that a pass is to give. */
export function asked(
  outputs: Readonly<Record<string, Value>>,
  { entries = true }: PassSpec,
): Record<string, Value> {
  const kept = ([key]: [string, Value]) => entries || !OF_ENTRIES.has(key.slice(0, key.indexOf('/')));
  return Object.fromEntries(Object.entries(outputs).filter(kept));
}

/** What the statistics take of a batch. */
interface Given {
  readonly w: Value;
  readonly c: Value | null;
  readonly o: Value | null;
  readonly ones: Value;
}

/** The outputs of one parameter, or of some rows of it, by the first part of their names. */
/** Sums over the examples of what is taken of each entry of a score, by the first part of their names. */
export function entryStatistics(
  score: Score,
  spec: PassSpec,
  { w, c, o, ones }: Given,
): Record<string, Value> {
  const outputs: Record<string, Value> = {};
  const squares = b.square(score.neurons);
  const f = weightedSquares(w, squares);
  outputs.f = score.sum(f, 2, ones);
  if (o && spec.weighted) outputs.fo = score.sum(timesWeights(f, o), 2, ones);
  if (spec.peaks) putPeaks(outputs, 'f', score.peaks(f));
  const centred = centres(score, spec);
  const f2 = spec.squares ? b.square(centred ? aroundMean(f, outputs.f, ones) : f) : null;
  const key = centred ? 'd2' : 'f2';
  const v = spec.label && drawVariance(spec, w, c, squares, f);
  if (v) putPeaks(outputs, 'v', score.peaks(deviation(v)));
  if (f2 && v && score.stacks(f)) {
    outputs[`${key}v`] = score.sum(b.concat([f2, v], 1), 4, ones);
  } else {
    if (f2) outputs[key] = score.sum(f2, 4, ones);
    if (v) outputs.v = score.sum(v, 4, ones);
  }
  if (o && spec.tilted && f2) outputs.f2o = score.sum(timesWeights(f2, o), 4, ones);
  if (o && spec.tilted && v) outputs.vo = score.sum(timesWeights(v, o), 4, ones);
  if (spec.margins && spec.totals) putMargins(outputs, score, f, v);
  if (spec.totals === 'norms' || spec.totals === 'pairs') outputs.q = score.norms(squares);
  if (spec.totals === 'gram') outputs.m = score.gram();
  return outputs;
}

/**
 * Whether Σf² of a score is taken around the mean: of those whose entries are formed at once, or that positions share. Rows of an embedding
 * are in few examples, and nothing much cancels.
 */
export const centres = ({ site: { form, uses } }: Score, { centred, weighted, tilted }: PassSpec): boolean =>
  centred === true &&
  !weighted &&
  !tilted &&
  form !== 'dense' &&
  form !== 'embedding' &&
  !(ROWS.has(form) && uses[0].node.output.shape.length === 2);

/** Forms of which an entry of one row an example is one neuron's. */
const ROWS: ReadonlySet<Site['form']> = new Set(['shift', 'scale']);

/** f_e − Σf/n, from the sum over the n examples of `ones` [N, 1]. */
export const aroundMean = (f: Value, sum: Value, ones: Value): Value =>
  b.sub(f, b.div(sum, b.reduceSum(ones, [0])));

/** Whether a pass takes the weights o of its examples. */
export const takesWeights = ({ weighted, tilted, squares }: PassSpec): boolean =>
  (weighted === true || tilted === true) && squares;
/** Puts the largest of rows and columns under their names. */
export function putPeaks(outputs: Record<string, Value>, of: 'f' | 'v', { rows, columns }: ScorePeaks): void {
  outputs[`${of}r`] = rows;
  outputs[`${of}c`] = columns;
}

/** √v of a variance that rounding may have left below 0. */
export const deviation = (v: Value): Value => b.sqrt(b.relu(v));

/** Sets of parameters by the number of the first that has the same members. */
export function distinctSets({ sets = [] }: PassSpec): Map<number, readonly string[]> {
  const first = firstSets(sets);
  return new Map(sets.flatMap((set, i) => (first[i] === i ? [[i, set] as const] : [])));
}

/** For each set the number of the first with the same members. */
export function firstSets(sets: readonly (readonly string[])[]): number[] {
  const seen = new Map<string, number>();
  return sets.map((set, i) => {
    const key = JSON.stringify(set);
    if (!seen.has(key)) seen.set(key, i);
    return seen.get(key) as number;
  });
}

/** The scores of those of a set's parameters that reach the output, in their pieces. */
export const scoresOfSet = (set: readonly string[], scores: ReadonlyMap<string, readonly Score[]>): Score[] =>
  set.flatMap((p) => scores.get(p) ?? []);

/** Every number of an example in t [N, …] times its weight, o [N, 1]. */
export function timesWeights(t: Value, o: Value): Value {
  return b.mul(t, t.shape.length === 2 ? o : b.reshape(o, [N, ...t.shape.slice(1).map(() => 1)]));
}

/** Of one draw, over the columns that are drawn. */
function drawVariance(spec: PassSpec, w: Value, c: Value | null, squares: Value, f: Value): Value {
  const { fixed = 0, columns } = spec;
  const drawn = (x: Value): Value => (fixed === 0 ? x : b.slice(x, 1, fixed, columns));
  if (spec.label === 'blocks') return blocksVariance(w, squares, spec.block ?? columns);
  const own = fixed === 0 ? f : weightedSquares(drawn(w), drawn(squares));
  return labelVariance(spec.label as LabelKind, drawn(w), c && drawn(c), drawn(squares), own);
}

function labelVariance(kind: LabelKind, w: Value, c: Value | null, squares: Value, f: Value): Value {
  return kind === 'enumerated' ? enumeratedVariance(w, squares, f) : pairwiseVariance(w, c, squares, null);
}
