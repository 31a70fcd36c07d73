/**
 * @module rl/algorithms/acktr
 *
 * Actor-critic with Kronecker-factored trust regions (Y. Wu et al., NeurIPS 2017): the policy by KFAC with a step of
 *
 *   α = min(α_max, √(2ε/q))
 *
 * and the critic by KFAC too, as a Gaussian of unit variance (its Gauss–Newton matrix), with a trust region of its own. Sampled
 * factors, running means. Policy and value are two networks here; the published form shares a trunk between them on images.
 */
import { getLikelihood, outputs } from '../../likelihood/index.js';
import type { FloatArray } from '../../core/tensor.js';
import type { ColumnKind } from '../../optim/columnPass.js';
import { kfac } from '../../optim/kfac.js';
import { fisherForm, klStepSize } from '../../optim/klStep.js';
import { Linearisation } from '../../optim/linearisation.js';
import type { Preconditioner } from '../../optim/preconditioner.js';
import type { Segment } from '../rollout/collector.js';
import { requireOwnValue } from './critic.js';
import { explainedVariance } from './joint.js';
import { length, type NaturalOptions, NaturalPolicy } from './natural.js';
import { scheduled } from './schedule.js';
import type { Algorithm, AlgorithmContext, Moment, UpdateMetrics } from './types.js';

export interface AcktrOptions extends NaturalOptions {
  columns: ColumnKind;
  damping: number;
  decay: number;
  /** Updates between inversions. */
  interval: number;
  /** Trust region of the critic, in nats of its unit Gaussian. */
  criticTargetKl: number;
}

export async function acktr(context: AlgorithmContext, options: AcktrOptions): Promise<Algorithm> {
  const value = requireOwnValue(context, 'acktr');
  const { columns, damping, decay, interval } = options;
  const factory = kfac({ columns, damping, decay, interval });
  const policy = await NaturalPolicy.compile(context, { ...options, step: 'kl' }, factory);
  const { engine, store, rows, seed } = context;
  const linear = await Linearisation.compile(engine, value, store, rows);
  const likelihood = getLikelihood('gaussian', { variance: 1 });
  const inverse = await factory({ engine, store, network: value, likelihood, maxBatch: rows, linear, seed });
  return new Acktr(options, policy, linear, inverse);
}

class Acktr implements Algorithm {
  readonly name = 'acktr';
  private readonly likelihood = getLikelihood('gaussian', { variance: 1 });

  constructor(
    private readonly options: AcktrOptions,
    private readonly policy: NaturalPolicy,
    private readonly value: Linearisation,
    private readonly valueInverse: Preconditioner,
  ) {}

  async update(segment: Segment, moment: Moment): Promise<UpdateMetrics> {
    const { options, policy } = this;
    const limit = scheduled(options.learningRate, options.schedule, moment.progress);
    const proposal = await policy.propose(segment, moment);
    let metrics: UpdateMetrics = { step_norm: 0 };
    if (proposal !== null) {
      const alpha = Math.min(limit, proposal.alpha);
      const shrink = alpha / proposal.alpha;
      const asked = options.targetKl * shrink ** 2;
      metrics = await policy.take(segment, {
        ...proposal,
        alpha,
        metrics: {
          ...proposal.metrics,
          step_norm: alpha * length(proposal.direction),
          learning_rate: alpha,
          kl_asked: asked,
        },
      });
      if (metrics.kl !== undefined) metrics.kl_ratio = metrics.kl / asked;
    }
    const value_loss = await this.fit(segment, moment, limit);
    return { ...metrics, value_loss, explained_variance: explainedVariance(segment.values, segment.returns) };
  }

  /** One KFAC step of the value network on ½(V − R)². */
  private async fit(segment: Segment, moment: Moment, limit: number): Promise<number> {
    const { value, valueInverse, options, likelihood } = this;
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
    const batch = { inputs, n, h: out, residuals, advantages: null, trajectories: null, step: moment.update };
    const { direction } = await valueInverse.direction(batch, g);
    const q = fisherForm(likelihood, out, await value.times(direction, n));
    value.move(direction, Math.min(limit, klStepSize(options.criticTargetKl, q)));
    return loss;
  }

  removes(u: Float64Array, segment: Segment, moment: Moment): Promise<number> {
    return this.policy.removes(u, segment, moment);
  }

  save(): Record<string, Float64Array> {
    const policy = this.policy.preconditioner?.save() ?? {};
    return { ...prefixed('policy/', policy), ...prefixed('value/', this.valueInverse.save()) };
  }

  load(state: Readonly<Record<string, Float64Array>>): void {
    this.policy.preconditioner?.load(under('policy/', state));
    this.valueInverse.load(under('value/', state));
  }

  dispose(): void {
    this.policy.dispose();
    this.valueInverse.dispose();
    this.value.dispose();
  }
}

function prefixed(prefix: string, state: Record<string, Float64Array>): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(state).map(([k, v]) => [`${prefix}${k}`, v]));
}

function under(prefix: string, state: Readonly<Record<string, Float64Array>>): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(state).flatMap(([k, v]) => (k.startsWith(prefix) ? [[k.slice(prefix.length), v]] : [])),
  );
}
