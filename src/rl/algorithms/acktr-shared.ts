/**
 * @module rl/algorithms/acktr-shared
 *
 * ACKTR where policy and value share a trunk, as published (Y. Wu et al., NeurIPS 2017, §3.1): the network gives one distribution,
 * p(a, v|s) = π(a|s) N(v; V(s), σ²), action and value independent given the state, and one KFAC step is taken in its Fisher
 * 𝓘 = 𝓘_π + 𝓘_V/σ², factors of the trunk and of both heads:
 *
 *   g = ∇[(1/N) Σ Â_n log π(a_n|s_n) + c_H mean H(π) − c_V mean ½(V − R)²/s²],    d = KFAC(𝓘)⁻¹ g
 *   q = q_π + q_V/σ²,   q_π = mean (J_πd)ᵀ I(h) (J_πd),   q_V = mean (J_Vd)²
 *   α = min(α_max, √(2ε/q)),   u ← μu + αd,   θ ← θ + (1 − μ)u
 *
 * ε bounds the divergence of the joint distribution, policy and value together, to second order; KL asked and got are the policy's alone,
 * ½α²q_π asked, which is less than ε by the value's share. σ² = s²ε_V/ε, so that KL_π/ε + ½ mean (ΔV)²/(s²ε_V) ≤ 1 and a weight of the
 * value in the Fisher is ε/ε_V.
 *
 * Published is s = 1, on rewards clipped to ±1. Where returns are large the value's share is then almost all and the policy stands still
 * (CartPole: asked 1e-8 nats of 1e-3). So `valueVariance` is `error` by default: s² = mean (V − R)², the likeliest variance of the
 * Gaussian, in Fisher and gradient (c_V ∇ mean (V − R)²/2s²), and the policy keeps its share. The damping does not know the scale: where
 * s² ≫ 1/λ it outweighs the Fisher of the value's head, and values are learned slowly; rewards of scale 1 are better.
 *
 * c_V: vf_coef 0.5 of OpenAI baselines. `klScale` damped adds λ|d|² to q.
 */
import type { FloatArray } from '../../core/tensor.js';
import { outputs, type Outputs, productOf, type ScoreFamily, someOutputs } from '../../likelihood/index.js';
import { fisherForm, klStepSize } from '../../optim/kl-step.js';
import { Linearisation } from '../../matrix/linearisation.js';
import type { Preconditioner, ScoreBatch } from '../../optim/preconditioner.js';
import { dot } from '../../matrix/vectors.js';
import type { Network } from '../../model/network.js';
import { divergenceOf } from '../policies/divergence.js';
import { jointHeads } from '../policies/joint-heads.js';
import type { Segment } from '../rollout/collector.js';
import { type AcktrOptions, carried, factorsOf } from './acktr-step.js';
import { AllOrNothing, notFinite, solving } from './all-or-nothing.js';
import { explainedVariance } from './joint.js';
import { length } from './natural.js';
import { prefixed, under } from './prefix.js';
import { scheduled } from './schedule.js';
import { standardise } from './standardise.js';
import { trajectoriesOf } from './trajectories.js';
import type { Algorithm, AlgorithmContext, Moment, UpdateMetrics } from './types.js';
import { ValueGaussian } from './value-gaussian.js';

/** Least s²: values that are exact have no scale. */
const LEAST_SQUARE = 1e-8;

/** Policy and value jointly, [N, T + 1] outputs. */
export async function acktrShared(
  context: AlgorithmContext,
  options: AcktrOptions,
  value: Network,
): Promise<Algorithm> {
  const { engine, store, model, rows, seed } = context;
  const network = jointHeads(model.policy, value);
  const linear = await Linearisation.compile(engine, network, store, rows);
  const gaussian = new ValueGaussian(options.criticTargetKl / options.targetKl);
  const likelihood = productOf(model.likelihood, linear.T - 1, gaussian.family);
  const make = factorsOf(options);
  const inverse = await make({ engine, store, network, likelihood, maxBatch: rows, linear, seed });
  return new AcktrShared(context, options, linear, gaussian, likelihood, inverse);
}

