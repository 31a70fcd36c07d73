/**
 * @module fisher/forms/diagonal/chunked
 *
 * The statistics of fisher/forms/diagonal/statistics with the K columns taken a few at a time, so that K × batch × widest layer stays within a
 * memory budget. What crosses from chunk to chunk lives at the neurons ([N, out], or [N, shape] for explicit scores):
 *
 *   part     per chunk: Σ_k w_k s_k², and for `pairwise` the chunk's variance given what came before it; where some columns are no
 *            draws, Σ_k w_k s_k² of the drawn ones as well, whose weights wl are 0 on the others
 *   spread   per chunk, `enumerated`: Σ_k w_k (s_k² − f)² around the f of all chunks
 *   sums     once: the sums over examples
 *
 * The Gram matrix of all columns comes from pairs of half chunks run as one (`gram`), and so do sums over pairs of columns (`pairs`):
 * own/i, those inside the first half, and cross/i, those between the halves. Exact, at K²/chunk² instead of K/chunk passes.
 */
import { input, N, ops as b, type Value } from '../../../graph/index.js';
import { sizeOf } from '../../../core/tensor.js';
import { enumeratedVariance, pairwiseVariance, weightedSquares } from '../../../scores/column-statistics.js';
import { type Score, scoresOf } from '../../../scores/index.js';
import { crossSquares, pairSquares } from '../../../scores/pair-squares.js';
import type { BackwardGraph } from '../../passes.js';
import {
  aroundMean,
  asked,
  centres,
  deviation,
  distinctSets,
  type PassSpec,
  putPeaks,
  scoresOfSet,
  takesWeights,
  timesWeights,
} from './statistics.js';
import { putMargins } from './margins.js';
import { inPieces, ofPiece } from './pieces.js';
import { loadsOf, weighedGram, weighedNorms, weighedScores } from './weighed.js';

/** One graph per stage, for chunks of `columns` columns (unused columns of the last have weight zero). */
export function chunkedGraphs(
  h: Value,
  parameters: ReadonlyMap<string, Value>,
  spec: PassSpec,
  columns: number,
): Record<'part' | 'spread' | 'sums' | 'gram' | 'pairs', BackwardGraph> {
  const stage = { h, parameters, spec, columns };
  return {
    part: partGraph(stage),
    spread: spreadGraph(stage),
    sums: sumsGraph(stage),
    gram: gramGraph(stage),
    pairs: pairsGraph(stage),
  };
}

interface Stage {
  readonly h: Value;
  readonly parameters: ReadonlyMap<string, Value>;
  readonly spec: PassSpec;
  readonly columns: number;
}

interface Columns {
  readonly ct: Value;
  readonly w: Value;
  readonly scores: readonly (readonly [string, Score])[];
}

function columnsOf({ h, parameters, columns }: Stage): Columns {
  const ct = input('ct', h.dtype, [N, columns, h.shape[1]]);
  const w = input('w', h.dtype, [N, columns]);
  const names = new Map([...parameters].map(([name, v]) => [v, name]));
  const scores = scoresOf(h, [...parameters.values()], ct).map(
    (s) => [names.get(s.site.parameter) as string, s] as const,
  );
  return { ct, w, scores };
}

/** A neuron statistic handed from stage to stage. */
function carried(name: string, { neurons }: Score): Value {
  return input(name, neurons.dtype, [neurons.shape[0], ...neurons.shape.slice(2)]);
}

/** Weights of the drawn columns of a chunk: w itself where all are. */
function drawnWeights({ spec, columns }: Stage, w: Value): Value {
  return spec.label && spec.fixed ? input('wl', w.dtype, [N, columns]) : w;
}

function partGraph(stage: Stage): BackwardGraph {
  const { spec } = stage;
  const { ct, w, scores } = columnsOf(stage);
  const late: Record<string, Value> = { ct, w };
  const pairwise = spec.label === 'pairwise';
  const drawn = drawnWeights(stage, w);
  if (drawn !== w) late.wl = drawn;
  if (pairwise && spec.fourth) late.c = input('c', ct.dtype, [N, stage.columns]);
  const outputs: Record<string, Value> = {};
  const found = new Map<string, readonly Score[]>();
  for (const [name, whole] of scores) {
    const before = pairwise ? carried(`before/${name}`, whole) : null;
    if (before) late[`before/${name}`] = before;
    const { outputs: own, pieces } = inPieces(whole, spec.piece ?? Infinity, (score) => {
      const squares = b.square(score.neurons);
      const of: Record<string, Value> = { f: weightedSquares(w, squares) };
      if (drawn !== w) of.fl = weightedSquares(drawn, squares);
      if (before) of.v = pairwiseVariance(drawn, late.c ?? null, squares, ofPiece(before, score));
      if (spec.totals === 'norms' || spec.totals === 'pairs') of.q = score.norms(squares);
      return of;
    });
    found.set(name, pieces);
    for (const [key, value] of Object.entries(own)) outputs[`${key}/${name}`] = value;
  }
  for (const { set, kind, loads } of loadedSets(stage, found)) {
    if (kind === 'quadratic') outputs[`wr/${set}`] = weighedScores(loads);
    else if (spec.totals !== 'gram') outputs[`wq/${set}`] = weighedNorms(loads);
  }
  return { late, outputs };
}

