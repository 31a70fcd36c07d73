/**
 * @module fisher/curved/mixed
 *
 * The diagonal Fisher by type 2, the negative Hessian of the log-likelihood (P24 Eq. 3),
 *
 *   Î2(θ_i) = (1/n) Σ_x [ 𝔽_ii(x) − (1/K) Σ_k Σ_a δ_ka ∂²h_a/∂θ_i² ],
 *
 * and by a pooled mix α Î1 + (1 − α) Î2 of both types on the same labels, one α a tensor. Both are unbiased for the Fisher information
 * whatever α is, as long as α does not depend on the labels. Type 2 may be negative; its second term vanishes on every layer of a
 * ReLU network and on the last layer of any (scores/second/exactness), where it is the exact Fisher.
 *
 * Errors as for any estimate: closed form (𝒱2 = D_iᵀ I D_i, P24 Lemma 3.1) or from the spread of draws. Cost: the exact diagonal, plus
 * scores/second/along. The class axis is not taken in chunks: where K × width is large, batches become small.
 */
import type { UniformStream } from '../../core/random.js';
import type { FloatType, TypedArray } from '../../core/tensor.js';
import { createSmallEngine } from '../../engine/small/index.js';
import type { Engine } from '../../engine/types.js';
import { makeLabels, outputs as batchOutputs } from '../../likelihood/batch.js';
import type { ComponentMoments, Likelihood, Outputs } from '../../likelihood/types.js';
import type { ParameterDoubt } from '../../model/doubts.js';
import type { Network } from '../../model/network.js';
import type { PassSums } from '../accumulate.js';
import { addDoubts, doubtsGraph, hasDoubtOutputs } from '../doubts.js';
import { batchWeights, type ExampleWeights, scaleRows } from '../example-weights.js';
import { emptySums, groupsOf, type Group } from '../groups.js';
import { DEFAULT_BUDGET, widestSite } from '../memory.js';
import type { PassResult } from '../pass.js';
import { Passes } from '../passes.js';
import { cancelled, refinedNetwork } from '../refine.js';
import type { ExampleBatch, ExampleSource } from '../source.js';
import { TensorSums } from '../tensor-sums.js';
import { mixedLate, type MixedSpec, mixedStatistic } from './mixed-graph.js';
import { addMixedTotals, type MixedBatch } from './mixed-totals.js';
import { floats, planSitePass, type SitePass, type SiteResult } from './site-pass.js';

export interface MixedJob {
  readonly engine: Engine;
  readonly network: Network;
  readonly likelihood: Likelihood;
  /** α by parameter: the weight of type 1; 0 where absent. */
  readonly alpha: ReadonlyMap<string, number>;
  /** Labels per example K. */
  readonly labels: number;
  readonly error: 'closed-form' | 'sampled';
  readonly stream: UniformStream;
  /** By the index of an example; absent where all weigh the same. */
  readonly weights?: ExampleWeights | undefined;
  readonly batch?: number | undefined;
  readonly budget?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Doubts about what is a parameter, measured by the exact columns. */
  readonly doubts?: readonly ParameterDoubt[];
}

export interface MixedSums {
  examples: number;
  weight: number;
  weightSquares: number;
  offMode: number | null;
  /** Of each doubt of the job. */
  readonly doubts: Float64Array;
  readonly groups: readonly Group[];
  readonly value: PassSums;
  readonly spread: PassSums;
}

