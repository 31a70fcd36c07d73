/**
 * @module rl/algorithms/ppo
 *
 * Proximal policy optimisation: several epochs of minibatches on one segment, the likelihood ratio r = π/π_old held near 1 by
 *
 *   surrogate_n = min(r_n Â_n, clip(r_n, 1 − ε, 1 + ε) Â_n),   ∂/∂log π = r_n Â_n where the first is the smaller, else 0
 *
 * J. Schulman et al. 2017 (arXiv 1707.06347), eq. 7. Advantages are normalised in each minibatch. `targetKl` ends the epochs of a
 * segment when the mean of (r − 1) − log r passes 1.5 times it (Stable-Baselines3's rule; that mean estimates KL(π_old ‖ π),
 * J. Schulman, joschu.net/blog/kl-approx.html).
 */
import { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { featureLength } from '../policies/features.js';
import type { Segment } from '../rollout/collector.js';
import { requireValue } from './critic.js';
import { explainedVariance, Joint, type PolicyRows } from './joint.js';
import { type OptimiserName, optimiserOf } from './optimisers.js';
import { type Schedule, scheduled } from './schedule.js';
import { shuffle } from './shuffle.js';
import { standardise } from './standardise.js';
import type { Algorithm, AlgorithmContext, Moment, UpdateMetrics } from './types.js';

export interface PpoOptions {
  learningRate: number;
  schedule: Schedule;
  /** ε of the clip. */
  clip: number;
  clipSchedule: Schedule;
  epochs: number;
  minibatch: number;
  optimiser: OptimiserName;
  valueCoefficient: number;
  entropyCoefficient: number;
  maxGradNorm: number;
  normaliseAdvantages: boolean;
  /** 0: none. */
  targetKl: number;
}

/** Throws `rl/shared-value` where there is no value network. */
export async function ppo(context: AlgorithmContext, options: PpoOptions): Promise<Algorithm> {
  requireValue(context, 'ppo');
  const minibatch = Math.min(options.minibatch, context.rows);
  const { valueCoefficient, entropyCoefficient, maxGradNorm } = options;
  const joint = await Joint.compile(
    context,
    { optimiser: optimiserOf(options.optimiser), valueCoefficient, entropyCoefficient, maxGradNorm },
    minibatch,
  );
  return new Ppo(context, options, joint, minibatch);
}

class Ppo implements Algorithm {
  readonly name = 'ppo';
  private readonly batch: Minibatch;
  private readonly slopes: Float64Array;
  private readonly order: Int32Array;

  constructor(
    private readonly context: AlgorithmContext,
    private readonly options: PpoOptions,
    private readonly joint: Joint,
    private readonly minibatch: number,
  ) {
    this.batch = new Minibatch(context, minibatch);
    this.slopes = new Float64Array(minibatch);
    this.order = Int32Array.from({ length: context.rows }, (_, i) => i);
  }

  async update(segment: Segment, moment: Moment): Promise<UpdateMetrics> {
    const { options, joint, batch, slopes, order, minibatch } = this;
    const rate = scheduled(options.learningRate, options.schedule, moment.progress);
    const clip = scheduled(options.clip, options.clipSchedule, moment.progress);
    const random = new Sequence(this.context.seed, 'ppo/order', moment.update);
    const loss = { valueLoss: 0, entropy: 0 };
    const sums = { policyLoss: 0, clipped: 0, kl: 0 };
    let steps = 0;
    // Whole epochs: one that targetKl breaks off is none.
    let epochs = 0;
    let stop = false;
    while (epochs < options.epochs && !stop) {
      for (let i = 0; i < order.length; i++) order[i] = i;
      shuffle(order, random);
      for (let from = 0; from < order.length && !stop; from += minibatch) {
        batch.gather(segment, order, from, Math.min(minibatch, order.length - from));
        if (options.normaliseAdvantages) standardise(batch.advantages, batch.n);
        await joint.forward(batch);
        const found = clippedSlopes(batch, joint.logProbabilities, clip, slopes);
        if (options.targetKl > 0 && found.kl > 1.5 * options.targetKl) {
          stop = true;
          sums.kl += found.kl;
          steps++;
          break;
        }
        await joint.step(batch, slopes, rate, loss);
        sums.policyLoss += found.loss;
        sums.clipped += found.clipped;
        sums.kl += found.kl;
        steps++;
      }
      if (!stop) epochs++;
    }
    return {
      approx_kl: sums.kl / steps,
      policy_loss: sums.policyLoss / steps,
      value_loss: loss.valueLoss / steps,
      entropy: loss.entropy / steps,
      clip_fraction: sums.clipped / steps,
      clip_range: clip,
      learning_rate: rate,
      epochs,
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

/** Rows of a segment in another order, copied together. */
class Minibatch implements PolicyRows {
  n = 0;
  readonly actions;
  readonly returns: Float64Array;
  readonly advantages: Float64Array;
  readonly logProbabilities: Float64Array;
  private readonly room: FloatArray;
  private readonly size: number;

  constructor({ model }: AlgorithmContext, capacity: number) {
    this.size = featureLength(model.observationSpace);
    const single = model.policy.h.dtype === 'float32';
    this.room = single ? new Float32Array(capacity * this.size) : new Float64Array(capacity * this.size);
    const width = model.likelihood.labelWidth(model.policy.h.shape[1] as number);
    this.actions = { data: new Float64Array(capacity * width), count: 1, width };
    this.returns = new Float64Array(capacity);
    this.advantages = new Float64Array(capacity);
    this.logProbabilities = new Float64Array(capacity);
  }

  get features(): FloatArray {
    return this.room.subarray(0, this.n * this.size);
  }

  /** Takes the rows order[from … from + n − 1]. */
  gather(segment: Segment, order: Int32Array, from: number, n: number): void {
    const { size, room, actions } = this;
    const { width } = actions;
    this.n = n;
    for (let i = 0; i < n; i++) {
      const row = order[from + i];
      for (let j = 0; j < size; j++) room[i * size + j] = segment.features[row * size + j];
      for (let j = 0; j < width; j++) actions.data[i * width + j] = segment.actions.data[row * width + j];
      this.returns[i] = segment.returns[row];
      this.advantages[i] = segment.advantages[row];
      this.logProbabilities[i] = segment.logProbabilities[row];
    }
  }
}

/** ∂surrogate/∂log π of each row, with what the clip did. */
function clippedSlopes(
  batch: Minibatch,
  now: Float64Array,
  clip: number,
  slopes: Float64Array,
): { loss: number; clipped: number; kl: number } {
  const { n, advantages, logProbabilities } = batch;
  let [surrogate, clipped, kl] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const A = advantages[i];
    const log = now[i] - logProbabilities[i];
    const ratio = Math.exp(log);
    const held = Math.min(Math.max(ratio, 1 - clip), 1 + clip);
    const inside = ratio * A <= held * A;
    slopes[i] = inside ? ratio * A : 0;
    surrogate += inside ? ratio * A : held * A;
    if (Math.abs(ratio - 1) > clip) clipped++;
    kl += ratio - 1 - log;
  }
  return { loss: -surrogate / n, clipped: clipped / n, kl: kl / n };
}
