/**
 * @module rl/algorithms/a2c
 *
 * Advantage actor-critic: one step of gradient on every segment, ∂surrogate/∂log π = Â. Published settings: RMSprop, clipping, both
 * losses together. V. Mnih et al., ICML 2016 (A3C); its synchronous form is OpenAI baselines' A2C.
 */
import type { Segment } from '../rollout/collector.js';
import { explainedVariance, Joint } from './joint.js';
import { type OptimiserName, optimiserOf } from './optimisers.js';
import { type Schedule, scheduled } from './schedule.js';
import { standardise } from './standardise.js';
import type { Algorithm, AlgorithmContext, Moment, UpdateMetrics } from './types.js';

export interface A2cOptions {
  learningRate: number;
  schedule: Schedule;
  optimiser: OptimiserName;
  valueCoefficient: number;
  entropyCoefficient: number;
  maxGradNorm: number;
  normaliseAdvantages: boolean;
}

export async function a2c(context: AlgorithmContext, options: A2cOptions): Promise<Algorithm> {
  const { valueCoefficient, entropyCoefficient, maxGradNorm } = options;
  const optimiser = optimiserOf(options.optimiser);
  const joint = await Joint.compile(
    context,
    { optimiser, valueCoefficient, entropyCoefficient, maxGradNorm },
    context.rows,
  );
  return new ActorCriticDescent('a2c', context, options, joint);
}

/** One step on the whole segment with the segment's advantages: A2C, and REINFORCE with λ = 1. */
export class ActorCriticDescent implements Algorithm {
  private readonly slopes: Float64Array;

  constructor(
    readonly name: 'a2c' | 'reinforce',
    context: AlgorithmContext,
    private readonly options: Pick<A2cOptions, 'learningRate' | 'schedule' | 'normaliseAdvantages'>,
    private readonly joint: Joint,
  ) {
    this.slopes = new Float64Array(context.rows);
  }

  async update(segment: Segment, moment: Moment): Promise<UpdateMetrics> {
    const { options, joint, slopes } = this;
    const n = segment.T * segment.n;
    const rate = scheduled(options.learningRate, options.schedule, moment.progress);
    const { features, actions, returns } = segment;
    const rows = { n, features, actions, returns };
    slopes.set(segment.advantages);
    if (options.normaliseAdvantages) standardise(slopes, n);
    await joint.forward(rows);
    let surrogate = 0;
    for (let i = 0; i < n; i++) surrogate += slopes[i] * joint.logProbabilities[i];
    const loss = { valueLoss: 0, entropy: 0 };
    await joint.step(rows, slopes, rate, loss);
    return {
      policy_loss: -surrogate / n,
      value_loss: loss.valueLoss,
      entropy: loss.entropy,
      learning_rate: rate,
      explained_variance: explainedVariance(segment.values, segment.returns),
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