/** Runs over all examples, or until the signal is aborted between two batches; `onBatch` sees the sums so far. */
export async function accumulateMixed(
  job: MixedJob,
  source: ExampleSource,
  onBatch?: (sums: MixedSums) => void,
): Promise<{ sums: MixedSums; interrupted: boolean }> {
  const { network, likelihood, alpha, error, labels, budget = DEFAULT_BUDGET } = job;
  const T = network.h.shape[1] as number;
  // The mean of the labels' residuals is enough where neither their squares nor their spread is asked for.
  const averaged = error === 'closed-form' && [...alpha.values()].every((a) => a === 0);
  const spec: MixedSpec = {
    columns: likelihood.columnCount(T),
    draws: averaged ? 1 : labels,
    kind: likelihood.labelKind,
    error,
    alpha,
    weighted: job.weights !== undefined,
  };
  const { batch, chunk } = planBatch(network, spec.columns + spec.draws, job.batch ?? 256, budget);
  const late = mixedLate(network.h, spec);
  const pass = planSitePass('mixed', {
    h: network.h,
    parameters: network.parameters,
    late,
    statistic: mixedStatistic(spec, late),
    chunk,
  });
  const { doubts = [] } = job;
  const sums = emptyMixedSums(network, spec, doubts.length);
  const beside = hasDoubtOutputs(doubts) ? { doubts: doubtsGraph(network.h, doubts, spec.columns) } : {};
  const programs = await Passes.compile(job.engine, network, { ...pass.graphs, ...beside }, batch);
  try {
    for (const examples of source(batch, programs.dtype)) {
      if (job.signal?.aborted) return { sums, interrupted: true };
      await addBatch(programs, pass, spec, job, sums, examples);
      onBatch?.(sums);
    }
    return { sums, interrupted: false };
  } finally {
    programs.dispose();
  }
}

/** Batch and directions at once, so that no array of the pass has more than `budget` numbers. */
export function planBatch(
  network: Network,
  columns: number,
  wanted: number,
  budget: number,
): { batch: number; chunk: number } {
  const width = widestSite(network);
  const batch = Math.max(1, Math.min(wanted, Math.floor(budget / (columns * width))));
  return { batch, chunk: Math.max(1, Math.min(256, Math.floor(budget / (batch * width)))) };
}

function emptyMixedSums(network: Network, spec: MixedSpec, doubts: number): MixedSums {
  const groups = groupsOf(network);
  const scale = spec.error === 'sampled' && spec.draws > 1 ? spec.draws / (spec.draws - 1) : 1;
  const empty = (p: string) => new TensorSums(network, p, scale, spec.weighted);
  const tensors = () => new Map([...network.parameters.keys()].map((p) => [p, empty(p)]));
  return {
    examples: 0,
    weight: 0,
    weightSquares: 0,
    offMode: 0,
    doubts: new Float64Array(doubts),
    groups,
    value: { tensors: tensors(), totals: emptySums(groups, false, spec.weighted) },
    spread: { tensors: tensors(), totals: emptySums(groups, false, spec.weighted) },
  };
}

async function addBatch(
  programs: Passes,
  pass: SitePass,
  spec: MixedSpec,
  job: MixedJob,
  sums: MixedSums,
  examples: ExampleBatch,
): Promise<void> {
  const { n, inputs } = examples;
  const data = new Map<string, TypedArray>([...inputs].map(([name, t]) => [name, t.data]));
  const h = batchOutputs(await programs.forward(data, n), n, programs.outputs);
  job.likelihood.checkDomain(h, examples.indices);
  const late = fillLate(h, spec, job, examples, programs.dtype);
  const result = await pass.run(programs, late, n);
  const weights = job.weights ? batchWeights(job.weights, examples.indices, n) : null;
  const batch: MixedBatch = {
    n,
    w: late.w,
    c: late.c ?? null,
    third: late.third ?? null,
    weights: weights?.data ?? null,
  };
  addMixedTotals(sums.groups, sums.value.totals, sums.spread.totals, result, spec, batch);
  for (const t of sums.value.tensors.values()) t.add(n, resultOf(result, 'y', null), weights);
  const sampled = spec.error === 'sampled';
  for (const t of sums.spread.tensors.values()) {
    t.add(n, sampled ? resultOf(result, 'y', 'y2') : resultOf(result, 'f', 'f2'), weights);
  }
  if (hasDoubtOutputs(job.doubts ?? [])) {
    const ct = floats(programs.dtype, n * spec.columns * h.T);
    job.likelihood.columns(h, ct, late.w);
    if (weights) scaleRows(ct, n, spec.columns * h.T, (e) => Math.sqrt(weights.data[e]));
    addDoubts(sums.doubts, await programs.backward('doubts', { ct, w: late.w }, n));
  }
  const off = job.likelihood.offMode(h);
  sums.offMode = off === null || sums.offMode === null ? null : sums.offMode + off;
  sums.examples += weights?.count ?? n;
  sums.weight += weights?.sum ?? n;
  sums.weightSquares += weights?.squares ?? n;
}