/** What a segment is before the step. */
interface Found extends ScoreBatch {
  readonly advantages: Float64Array;
  /** h of the policy alone. */
  readonly policy: Outputs;
  readonly valueLoss: number;
  /** s². */
  readonly square: number;
}

class AcktrShared implements Algorithm {
  readonly name = 'acktr';
  private readonly whole: AllOrNothing;
  private readonly divergence;
  private readonly momentum: number;
  /** u; none without momentum. */
  private readonly velocity: Float64Array;
  /** Number of the policy's parameters, the first. */
  private readonly policySize: number;

  constructor(
    private readonly context: AlgorithmContext,
    private readonly options: AcktrOptions,
    private readonly linear: Linearisation,
    private readonly gaussian: ValueGaussian,
    private readonly family: ScoreFamily,
    private readonly inverse: Preconditioner,
  ) {
    const { policy, likelihood } = context.model;
    this.whole = new AllOrNothing(context, this);
    this.divergence = divergenceOf(likelihood);
    this.momentum = options.momentum ?? 0;
    this.velocity = new Float64Array(this.momentum > 0 ? linear.P : 0);
    const own = linear.blocks.filter(({ name }) => policy.parameters.has(name));
    this.policySize = own.reduce((sum, { size }) => sum + size, 0);
  }

  update(segment: Segment, moment: Moment): Promise<UpdateMetrics> {
    return this.whole.run(async () => {
      const found = await this.look(segment, moment);
      const metrics = await this.step(segment, moment, found);
      const explained_variance = explainedVariance(segment.values, segment.returns);
      return { ...metrics, value_loss: found.valueLoss, explained_variance };
    });
  }

  /** Takes the network to first order on the segment. */
  private async look(segment: Segment, moment: Moment): Promise<Found> {
    const { linear, family, options } = this;
    const { features, actions, returns } = segment;
    const n = segment.T * segment.n;
    const inputs = new Map([['x', features]]);
    const h = outputs((await linear.forward(inputs, n)).slice(), n, linear.T);
    const width = actions.width + 1;
    const labels = { data: new Float64Array(n * width), count: 1, width };
    let valueLoss = 0;
    for (let e = 0; e < n; e++) {
      for (let j = 0; j < actions.width; j++)
        labels.data[e * width + j] = actions.data[e * actions.width + j];
      labels.data[e * width + actions.width] = returns[e];
      valueLoss += (h.data[(e + 1) * linear.T - 1] - returns[e]) ** 2 / n;
    }
    if (!Number.isFinite(valueLoss)) throw notFinite('mean squared error of the values', String(valueLoss));
    const square = options.valueVariance === 'unit' ? 1 : Math.max(valueLoss, LEAST_SQUARE);
    this.gaussian.square = square;
    const residuals: FloatArray = h.data.slice();
    family.residual(h, labels, residuals);
    const advantages = Float64Array.from(segment.advantages);
    if (options.normaliseAdvantages) standardise(advantages);
    const trajectories = trajectoriesOf(segment);
    const policy = someOutputs(h, 0, linear.T - 1);
    return {
      inputs,
      n,
      h,
      residuals,
      advantages,
      trajectories,
      step: moment.update,
      policy,
      valueLoss,
      square,
    };
  }

  private async step(segment: Segment, moment: Moment, found: Found): Promise<UpdateMetrics> {
    const { options, linear, momentum } = this;
    const { g, behind, entropy } = await this.gradient(segment, found);
    const norm = length(g);
    if (norm === 0) return { entropy, step_norm: 0 };
    if (!Number.isFinite(norm)) throw notFinite('norm of the gradient', String(norm));
    return solving(async () => {
      const { direction, report } = await this.inverse.direction(found, g);
      if (behind) for (let i = 0; i < linear.P; i++) direction[i] += behind[i];
      const { joint, policy } = await this.forms(direction, found);
      const damped = options.klScale === 'damped' ? (report.damping ?? 0) * dot(direction, direction) : 0;
      const limit = scheduled(options.learningRate, options.schedule, moment.progress);
      const alpha = Math.min(limit, klStepSize(options.targetKl, joint + damped));
      const step = carried(direction, alpha, momentum, this.velocity);
      const step_norm = step.alpha * length(step.direction.subarray(0, this.policySize));
      linear.move(step.direction, step.alpha);
      const kl = await this.divergenceNow(segment, found);
      const kl_asked = 0.5 * alpha ** 2 * policy;
      return {
        ...report,
        entropy,
        gradient_norm: norm,
        policy_loss: policyLoss(segment, found.advantages),
        learning_rate: alpha,
        step_norm,
        kl,
        kl_asked,
        ...(momentum > 0 || kl_asked === 0 ? {} : { kl_ratio: kl / kl_asked }),
      };
    });
  }

