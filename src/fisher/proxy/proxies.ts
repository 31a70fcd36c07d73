/**
 * @module fisher/proxy/proxies
 *
 * Proxies of what every example contributes, from a forward pass over all of them: a(x) = tr(I(h_x)Ḡ), for the labels of the data
 * δ_xᵀḠδ_x, with the variance of one draw of the same (theory (16.1)). They tell which inputs to visit, and how much of the spread over
 * all inputs those that were visited have seen.
 */
import type { UniformStream } from '../../core/random.js';
import type { Engine } from '../../engine/types.js';
import type { Network } from '../../model/network.js';
import { Moments } from '../../stats/moments.js';
import type { ColumnRequest } from '../estimators/estimator.js';
import { openBatch } from '../loop.js';
import { Passes } from '../passes.js';
import type { ExampleSource } from '../source.js';
import { drawsProxy, drawVariance, drawVarianceCost, type DrawLaw } from './draw-variance.js';
import { affordsMetric, informationTraces, meanMetric, type OutputMetric, squaredLength } from './metric.js';

/** What an estimate is made by, as far as proxies depend on it. */
export interface ProxyRequest extends DrawLaw, Omit<ColumnRequest, 'outputs' | 'stream'> {
  /** Runs the passes. */
  readonly engine: Engine;
  /** Of which the outputs are. */
  readonly network: Network;
  /** Of the draws. */
  readonly stream: UniformStream;
  /** All examples that could be visited. */
  readonly source: ExampleSource;
  /** How many they are, N. */
  readonly count: number;
  /** One more than the largest index. */
  readonly indices: number;
  /** Those that Ḡ is taken over. */
  readonly few: ExampleSource;
  /** Backward passes of the estimate that they are for: Ḡ takes no more than it is worth. */
  readonly passes: number;
  /** Examples of a pass. */
  readonly batch: number;
  /** Numbers that the largest array of a pass may hold. */
  readonly budget: number;
  /** Ends it between two batches. */
  readonly signal?: AbortSignal | undefined;
}

/** Proxies of N examples. */
export interface Proxies {
  /** Ḡ. */
  readonly metric: OutputMetric;
  /** N. */
  readonly count: number;
  /** a(x) by the index of an example [indices]; NaN for those that cannot be visited. */
  readonly values: Float64Array;
  /** Variance of one draw by the index [indices]; NaN where it was not computed. */
  readonly drawVariances: Float64Array;
  /** Whether draws enter A_j: else it is a(x_j). */
  readonly drawn: boolean;
  /** K draws an example. */
  readonly draws: number;
}

/** Operations that the variances of draws may take. */
const MOST_OPERATIONS = 2e9;

/**
 * Runs phase one; null where the signal ends it. Throws what `Passes.forward` throws.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`, `tensor/size`
 */
export async function proxiesOf(request: ProxyRequest): Promise<Proxies | null> {
  const { engine, network, likelihood, source, few, estimator, count, indices, budget, signal } = request;
  const T = network.h.shape[1] as number;
  const metric: OutputMetric = affordsMetric(T, request.passes)
    ? await meanMetric(engine, network, likelihood, few, budget)
    : { T, gram: null };
  const values = new Float64Array(indices).fill(NaN);
  const drawVariances = new Float64Array(indices).fill(NaN);
  const cost = drawVarianceCost(request, metric);
  // Examples come in an order that says nothing of them, so those that are computed are a sample.
  const every = Math.max(1, Math.ceil((cost * count) / MOST_OPERATIONS));
  const own =
    estimator.drawn || estimator.name === 'exact' ? null : estimator.columns({ ...request, outputs: T });
  const programs = await Passes.compile(engine, network, {}, request.batch);
  let seen = 0;
  try {
    for (const examples of source(request.batch, programs.dtype)) {
      if (signal?.aborted) return null;
      const opened = await openBatch(programs, likelihood, examples);
      const { n, h, indices: at } = opened;
      let a: Float64Array;
      if (own) {
        const ct = new Float64Array(n * own.columns * T);
        const w = new Float64Array(n * own.columns);
        own.fill(opened, { from: 0, count: own.columns }, ct, w);
        a = columnForms(metric, ct, w, n, own.columns);
      } else a = informationTraces(likelihood, metric, h, (rows, out) => request.root.trace(rows, out));
      for (let e = 0; e < n; e++, seen++) {
        // Rounding may leave a tiny negative number.
        values[at[e]] = Math.max(0, a[e]);
        if (seen % every === 0) drawVariances[at[e]] = drawVariance(request, metric, h, e, at[e]);
      }
    }
  } finally {
    programs.dispose();
  }
  return {
    metric,
    count,
    values,
    drawVariances,
    drawn: drawsProxy(estimator),
    draws: Math.max(1, request.draws),
  };
}

/** Σ_k w_k δ_kᵀḠδ_k of cotangents [n, K, T] → [n]. */
function columnForms(
  metric: OutputMetric,
  ct: Float64Array,
  w: Float64Array,
  n: number,
  K: number,
): Float64Array {
  const out = new Float64Array(n);
  for (let e = 0; e < n; e++)
    for (let k = 0; k < K; k++) {
      const j = e * K + k;
      if (w[j] !== 0) out[e] += w[j] * squaredLength(metric, ct, j * metric.T);
    }
  return out;
}

/**
 * S_A²: variance over one uniform visit of A, its draws included, Var_N(a) + mean v_A/K; with weights u_x by index [indices] that of one weighted
 * visit, (1/N) Σ u_x(a_x² + v_Ax/K) − (Σ of the visited part of a/N)², over the examples for which u_x > 0.
 */
export function proxyVariance(
  { values, drawVariances, draws, count }: Proxies,
  weights?: Float64Array,
): number {
  if (!weights) {
    const a = new Moments();
    const v = new Moments();
    for (let x = 0; x < values.length; x++) {
      if (!Number.isNaN(values[x])) a.add(values[x]);
      if (!Number.isNaN(drawVariances[x])) v.add(drawVariances[x]);
    }
    return (a.count > 1 ? a.sampleVariance : 0) + (v.count > 0 ? v.mean / draws : 0);
  }
  let squares = 0;
  let sum = 0;
  let known = 0;
  let within = 0;
  for (let x = 0; x < values.length; x++) {
    const u = weights[x];
    if (!(u > 0) || Number.isNaN(values[x])) continue;
    squares += (u * values[x] ** 2) / count;
    sum += values[x] / count;
    if (Number.isNaN(drawVariances[x])) continue;
    known++;
    within += u * drawVariances[x];
  }
  const shares = known === 0 ? 0 : within / known / draws;
  return Math.max(0, squares - sum ** 2) + shares;
}
