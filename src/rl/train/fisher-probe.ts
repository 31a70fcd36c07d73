/**
 * @module rl/train/fisher-probe
 *
 * The Fisher of the policy while it trains, on one segment of N states with the actions taken, for any algorithm:
 *
 *   fisher_trace      tr 𝓘̂ = (1/N) Σ |s_n|², the empirical Fisher's
 *   fisher_trace_se   its standard error over trajectories, not over steps, which go together within one: with C trajectories and
 *                     z_c = Σ_{n∈c} (|s_n|² − tr 𝓘̂)/N,  √(C/(C−1) Σ z_c²)      (empty for one trajectory)
 *   effective_rank    tr 𝓘̂/f_max, f_max by power iterations, from below: the rank is at most this much too high
 *   top_share         what the algorithm's inverse takes away of that top direction, 1 − λuᵀHu
 *   cosine_natural    cosine of the step taken with the exact natural direction of the segment, (𝓘 + λI)⁻¹g by conjugate gradients to a
 *                     relative residual of 1e-6 on the true Fisher, λ = 10⁻³ f_max: the dense solution without the matrix
 *
 * Cost: about 200 products on the segment, a second or so for 5,000 parameters.
 */
import type { FloatArray } from '../../core/tensor.js';
import { Passes } from '../../fisher/passes.js';
import { statisticsGraph } from '../../fisher/forms/diagonal/statistics.js';
import { outputs } from '../../likelihood/index.js';
import { conjugateGradientSolve } from '../../optim/conjugate-gradient.js';
import { FisherProduct } from '../../matrix/fisher-product.js';
import { Linearisation } from '../../matrix/linearisation.js';
import { axpy, dot } from '../../matrix/vectors.js';
import { Sequence } from '../../core/random.js';
import { standardise } from '../algorithms/standardise.js';
import { trajectoriesOf } from '../algorithms/trajectories.js';
import type { Algorithm, AlgorithmContext, Moment, UpdateMetrics } from '../algorithms/types.js';
import type { Segment } from '../rollout/collector.js';

const POWER_STEPS = 30;
const CG = { iterations: 200, tolerance: 1e-6 };

export class FisherProbe {
  private readonly residuals: FloatArray;
  private readonly empirical: FisherProduct;
  private readonly truth: FisherProduct;
  private natural: Float64Array | null = null;
  private before: Float64Array | null = null;

  private constructor(
    private readonly context: AlgorithmContext,
    private readonly linear: Linearisation,
    private readonly passes: Passes,
  ) {
    const { rows, model } = context;
    const size = rows * linear.T;
    this.residuals = model.policy.h.dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
    this.empirical = new FisherProduct('empirical', linear, model.likelihood, rows);
    this.truth = new FisherProduct('true', linear, model.likelihood, rows);
  }

  static async compile(context: AlgorithmContext): Promise<FisherProbe> {
    const { engine, store, model, rows } = context;
    const { policy } = model;
    const linear = await Linearisation.compile(engine, policy, store, rows);
    const norms = statisticsGraph(policy.h, policy.parameters, {
      columns: 1,
      squares: false,
      label: null,
      totals: 'norms',
    });
    const passes = await Passes.compile(engine, policy, { norms }, rows, store);
    return new FisherProbe(context, linear, passes);
  }

  /** Looks at a segment before its update. */
  async look(segment: Segment, algorithm: Algorithm, moment: Moment): Promise<UpdateMetrics> {
    const { linear, residuals, empirical, truth, context } = this;
    const n = segment.T * segment.n;
    const h = outputs(segment.h, n, linear.T);
    const inputs = new Map([['x', segment.features]]);
    context.model.likelihood.residual(h, segment.actions, residuals);
    const { mean, standardError } = await this.trace(segment, inputs, n);
    await linear.forward(inputs, n);
    const batch = { inputs, n, h, residuals, advantages: null, trajectories: null, step: moment.update };
    empirical.begin(batch);
    truth.begin(batch);
    const { value, vector } = await this.top();
    this.natural = await this.naturalDirection(segment, n, 1e-3 * value);
    this.before = linear.parameters();
    const metrics: UpdateMetrics = {
      fisher_trace: mean,
      fisher_trace_se: standardError,
      effective_rank: mean / value,
    };
    if (algorithm.removes) metrics.top_share = await algorithm.removes(vector, segment, moment);
    return metrics;
  }

  /** After the update: how the step lay. */
  after(): UpdateMetrics {
    const { natural, before, linear } = this;
    if (natural === null || before === null) return {};
    const step = linear.parameters();
    axpy(-1, before, step);
    return { cosine_natural: dot(step, natural) / Math.sqrt(dot(step, step) * dot(natural, natural)) };
  }

  /** Mean |s_n|² with its error over trajectories. */
  private async trace(
    segment: Segment,
    inputs: ReadonlyMap<string, FloatArray>,
    n: number,
  ): Promise<{ mean: number; standardError: number }> {
    const { passes, residuals, context } = this;
    await passes.forward(inputs, n);
    const ones = residuals.slice(0, n).fill(1);
    const output = await passes.backward('norms', { ct: residuals, w: ones }, n);
    const squared = new Float64Array(n);
    for (const name of context.model.policy.parameters.keys()) {
      const q = output(`q/${name}`);
      if (q) for (let e = 0; e < n; e++) squared[e] += q[e];
    }
    return clusteredMean(squared, trajectoriesOf(segment));
  }

  /** The largest eigenvalue of the empirical Fisher and its direction, by power iterations. */
  private async top(): Promise<{ value: number; vector: Float64Array }> {
    const { linear, empirical } = this;
    const random = new Sequence(0, 'fisher probe');
    let vector = Float64Array.from({ length: linear.P }, () => random.normal());
    let value = 0;
    for (let k = 0; k < POWER_STEPS; k++) {
      const norm = Math.sqrt(dot(vector, vector));
      const unit = vector.map((v) => v / norm);
      const next = new Float64Array(linear.P);
      await empirical.times(unit, next);
      value = dot(unit, next);
      if (!(value > 0)) break;
      vector = next;
    }
    const norm = Math.sqrt(dot(vector, vector));
    return { value, vector: vector.map((v) => v / norm) };
  }

  private async naturalDirection(segment: Segment, n: number, damping: number): Promise<Float64Array> {
    const { linear, residuals, truth } = this;
    const advantages = Float64Array.from(segment.advantages);
    standardise(advantages);
    const u = residuals.slice();
    for (let e = 0, at = 0; e < n; e++) {
      for (let a = 0; a < linear.T; a++, at++) u[at] *= advantages[e] / n;
    }
    const g = await linear.transposed(u, n);
    const room = new Float64Array(linear.P);
    const product = async (v: Float64Array): Promise<Float64Array> => {
      await truth.times(v, room);
      axpy(damping, v, room);
      return room;
    };
    return (await conjugateGradientSolve(product, g, CG)).solution;
  }

  dispose(): void {
    this.passes.dispose();
    this.linear.dispose();
  }
}

/** The mean of values, and its standard error where values of one cluster go together. */
export function clusteredMean(
  values: ArrayLike<number>,
  clusters: ArrayLike<number>,
): { mean: number; standardError: number } {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i] / n;
  const sums = new Map<number, number>();
  for (let i = 0; i < n; i++) sums.set(clusters[i], (sums.get(clusters[i]) ?? 0) + (values[i] - mean) / n);
  const C = sums.size;
  let squares = 0;
  for (const z of sums.values()) squares += z * z;
  return { mean, standardError: C > 1 ? Math.sqrt((C / (C - 1)) * squares) : NaN };
}