/** Totals whose entries have weights, each with the loads of those of its parameters that reach the output. */
function loadedSets({ spec }: Stage, scores: ReadonlyMap<string, readonly Score[]>) {
  if (!spec.totals) return [];
  return (spec.weighed ?? [])
    .map((weighed) => ({ ...weighed, loads: loadsOf(weighed, scores) }))
    .filter(({ loads }) => loads.size > 0);
}

function spreadGraph(stage: Stage): BackwardGraph {
  const { ct, w, scores } = columnsOf(stage);
  const drawn = drawnWeights(stage, w);
  const late: Record<string, Value> = { ct, w, ...(drawn === w ? {} : { wl: drawn }) };
  const outputs: Record<string, Value> = {};
  for (const [name, whole] of scores) {
    const f = carried(`f/${name}`, whole);
    late[`f/${name}`] = f;
    const { outputs: own } = inPieces(whole, stage.spec.piece ?? Infinity, (score) => ({
      v: enumeratedVariance(drawn, b.square(score.neurons), ofPiece(f, score)),
    }));
    outputs[`v/${name}`] = own.v;
  }
  return { late, outputs };
}

function sumsGraph(stage: Stage): BackwardGraph {
  const { scores } = columnsOf(stage);
  const late: Record<string, Value> = {};
  const outputs: Record<string, Value> = {};
  const { weighted, tilted } = stage.spec;
  const o = takesWeights(stage.spec) ? input('o', stage.h.dtype, [N, 1]) : null;
  if (o) late.o = o;
  for (const [name, score] of scores) {
    const f = carried(`f/${name}`, score);
    late[`f/${name}`] = f;
    outputs[`f/${name}`] = score.sum(f, 2);
    if (o && weighted) outputs[`fo/${name}`] = score.sum(timesWeights(f, o), 2);
    if (stage.spec.peaks) putUnder(outputs, name, (own) => putPeaks(own, 'f', score.peaks(f)));
    if (stage.spec.margins && stage.spec.totals && !stage.spec.label)
      putUnder(outputs, name, (own) => putMargins(own, score, f, null));
    if (stage.spec.squares && centres(score, stage.spec))
      outputs[`d2/${name}`] = score.sum(b.square(aroundMean(f, outputs[`f/${name}`], onesLike(f))), 4);
    else if (stage.spec.squares) outputs[`f2/${name}`] = score.sum(b.square(f), 4);
    if (o && tilted) outputs[`f2o/${name}`] = score.sum(timesWeights(b.square(f), o), 4);
    if (!stage.spec.label) continue;
    const v = carried(`v/${name}`, score);
    late[`v/${name}`] = v;
    if (stage.spec.margins && stage.spec.totals)
      putUnder(outputs, name, (own) => putMargins(own, score, f, v));
    outputs[`v/${name}`] = score.sum(v, 4);
    putUnder(outputs, name, (own) => putPeaks(own, 'v', score.peaks(deviation(v))));
    if (o && tilted) outputs[`vo/${name}`] = score.sum(timesWeights(v, o), 4);
  }
  return { late, outputs: asked(outputs, stage.spec) };
}

/** A one for every example, [N, 1]. */
function onesLike(t: Value): Value {
  const first = b.slice(b.reshape(t, [N, sizeOf(t.shape.slice(1) as number[])]), 1, 0, 1);
  return b.expandLike(b.scalar(1, t.dtype), first);
}

/** What `put` names by the first part, under the whole names. */
function putUnder(
  outputs: Record<string, Value>,
  name: string,
  put: (own: Record<string, Value>) => void,
): void {
  const own: Record<string, Value> = {};
  put(own);
  for (const [key, value] of Object.entries(own)) outputs[`${key}/${name}`] = value;
}

function gramGraph(stage: Stage): BackwardGraph {
  const { ct, scores } = columnsOf(stage);
  const outputs: Record<string, Value> = {};
  for (const [name, whole] of scores)
    outputs[`m/${name}`] = inPieces(whole, stage.spec.piece ?? Infinity, (s) => ({ m: s.gram() })).outputs.m;
  for (const { set, kind, loads } of loadedSets(stage, new Map(scores.map(([name, s]) => [name, [s]]))))
    if (kind === 'functional') outputs[`wm/${set}`] = weighedGram(loads);
  return { late: { ct }, outputs };
}

function pairsGraph(stage: Stage): BackwardGraph {
  const { ct, w, scores } = columnsOf(stage);
  const half = halfOf(stage.columns);
  const outputs: Record<string, Value> = {};
  const found = new Map(scores.map(([name, s]) => [name, [s]] as const));
  for (const [i, set] of distinctSets(stage.spec)) {
    const own = scoresOfSet(set, found);
    if (own.length === 0) continue;
    outputs[`own/${i}`] = pairSquares(own, w, { from: 0, to: half });
    if (half < stage.columns) outputs[`cross/${i}`] = crossSquares(own, w, half);
  }
  for (const { set, kind, loads } of loadedSets(stage, found)) {
    if (kind === 'quadratic') continue;
    outputs[`wown/${set}`] = pairSquares(loads, w, { from: 0, to: half });
    if (half < stage.columns) outputs[`wcross/${set}`] = crossSquares(loads, w, half);
  }
  return { late: { ct, w }, outputs };
}

/** Columns of the first half of a chunk. */
export const halfOf = (columns: number): number => Math.max(1, Math.floor(columns / 2));
