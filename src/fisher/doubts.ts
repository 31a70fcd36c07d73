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
import type { Tensor } from '../core/tensor.js';
import type { DoubtEstimate, TensorEstimate } from './estimate.js';
import type { BackwardGraph } from './passes.js';
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

/** Adds the numbers of one batch. */
export function addDoubts(sums: Float64Array, output: (name: string) => ArrayLike<number> | null): void {
  for (let i = 0; i < sums.length; i++) sums[i] += output(doubtOutput(i))?.[0] ?? 0;
}

/** What is doubted, and the numbers of the parameters. */
export interface Doubted {
  readonly doubts?: readonly ParameterDoubt[];
  readonly weights?: ReadonlyMap<string, Tensor>;
}

/** Shares from sums over examples of weight `n` in all and the estimates of the parameters. */
export function doubtShares(
  { doubts = [], weights }: Doubted,
  sums: ArrayLike<number>,
  n: number,
  tensors: readonly TensorEstimate[],
  trace: number,
): DoubtEstimate[] {
  const byName = new Map(tensors.map((t) => [t.name, t]));
  const effect = ({ measure }: ParameterDoubt, i: number): number => {
    if (measure.kind === 'tensor' || measure.kind === 'uses') return sums[i] / n;
    const t = byName.get(measure.parameter);
    if (!t) return NaN;
    if (measure.kind === 'parameter') return -t.trace.value;
    const stored = weights?.get(measure.parameter)?.data;
    return t.fisher.reduce((sum, f, k) => (Number(stored?.[k]) === 0 ? sum : sum + f), 0);
  };
  return doubts.map((d, i) => {
    const share = effect(d, i) / trace;
    const { name, shape, counted, reason } = d;
    return { name, shape, counted, reason, share: Number.isFinite(share) ? share : null };
  });
}
