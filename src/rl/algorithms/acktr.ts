/**
 * @module rl/algorithms/acktr
 *
 * Actor-critic with Kronecker-factored trust regions (Y. Wu et al., NeurIPS 2017): the policy by KFAC with a step of
 *
 *   α = min(α_max, √(2ε/q)),   u ← μu + αd,   θ ← θ + (1 − μ)u
 *
 * and the critic by KFAC too, as a Gaussian of unit variance (its Gauss–Newton matrix), with a trust region of its own. Sampled
 * factors, running means. Momentum μ is 0.9 in OpenAI baselines; with any, the step is not of the size asked and `kl_ratio` is not
 * logged. Two networks here; where they share a trunk, one step of both in their joint Fisher (rl/algorithms/acktr-shared).
 */
import { getLikelihood, outputs } from '../../likelihood/index.js';
import type { FloatArray } from '../../core/tensor.js';
import { fisherForm, klStepSize } from '../../optim/kl-step.js';
import { Linearisation } from '../../matrix/linearisation.js';
import type { Preconditioner } from '../../optim/preconditioner.js';
import { sharesTrunk } from '../policies/joint-heads.js';
import type { Segment } from '../rollout/collector.js';
import { acktrShared } from './acktr-shared.js';
import { type AcktrOptions, carried, factorsOf } from './acktr-step.js';
import { AllOrNothing, solving } from './all-or-nothing.js';
import { requireOwnValue } from './critic.js';
import { explainedVariance } from './joint.js';
import { length, NaturalPolicy } from './natural.js';
import { prefixed, under } from './prefix.js';
import { scheduled } from './schedule.js';
import type { Algorithm, AlgorithmContext, Moment, UpdateMetrics } from './types.js';

export type { AcktrOptions } from './acktr-step.js';

/** Throws `rl/shared-value` where there is no value network. */
export async function acktr(context: AlgorithmContext, options: AcktrOptions): Promise<Algorithm> {
  const { model } = context;
  if (model.value && sharesTrunk(model.policy, model.value))
    return acktrShared(context, options, model.value);
  const value = requireOwnValue(context, 'acktr');
  const factory = factorsOf(options);
  const policy = await NaturalPolicy.compile(context, { ...options, step: 'kl' }, factory);
  const { engine, store, rows, seed } = context;
  const linear = await Linearisation.compile(engine, value, store, rows);
  const likelihood = getLikelihood('gaussian', { variance: 1 });
  const inverse = await factory({ engine, store, network: value, likelihood, maxBatch: rows, linear, seed });
  return new Acktr(context, options, policy, linear, inverse);
}

class Acktr implements Algorithm {
  readonly name = 'acktr';
  private readonly likelihood = getLikelihood('gaussian', { variance: 1 });
  private readonly whole: AllOrNothing;
  /** u of the policy and of the critic; none without momentum. */
  private readonly velocity: Float64Array;
  private readonly valueVelocity: Float64Array;
  private readonly momentum: number;
  private readonly criticSteps: number;

  constructor(
    context: AlgorithmContext,
    private readonly options: AcktrOptions,
    private readonly policy: NaturalPolicy,
    private readonly value: Linearisation,
    private readonly valueInverse: Preconditioner,
  ) {
    this.whole = new AllOrNothing(context, this);
    this.momentum = options.momentum ?? 0;
    this.criticSteps = options.criticSteps ?? 5;
    const kept = this.momentum > 0;
    this.velocity = new Float64Array(kept ? policy.linear.P : 0);
    this.valueVelocity = new Float64Array(kept ? value.P : 0);
  }

  update(segment: Segment, moment: Moment): Promise<UpdateMetrics> {
    return this.whole.run(async () => {
      const { learningRate, schedule } = this.options;
      const limit = scheduled(learningRate, schedule, moment.progress);
      const metrics = await this.improve(segment, moment, limit);
      const value_loss = await solving(() => this.fit(segment, moment, limit));
      for (let k = 1; k < this.criticSteps; k++) await solving(() => this.fit(segment, moment, limit, k));
      const explained_variance = explainedVariance(segment.values, segment.returns);
      return { ...metrics, value_loss, explained_variance };
    });
  }

  /** The step of the policy. */
  private async improve(segment: Segment, moment: Moment, limit: number): Promise<UpdateMetrics> {
    const { options, policy, velocity } = this;
    const proposal = await policy.propose(segment, moment);
    if (proposal === null) return { step_norm: 0 };
    const alpha = Math.min(limit, proposal.alpha);
    const kl_asked = options.targetKl * (alpha / proposal.alpha) ** 2;
    const step = carried(proposal.direction, alpha, this.momentum, velocity);
    const step_norm = step.alpha * length(step.direction);
    const metrics = { ...proposal.metrics, learning_rate: alpha, kl_asked, step_norm };
    const { kl_ratio: _, ...taken } = await policy.take(segment, { ...proposal, ...step, metrics });
    return this.momentum > 0 ? taken : { ...taken, kl_ratio: taken.kl / kl_asked };
  }

  /** The k-th KFAC step of the value network on ½(V − R)². */
  private async fit(segment: Segment, moment: Moment, limit: number, k = 0): Promise<number> {
    const { value, valueInverse, options, likelihood, valueVelocity } = this;
    const n = segment.T * segment.n;
    const inputs = new Map([['x', segment.features]]);
    const h: FloatArray = (await value.forward(inputs, n)).slice();
    const residuals: FloatArray = h.slice();
    const cotangents: FloatArray = h.slice();
    let loss = 0;
    for (let i = 0; i < n; i++) {
      residuals[i] = segment.returns[i] - h[i];
      cotangents[i] = residuals[i] / n;
      loss += residuals[i] ** 2 / n;
    }
    const g = await value.transposed(cotangents, n);
    if (length(g) === 0) return loss;
    const out = outputs(h, n, 1);
    const step = moment.update * this.criticSteps + k;
    const batch = { inputs, n, h: out, residuals, advantages: null, trajectories: null, step };
    const { direction } = await valueInverse.direction(batch, g);
    const q = fisherForm(likelihood, out, await value.times(direction, n));
    const alpha = Math.min(limit, klStepSize(options.criticTargetKl, q));
    const taken = carried(direction, alpha, this.momentum, valueVelocity);
    value.move(taken.direction, taken.alpha);
    return loss;
  }

  removes(u: Float64Array, segment: Segment, moment: Moment): Promise<number> {
    return this.policy.removes(u, segment, moment);
  }

  save(): Record<string, Float64Array> {
    const policy = this.policy.preconditioner?.save() ?? {};
    return {
      ...prefixed('policy/', policy),
      ...prefixed('value/', this.valueInverse.save()),
      ...(this.momentum > 0
        ? { velocity: this.velocity.slice(), valueVelocity: this.valueVelocity.slice() }
        : {}),
    };
  }

  load(state: Readonly<Record<string, Float64Array>>): void {
    this.policy.preconditioner?.load(under('policy/', state));
    this.valueInverse.load(under('value/', state));
    if (this.momentum === 0) return;
    this.velocity.set(state.velocity);
    this.valueVelocity.set(state.valueVelocity);
  }

  dispose(): void {
    this.policy.dispose();
    this.valueInverse.dispose();
    this.value.dispose();
  }
}
