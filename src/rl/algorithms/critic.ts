/**
 * @module rl/algorithms/critic
 *
 * A value network of its own, fitted to the returns of each segment: mean squared error, minibatches in an order drawn by key. Shared by
 * every algorithm whose policy step is no descent, and by the control that SMAC is held against.
 */
import { FimError } from '../../core/errors.js';
import { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import type { Network } from '../../model/network.js';
import { Descent } from '../../optim/descent.js';
import { featureLength } from '../policies/features.js';
import { sharesTrunk } from '../policies/joint-heads.js';
import type { Segment } from '../rollout/collector.js';
import { type OptimiserName, optimiserOf } from './optimisers.js';
import { shuffle } from './shuffle.js';
import type { AlgorithmContext, AlgorithmName } from './types.js';

export interface CriticOptions {
  criticLearningRate: number;
  /** Passes over each segment. */
  criticEpochs: number;
  /** Rows of a step; 0: the whole segment. */
  criticMinibatch: number;
  criticOptimiser: OptimiserName;
}

export class Critic {
  private readonly features: FloatArray;
  private readonly targets: Float64Array;
  private readonly slopes: FloatArray;
  private readonly order: Int32Array;
  private readonly inputs = new Map<string, FloatArray>();

  private constructor(
    private readonly context: AlgorithmContext,
    private readonly options: CriticOptions,
    private readonly descent: Descent,
    private readonly minibatch: number,
  ) {
    const { model, rows } = context;
    const single = model.policy.h.dtype === 'float32';
    const floats = (length: number): FloatArray =>
      single ? new Float32Array(length) : new Float64Array(length);
    this.features = floats(minibatch * featureLength(model.observationSpace));
    this.targets = new Float64Array(minibatch);
    this.slopes = floats(minibatch);
    this.order = new Int32Array(rows);
  }

  /** Throws `rl/shared-value` where the model has no value network of its own. */
  static async compile(
    context: AlgorithmContext,
    options: CriticOptions,
    name: AlgorithmName,
  ): Promise<Critic> {
    const value = requireOwnValue(context, name);
    const { criticMinibatch } = options;
    const minibatch = criticMinibatch > 0 ? Math.min(criticMinibatch, context.rows) : context.rows;
    const { inputs, parameters, fixed, weights, h } = value;
    const descent = await Descent.compile(
      context.engine,
      { inputs, parameters, fixed, weights, outputs: { v: h } },
      optimiserOf(options.criticOptimiser),
      { maxBatch: minibatch, store: context.store },
    );
    return new Critic(context, options, descent, minibatch);
  }

  /** Fits to the segment's returns; the mean loss over its steps. `rate` multiplies the learning rate. */
  async fit(segment: Segment, update: number, rate = 1): Promise<number> {
    const { options, descent, order, minibatch, targets, slopes } = this;
    const random = new Sequence(this.context.seed, 'critic/order', update);
    let [loss, steps] = [0, 0];
    for (let i = 0; i < order.length; i++) order[i] = i;
    for (let epoch = 0; epoch < options.criticEpochs; epoch++) {
      if (minibatch < order.length) shuffle(order, random);
      for (let from = 0; from < order.length; from += minibatch) {
        const n = Math.min(minibatch, order.length - from);
        this.gather(segment, from, n);
        await descent.forward(this.inputs, n);
        const v = descent.output('v');
        let sum = 0;
        for (let i = 0; i < n; i++) {
          const d = v[i] - targets[i];
          sum += d * d;
          slopes[i] = (2 * d) / n;
        }
        await descent.step({ v: slopes.subarray(0, n) }, n, options.criticLearningRate * rate);
        loss += sum / n;
        steps++;
      }
    }
    return loss / steps;
  }

  private gather(segment: Segment, from: number, n: number): void {
    const { order, features, targets } = this;
    const size = features.length / this.minibatch;
    for (let i = 0; i < n; i++) {
      const row = order[from + i];
      for (let j = 0; j < size; j++) features[i * size + j] = segment.features[row * size + j];
      targets[i] = segment.returns[row];
    }
    this.inputs.set('x', features.subarray(0, n * size));
  }

  save(): Record<string, Float64Array> {
    return { critic: Float64Array.of(this.descent.count) };
  }

  load(state: Readonly<Record<string, Float64Array>>): void {
    this.descent.count = state.critic[0];
  }

  dispose(): void {
    this.descent.dispose();
  }
}

/** The value network, of its own or on the policy's trunk. Throws `rl/shared-value` where there is none. */
export function requireValue({ model }: AlgorithmContext, name: AlgorithmName): Network {
  if (model.value) return model.value;
  throw new FimError({
    code: 'rl/shared-value',
    kind: 'usage',
    where: name,
    rule: 'its advantages are returns less values, so it needs a value network',
    got: 'value none',
    next: "`set: { value: 'separate' }`, or `algorithm: 'reinforce'`, which does without",
  });
}

/** The value network. Throws `rl/shared-value` where it is not one of its own. */
export function requireOwnValue({ model }: AlgorithmContext, name: AlgorithmName): Network {
  const { policy, value } = model;
  if (value && !sharesTrunk(policy, value)) return value;
  throw new FimError({
    code: 'rl/shared-value',
    kind: 'usage',
    where: name,
    rule: 'the value network is one of its own',
    got: value ? 'a trunk that policy and value share' : 'no value network',
    ...(value ? { cause: TWO_LOSSES } : {}),
    next: "`set: { value: 'separate' }`",
  });
}

const TWO_LOSSES =
  'a natural step moves the trunk by the policy’s metric, which says nothing of the value’s error; the Fisher would be of a policy that another loss moves too';
