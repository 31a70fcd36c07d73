/**
 * @module rl/algorithms/natural
 *
 * The policy step that every natural gradient shares, and SGD as the one whose inverse is the identity:
 *
 *   g = (1/N) Σ Â_n s_n + c_H ∂/∂θ mean H(π(·|s_n))      ascent direction, entropy and all
 *   d = (𝓘̂ + λI)⁻¹ g                                     by whichever preconditioner
 *   θ ← θ + α d,   α = η                                  step `fixed`
 *                  α = √(2ε/q),  q = mean (J_nd)ᵀI(h_n)(J_nd)     step `kl`, klScale `exact`: undamped, one forward product
 *                  α = √(2ε/(q + λ|d|²))                  klScale `damped`, that of published TRPO
 *
 * One step on the whole segment: no momentum, no clipping, no scaling by element. S. Kakade, NIPS 2001; J. Schulman et al., ICML 2015.
 */
import type { FloatArray } from '../../core/tensor.js';
import { type Outputs, outputs } from '../../likelihood/index.js';
import { fisherForm, klStepSize } from '../../optim/kl-step.js';
import { Linearisation } from '../../matrix/linearisation.js';
import type { Preconditioner, PreconditionerFactory, ScoreBatch } from '../../optim/preconditioner.js';
import { dot } from '../../matrix/vectors.js';
import { divergenceOf } from '../policies/divergence.js';
import type { Segment } from '../rollout/collector.js';
import { notFinite, solving } from './all-or-nothing.js';
import { type Schedule, scheduled } from './schedule.js';
import { standardise } from './standardise.js';
import { trajectoriesOf } from './trajectories.js';
import type { AlgorithmContext, KlScale, Moment, UpdateMetrics } from './types.js';

export interface NaturalOptions {
  /** How α is found. */
  step: 'fixed' | 'kl';
  /** η, of step `fixed`. */
  learningRate: number;
  schedule: Schedule;
  /** ε, of step `kl`. */
  targetKl: number;
  klScale: KlScale;
  entropyCoefficient: number;
  /** Whether the entropy's gradient goes through the inverse with the rest, or is added behind it. */
  entropyPreconditioned: boolean;
  normaliseAdvantages: boolean;
}

/** What a step was, before anything is moved. */
export interface Proposal {
  readonly direction: Float64Array;
  readonly alpha: number;
  /** q of the direction; NaN where it was not needed. */
  readonly q: number;
  readonly metrics: UpdateMetrics;
}

export class NaturalPolicy {
  private readonly residuals: FloatArray;
  private readonly cotangents: FloatArray;
  private readonly slopes: FloatArray;
  private readonly entropies: Float64Array;
  private readonly information: Float64Array;
  private readonly divergences: Float64Array;
  private readonly trajectories: Int32Array;
  private readonly gradient: Float64Array;
  private readonly entropyGradient: Float64Array;
  private readonly inputs = new Map<string, FloatArray>();
  private readonly divergence;
  /** Â of the last segment, normalised where asked. */
  readonly advantages: Float64Array;
  readonly logProbabilities: Float64Array;

  private constructor(
    private readonly context: AlgorithmContext,
    private readonly options: NaturalOptions,
    readonly linear: Linearisation,
    readonly preconditioner: Preconditioner | null,
  ) {
    const { rows, model } = context;
    const { T, P } = linear;
    const floats = (length: number): FloatArray =>
      model.policy.h.dtype === 'float64' ? new Float64Array(length) : new Float32Array(length);
    this.residuals = floats(rows * T);
    this.cotangents = floats(rows * T);
    this.slopes = floats(rows * T);
    this.entropies = new Float64Array(rows);
    this.information = new Float64Array(options.step === 'kl' ? rows * T * T : 0);
    this.divergences = new Float64Array(rows);
    this.trajectories = new Int32Array(rows);
    this.gradient = new Float64Array(P);
    this.entropyGradient = new Float64Array(P);
    this.advantages = new Float64Array(rows);
    this.logProbabilities = new Float64Array(rows);
    this.divergence = divergenceOf(model.likelihood);
  }

  /** `preconditioner` null: the identity. */
  static async compile(
    context: AlgorithmContext,
    options: NaturalOptions,
    preconditioner: PreconditionerFactory | null,
  ): Promise<NaturalPolicy> {
    const { engine, store, model, rows, seed } = context;
    const { policy: network, likelihood } = model;
    const linear = await Linearisation.compile(engine, network, store, rows);
    const made =
      preconditioner &&
      (await preconditioner({ engine, store, network, likelihood, maxBatch: rows, linear, seed }));
    return new NaturalPolicy(context, options, linear, made);
  }

  /** Takes the network to first order on a segment: what a preconditioner reads. */
  private async prepare(segment: Segment, moment: Moment): Promise<ScoreBatch> {
    const { context, options, linear, residuals, advantages } = this;
    const n = segment.T * segment.n;
    const h = outputs(segment.h, n, linear.T);
    this.inputs.set('x', segment.features);
    await linear.forward(this.inputs, n);
    context.model.likelihood.residual(h, segment.actions, residuals);
    advantages.set(segment.advantages);
    if (options.normaliseAdvantages) standardise(advantages);
    const trajectories = trajectoriesOf(segment, this.trajectories);
    return { inputs: this.inputs, n, h, residuals, advantages, trajectories, step: moment.update };
  }

  /**
   * How much of the direction u (|u| = 1) the inverse takes away, against the plain gradient at the same damping: 1 − λ uᵀHu. 0 for the
   * identity; the exact inverse takes f/(f + λ) of an eigendirection. State is as before.
   */
  async removes(u: Float64Array, segment: Segment, moment: Moment): Promise<number> {
    const { preconditioner } = this;
    if (preconditioner === null) return 0;
    const state = preconditioner.save();
    const batch = await this.prepare(segment, moment);
    const { direction, report } = await preconditioner.direction(batch, u);
    preconditioner.load(state);
    return 1 - (report.damping ?? 0) * dot(u, direction);
  }