/** Sums under the names of fisher/pass. */
function resultOf(result: SiteResult, value: string, squares: string | null): PassResult {
  return {
    sum: (p) => result.sum(value, p),
    linear: (p) => (squares ? result.sum(`${value}o`, p) : null),
    squares: (p) => (squares ? result.sum(squares, p) : null),
    label: (p) => result.sum('v', p),
    norms: () => null,
    gram: () => null,
    weights: new Float64Array(0),
    fourth: null,
    doubts: new Float64Array(0),
  };
}

function fillLate(
  h: Outputs,
  spec: MixedSpec,
  { likelihood, stream, labels: K, weights }: MixedJob,
  { indices, occurrence }: ExampleBatch,
  dtype: FloatType,
): Record<string, Float32Array | Float64Array> {
  const { n, T } = h;
  const { columns: Kc, draws: Kd } = spec;
  const columns = new Float64Array(n * Kc * T);
  const w = floats(dtype, n * Kc);
  likelihood.columns(h, columns, w);
  const labels = makeLabels(likelihood, n, T, K);
  likelihood.sample(h, { stream, examples: indices, occurrences: occurrence, from: 0, count: K }, labels);
  const residuals = new Float64Array(n * K * T);
  likelihood.residual(h, labels, residuals);
  const ct = floats(dtype, n * (Kc + Kd) * T);
  for (let e = 0; e < n; e++) {
    ct.set(columns.subarray(e * Kc * T, (e + 1) * Kc * T), e * (Kc + Kd) * T);
    for (let k = 0; k < K; k++)
      for (let a = 0; a < T; a++) {
        const at = (e * (Kc + Kd) + Kc + (Kd === K ? k : 0)) * T + a;
        ct[at] += residuals[(e * K + k) * T + a] / (Kd === K ? 1 : K);
      }
  }
  const u = floats(dtype, n * Kd).fill(1 / Kd);
  const weighed: Record<string, Float32Array | Float64Array> = {};
  if (weights) {
    scaleRows(ct, n, (Kc + Kd) * T, (e) => Math.sqrt(weights[indices[e]]));
    weighed.o = floats(dtype, n).map((_, e) => weights[indices[e]]);
    weighed.root = floats(dtype, n).map((_, e) => Math.sqrt(weights[indices[e]]));
  }
  if (spec.kind !== 'pairwise') return { ct, w, u, ...weighed };
  const components = likelihood.components as ComponentMoments;
  const c = floats(dtype, n * Kc);
  const third = floats(dtype, n * Kc);
  components.fourth(h, c);
  components.third(h, third);
  return { ct, w, u, c, third, ...weighed };
}

/** Computes again, in float64, the data variances that float32 sums cannot tell (fisher/refine). */
export async function refineMixed(job: MixedJob, sums: MixedSums, source: ExampleSource): Promise<void> {
  if (job.network.h.dtype !== 'float32' || sums.examples < 2) return;
  const names = cancelled(sums.spread.tensors);
  if (names.length === 0) return;
  const network = refinedNetwork(job.network, names);
  const again = await accumulateMixed({ ...job, network, engine: createSmallEngine(), doubts: [] }, source);
  if (again.interrupted) return;
  for (const p of names) sums.spread.tensors.get(p)?.takeVariance(again.sums.spread.tensors.get(p));
}
