/**
 * @module fisher/doubts
 *
 * Effect on the trace of settling a doubt about θ (model/doubts) the other way, from the pass that gives the trace itself: the same
 * columns or draws, and totals only. Per batch and doubt d one number more comes out of the derived graph,
 *
 *   d   Σ_e Σ_k w_ek ‖s_ek‖²                      a tensor that is not counted
 *       −2 Σ_e Σ_k w_ek ⟨s_ek, Σ_before s′_ek⟩    one use of a tensor beside its earlier ones
 *
 * Cost: a pass over the scores of the tensors in question, on the first 256 examples and on one in sixteen after them (their
 * order is random, so these stand for all). What a counted tensor carries is in the estimate already.
 */
import { input, N, ops as b, type Value } from '../graph/index.js';
import type { Cotangents } from '../graph/derive.js';
import type { ParameterDoubt } from '../model/doubts.js';
import type { Network } from '../model/network.js';
import { type BatchOutputs, clearRepeated, type ColumnSource, columnRuns } from './columns.js';
import type { DoubtEstimate, TensorEstimate } from './estimate.js';
import type { BackwardGraph, Passes } from './passes.js';
import { Scratches } from './scratch.js';
import type { SubjectDoubt } from './subject.js';
import { reverseScores, type Score } from '../scores/index.js';

/** The output of doubt i in a derived graph. */
export const doubtOutput = (i: number): string => `d/${i}`;

/** Tensors whose scores doubts ask for. */
export const doubtedTensors = (doubts: readonly ParameterDoubt[]): Value[] => [
  ...new Set(doubts.flatMap(({ measure }) => (measure.kind === 'tensor' ? [measure.value] : []))),
];

/** Uses whose cotangents doubts ask for. */
export const doubtedUses = (doubts: readonly ParameterDoubt[]): Value[] => [
  ...new Set(
    doubts.flatMap(({ measure }) => (measure.kind === 'uses' ? [measure.own, ...measure.before] : [])),
  ),
];

/** Whether any doubt needs an output of its own. */
export const hasDoubtOutputs = (doubts: readonly ParameterDoubt[]): boolean =>
  doubts.some(({ measure }) => measure.kind === 'tensor' || measure.kind === 'uses');

/** One number for each doubt that the estimate does not tell. */
export function doubtOutputs(
  doubts: readonly ParameterDoubt[],
  scores: readonly Score[],
  cotangents: Cotangents,
  w: Value,
): Record<string, Value> {
  const byTensor = new Map(scores.map((s) => [s.site.parameter, s]));
  const outputs: Record<string, Value> = {};
  doubts.forEach(({ measure }, i) => {
    const total =
      measure.kind === 'tensor'
        ? (byTensor.get(measure.value)?.norms() ?? null)
        : measure.kind === 'uses'
          ? ofUses(measure.own, measure.before, cotangents)
          : null;
    if (total) outputs[doubtOutput(i)] = b.reduceSum(b.mul(w, total), [0, 1]);
  });
  return outputs;
}

/** −2⟨s_k, Σ s′_k⟩ → [N, K]. */
function ofUses(own: Value, before: readonly Value[], cotangents: Cotangents): Value | null {
  const s = cotangents.get(own);
  const earlier = before.flatMap((v) => cotangents.get(v) ?? []);
  if (!s || earlier.length === 0) return null;
  return b.scale(overEntries(b.mul(s, earlier.reduce(b.add))), -2);
}

/** Sums everything behind [N, K]. */
const overEntries = (x: Value): Value => b.reduceSum(x, x.shape.map((_, i) => i).slice(2));

/** The doubts alone over `columns` cotangents ct [N, K, T] with weights w [N, K], beside a pass that has no scores of its own kind. */
export function doubtsGraph(h: Value, doubts: readonly ParameterDoubt[], columns: number): BackwardGraph {
  const ct = input('ct', h.dtype, [N, columns, h.shape[1]]);
  const w = input('w', h.dtype, [N, columns]);
  const { scores, cotangents } = reverseScores(h, doubtedTensors(doubts), ct, doubtedUses(doubts));
  return { late: { ct, w }, outputs: doubtOutputs(doubts, scores, cotangents, w) };
}

/** Doubts are measured on the first examples, and then on one in so many, so that they cost little beside the estimate. */
const FIRST_MEASURED = 256;
const ONE_IN = 16;

/** The columns that doubts are measured by. */
export interface DoubtColumns {
  readonly source: ColumnSource;
  /** How many of them count, the first. */
  readonly columns: number;
  /** How many at once. */
  readonly chunk: number;
  /** On every example, not on some. */
  readonly always: boolean;
}

/** The half that measures the doubts of a job, and when it is due. */
export class DoubtMeter {
  readonly graphs: Readonly<Record<string, BackwardGraph>>;
  private readonly scratches = new Scratches();
  private examples = 0;
  private measured = 0;

  constructor(
    { network, doubts }: { readonly network: Network; readonly doubts: readonly ParameterDoubt[] },
    private readonly by: DoubtColumns | null,
  ) {
    this.graphs = by && hasDoubtOutputs(doubts) ? { doubts: doubtsGraph(network.h, doubts, by.chunk) } : {};
  }

  /** Whether the next batch is measured. */
  private get due(): boolean {
    if (this.by?.always) return true;
    return this.measured < FIRST_MEASURED || this.measured * ONE_IN <= this.examples;
  }

  /** The numbers of one batch. */
  async measure(programs: Passes, batch: BatchOutputs, count: number): Promise<Float64Array> {
    const { by } = this;
    const own = new Float64Array(count);
    if (!by || !this.graphs.doubts) return own;
    const scratch = this.scratches.of(programs);
    const { n, T } = batch.h;
    const { source, columns, chunk } = by;
    const ct = scratch.floats('ct', programs.dtype, n * chunk * T);
    const w = scratch.floats('w', programs.dtype, n * chunk);
    for (const run of columnRuns(columns, chunk)) {
      source.fill(batch, { from: run.from, count: chunk }, ct, w);
      clearRepeated(w, run, n, chunk);
      const output = await programs.backward('doubts', { ct, w }, n);
      for (let i = 0; i < own.length; i++) own[i] += output(doubtOutput(i))?.[0] ?? 0;
    }
    return own;
  }

  /** Goes on to the next batch, of n examples, `counted` of them with weight. Returns whether it is measured. */
  next(n: number, counted: number): boolean {
    const { due } = this;
    if (due) this.measured += n;
    this.examples += counted;
    return due;
  }
}

/** Shares from sums over examples of weight `n` in all and the estimates of the parameters. */
export function doubtShares(
  doubts: readonly SubjectDoubt[],
  sums: ArrayLike<number>,
  n: number,
  tensors: readonly TensorEstimate[],
  trace: number,
): DoubtEstimate[] {
  const byName = new Map(tensors.map((t) => [t.name, t]));
  const effectOf = ({ effect, parameter, nonzero }: SubjectDoubt, i: number): number => {
    if (effect === 'measured') return sums[i] / n;
    const t = byName.get(parameter ?? '');
    if (!t) return NaN;
    if (effect === 'parameter') return -t.trace.value;
    return t.fisher.reduce((sum, f, k) => (nonzero?.[k] === 0 ? sum : sum + f), 0);
  };
  return doubts.map((d, i) => {
    const share = effectOf(d, i) / trace;
    const { name, shape, counted, reason } = d;
    return { name, shape, counted, reason, share: Number.isFinite(share) ? share : null };
  });
}