  /**
   * The step for a segment; null where the gradient is zero and there is none. Throws `likelihood/not-finite` where gradient or direction
   * are not, `optim/kl-target`.
   */
  async propose(segment: Segment, moment: Moment): Promise<Proposal | null> {
    const batch = await this.prepare(segment, moment);
    const entropy = await this.gradients(batch.h);
    const norm = length(this.gradient);
    if (norm === 0) return null;
    if (!Number.isFinite(norm)) throw notFinite('norm of the policy gradient', String(norm));
    return solving(() => this.proposal(segment, moment, batch, { norm, entropy }));
  }

  private async proposal(
    segment: Segment,
    moment: Moment,
    batch: ScoreBatch,
    { norm, entropy }: { norm: number; entropy: number },
  ): Promise<Proposal> {
    const { options, gradient: g } = this;
    const found = this.preconditioner
      ? await this.preconditioner.direction(batch, g)
      : { direction: g.slice(), report: {} as Record<string, number> };
    const { direction, report } = found;
    if (!options.entropyPreconditioned && options.entropyCoefficient !== 0) {
      for (let i = 0; i < direction.length; i++) direction[i] += this.entropyGradient[i];
    }
    const metrics: UpdateMetrics = {
      ...named(report),
      entropy,
      gradient_norm: norm,
      policy_loss: this.loss(segment),
    };
    const size = await this.stepSize(direction, batch.h, report.damping ?? 0, moment.progress);
    metrics.step_norm = size.alpha * length(direction);
    if (options.step === 'kl') metrics.kl_asked = options.targetKl;
    else metrics.learning_rate = size.alpha;
    return { direction, ...size, metrics };
  }

  /** g into `gradient`, the entropy's part into `entropyGradient`; returns the mean entropy. */
  private async gradients(h: Outputs): Promise<number> {
    const { options, linear, residuals, cotangents, slopes, entropies, advantages } = this;
    const { n, T } = h;
    const { entropyCoefficient: weight, entropyPreconditioned } = options;
    this.divergence.entropy(h, entropies, weight === 0 ? undefined : slopes);
    let entropy = 0;
    for (let e = 0, at = 0; e < n; e++) {
      entropy += entropies[e] / n;
      for (let a = 0; a < T; a++, at++) cotangents[at] = (advantages[e] * residuals[at]) / n;
    }
    if (weight !== 0) {
      for (let at = 0; at < n * T; at++) slopes[at] *= weight / n;
      if (entropyPreconditioned) for (let at = 0; at < n * T; at++) cotangents[at] += slopes[at];
      else await linear.transposed(slopes, n, this.entropyGradient);
    }
    await linear.transposed(cotangents, n, this.gradient);
    return entropy;
  }

  private loss(segment: Segment): number {
    const { advantages } = this;
    let sum = 0;
    for (let e = 0; e < advantages.length; e++) sum += advantages[e] * segment.logProbabilities[e];
    return -sum / advantages.length;
  }

  private async stepSize(
    direction: Float64Array,
    h: Outputs,
    damping: number,
    progress: number,
  ): Promise<{ alpha: number; q: number }> {
    const { options, linear } = this;
    if (options.step === 'fixed') {
      return { alpha: scheduled(options.learningRate, options.schedule, progress), q: NaN };
    }
    const tangents = await linear.times(direction, h.n);
    const q = fisherForm(this.context.model.likelihood, h, tangents, this.information);
    const scale = options.klScale === 'damped' ? q + damping * length(direction) ** 2 : q;
    return { alpha: klStepSize(options.targetKl, scale), q };
  }

  /** Mean KL(π_old ‖ π) over the segment's states at the present parameters; fills `logProbabilities`. */
  async divergenceNow(segment: Segment): Promise<number> {
    const { linear, divergences, inputs } = this;
    const n = segment.T * segment.n;
    const now = outputs(await linear.forward(inputs, n), n, linear.T);
    this.divergence.kl(outputs(segment.h, n, linear.T), now, divergences);
    this.context.model.likelihood.logProbability(now, segment.actions, this.logProbabilities);
    let sum = 0;
    for (let e = 0; e < n; e++) sum += divergences[e];
    return sum / n;
  }

  /**
   * The step as proposed. With step `kl` also what it did: `kl`, and `kl_ratio` over what was asked. Throws `likelihood/not-finite` where
   * it leads out of the finite.
   */
  async take(segment: Segment, { direction, alpha, metrics }: Proposal): Promise<UpdateMetrics> {
    this.linear.move(direction, alpha);
    if (this.options.step === 'fixed') return metrics;
    const kl = await this.divergenceNow(segment);
    if (!Number.isFinite(kl)) throw notFinite('divergence from the policy before the step', String(kl));
    return { ...metrics, kl, kl_ratio: kl / this.options.targetKl };
  }

  dispose(): void {
    this.preconditioner?.dispose();
    this.linear.dispose();
  }
}

/** A preconditioner's report under the names of the logs. */
function named(report: Readonly<Record<string, number>>): UpdateMetrics {
  const metrics: UpdateMetrics = {};
  for (const [name, value] of Object.entries(report)) metrics[NAMES[name] ?? name] = value;
  return metrics;
}

const NAMES: Readonly<Record<string, string>> = {
  iterations: 'cg_iterations',
  residual: 'cg_residual',
  scoreRatio: 'score_ratio',
  effectiveRank: 'effective_rank',
};

export function length(v: Float64Array): number {
  return Math.sqrt(dot(v, v));
}