  /** g; and the entropy's part alone where it is added behind the inverse. */
  private async gradient(
    segment: Segment,
    { h, residuals, advantages, policy, square }: Found,
  ): Promise<{ g: Float64Array; behind: Float64Array | null; entropy: number }> {
    const { options, linear } = this;
    const { entropyCoefficient, entropyPreconditioned, valueCoefficient = 0.5 } = options;
    const { n, T } = h;
    const entropies = new Float64Array(n);
    const slopes = new Float64Array(n * policy.T);
    this.divergence.entropy(policy, entropies, slopes);
    const cotangents = residuals.slice();
    const entropySlopes = residuals.slice().fill(0);
    const within = entropyPreconditioned ? cotangents : entropySlopes;
    let entropy = 0;
    for (let e = 0; e < n; e++) {
      entropy += entropies[e] / n;
      for (let a = 0; a < policy.T; a++) {
        cotangents[e * T + a] *= advantages[e] / n;
        within[e * T + a] += (entropyCoefficient / n) * slopes[e * policy.T + a];
      }
      const last = e * T + policy.T;
      cotangents[last] = (valueCoefficient / (n * square)) * (segment.returns[e] - h.data[last]);
    }
    const g = await linear.transposed(cotangents, n);
    const alone = !entropyPreconditioned && entropyCoefficient !== 0;
    return { g, behind: alone ? await linear.transposed(entropySlopes, n) : null, entropy };
  }

  /** q of the joint distribution, and the policy's share q_π. */
  private async forms(
    direction: Float64Array,
    { h, policy }: Found,
  ): Promise<Record<'joint' | 'policy', number>> {
    const { linear, family, context } = this;
    const tangents = outputs(await linear.times(direction, h.n), h.n, h.T);
    return {
      joint: fisherForm(family, h, tangents.data),
      policy: fisherForm(context.model.likelihood, policy, someOutputs(tangents, 0, policy.T).data),
    };
  }

  /** Mean KL(π_old ‖ π) at the present parameters. Throws `likelihood/not-finite`. */
  private async divergenceNow(segment: Segment, { inputs, n, policy }: Found): Promise<number> {
    const now = outputs(await this.linear.forward(inputs, n), n, this.linear.T);
    const each = new Float64Array(n);
    this.divergence.kl(outputs(segment.h, n, policy.T), someOutputs(now, 0, policy.T), each);
    const kl = each.reduce((sum, v) => sum + v, 0) / n;
    if (!Number.isFinite(kl)) throw notFinite('divergence from the policy before the step', String(kl));
    return kl;
  }

  /** Of the policy's parameters alone: u has no part in the value's head. */
  async removes(u: Float64Array, segment: Segment, moment: Moment): Promise<number> {
    const { inverse, linear } = this;
    const state = inverse.save();
    const wide = new Float64Array(linear.P);
    wide.set(u);
    const { direction, report } = await inverse.direction(await this.look(segment, moment), wide);
    inverse.load(state);
    return 1 - (report.damping ?? 0) * dot(wide, direction);
  }

  save(): Record<string, Float64Array> {
    const velocity = this.momentum > 0 ? { velocity: this.velocity.slice() } : {};
    return { ...prefixed('joint/', this.inverse.save()), ...velocity };
  }

  load(state: Readonly<Record<string, Float64Array>>): void {
    this.inverse.load(under('joint/', state));
    if (this.momentum > 0) this.velocity.set(state.velocity);
  }

  dispose(): void {
    this.inverse.dispose();
    this.linear.dispose();
  }
}

function policyLoss({ logProbabilities }: Segment, advantages: Float64Array): number {
  return -advantages.reduce((sum, v, e) => sum + v * logProbabilities[e], 0) / advantages.length;
}
