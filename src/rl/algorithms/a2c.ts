/**
 * @module rl/algorithms/a2c
 *
 * Advantage actor-critic: one step of gradient on every segment, ∂surrogate/∂log π = Â. Published settings: RMSprop, clipping, both
 * losses together. V. Mnih et al., ICML 2016 (A3C); its synchronous form is OpenAI baselines' A2C.
 */
import type { FloatArray } from '../../core/tensor.js';
import type { Segment } from '../rollout/collector.js';
import { type CriticOptions, requireValue } from './critic.js';
import { explainedVariance, Joint, type PolicyRows } from './joint.js';
import { naturalActorCritic } from './natural-actor-critic.js';
import { type OptimiserName, optimiserOf } from './optimisers.js';
import { type Schedule, scheduled } from './schedule.js';
import { standardise } from './standardise.js';
import type { Algorithm, AlgorithmContext, Moment, UpdateMetrics } from './types.js';

/** Of one descent on both losses. */
export interface JointDescentOptions {
  learningRate: number;
  schedule: Schedule;
  optimiser: OptimiserName;
  valueCoefficient: number;
  entropyCoefficient: number;
  /** Norm at which gradients are clipped; 0: never. */
  maxGradNorm: number;
  normaliseAdvantages: boolean;
}

export interface A2cOptions extends JointDescentOptions, CriticOptions {
  /**
   * `joint`: one descent on both losses, as published. `separate`: the policy by plain gradient ascent at the learning rate, the critic
   * on its own as SMAC's; this is the control of SMAC at learning rate η/λ.
   */
  critic: 'joint' | 'separate';
}

/** Throws `rl/shared-value` where there is no value network. */
export async function a2c(context: AlgorithmContext, options: A2cOptions): Promise<Algorithm> {
  if (options.critic === 'separate') return plain(context, options);
  requireValue(context, 'a2c');
  const { valueCoefficient, entropyCoefficient, maxGradNorm } = options;
  const optimiser = optimiserOf(options.optimiser);
  const joint = await Joint.compile(
    context,
    { optimiser, valueCoefficient, entropyCoefficient, maxGradNorm },
    context.rows,
  );
  return new ActorCriticDescent('a2c', context, options, joint);
}

/** SMAC's frame with the identity for an inverse. */
function plain(context: AlgorithmContext, options: A2cOptions): Promise<Algorithm> {
  const unused = { targetKl: 0, klScale: 'exact', entropyPreconditioned: true } as const;
  return naturalActorCritic('a2c', context, { ...options, step: 'fixed', ...unused }, null);
}

const rowsOf = ({ T, n, features, actions, returns }: Segment): PolicyRows => ({
  n: T * n,
  features,
  actions,
  returns,
});

/** One step on the whole segment with the segment's advantages: A2C, and REINFORCE with λ = 1. */
export class ActorCriticDescent implements Algorithm {
  private readonly slopes: Float64Array;
  /** Whether `values` has run the networks on the segment that comes to `update` next. */
  private ran = false;
  private readonly valued: boolean;

  constructor(
    readonly name: 'a2c' | 'reinforce',
    context: AlgorithmContext,
    private readonly options: Pick<A2cOptions, 'learningRate' | 'schedule' | 'normaliseAdvantages'>,
    private readonly joint: Joint,
  ) {
    this.slopes = new Float64Array(context.rows);
    this.valued = context.model.value !== null;
  }

  async values(segment: Segment): Promise<FloatArray> {
    await this.joint.forward(rowsOf(segment));
    this.ran = true;
    return this.joint.values;
  }

  async update(segment: Segment, moment: Moment): Promise<UpdateMetrics> {
    const { options, joint, slopes } = this;
    const rate = scheduled(options.learningRate, options.schedule, moment.progress);
    const rows = rowsOf(segment);
    const { n } = rows;
    slopes.set(segment.advantages);
    if (options.normaliseAdvantages) standardise(slopes, n);
    if (!this.ran) await joint.forward(rows);
    this.ran = false;
    let surrogate = 0;
    for (let i = 0; i < n; i++) surrogate += slopes[i] * joint.logProbabilities[i];
    const loss = { valueLoss: 0, entropy: 0 };
    await joint.step(rows, slopes, rate, loss);
    return {
      policy_loss: -surrogate / n,
      entropy: loss.entropy,
      learning_rate: rate,
      ...(this.valued
        ? {
            value_loss: loss.valueLoss,
            explained_variance: explainedVariance(segment.values, segment.returns),
          }
        : {}),
    };
  }

  save(): Record<string, Float64Array> {
    return this.joint.save();
  }

  load(state: Readonly<Record<string, Float64Array>>): void {
    this.joint.load(state);
  }

  dispose(): void {
    this.joint.dispose();
  }
}
