/**
 * @module jobs/fit
 *
 * Training on a data set: shuffled epochs of gradient steps with a learning rate that falls to zero as half a cosine, and a look at
 * the test set after each. The shuffle of every epoch is keyed by the seed, so the same seed gives the same network.
 */
import { FimError } from '../core/errors.js';
import type { FloatArray, FloatType, TypedArray } from '../core/tensor.js';
import { batches } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import type { Engine } from '../engine/types.js';
import { outputs as batchOutputs, takeLabels } from '../likelihood/batch.js';
import type { Labels, Likelihood } from '../likelihood/types.js';
import { type Network, withWeights } from '../model/network.js';
import type { Optimiser } from '../optim/optimiser.js';
import { Trainer } from '../optim/trainer.js';

/** A data set with its targets read by the likelihood. */
export interface Labelled {
  /** The examples. */
  readonly dataset: Dataset;
  /** Their targets as the likelihood takes them. */
  readonly labels: Labels;
}

/** How a network is trained. */
export interface FitOptions {
  /** Passes over the data. */
  readonly epochs: number;
  /** Examples of a step. */
  readonly batch: number;
  /** The rule of a step, e.g. `adam()`. */
  readonly optimiser: Optimiser;
  /** At the first step; falls to zero as half a cosine. */
  readonly learningRate: number;
  /** Seed of the order of the examples. */
  readonly seed: number;
  /** Ends the training after the step in hand; what is there is returned. */
  readonly signal?: AbortSignal;
  /** Called after every step with the share of all steps done. */
  readonly onStep?: (share: number) => void;
  /** Awaited before the first step (0) and after every `every`-th. */
  readonly look?: {
    /** Steps between two calls of `at`. */
    readonly every: number;
    /** What is awaited; `network` gives the network as it stands. */
    readonly at: (step: number, network: () => Network) => Promise<void>;
  };
  /** Called after every epoch. */
  readonly onEpoch?: (epoch: EpochResult) => void;
}

/** How well a network predicts. */
export interface Evaluation {
  /** Mean log p(y|x) per example, in nats. */
  readonly logProbability: number;
  /** Share of examples whose likeliest class is the target; null where there are no classes. */
  readonly accuracy: number | null;
}

/** A training after one epoch. */
export interface EpochResult {
  /** 1, 2, … */
  readonly epoch: number;
  /** On the data for testing. */
  readonly test: Evaluation;
  /** The network as it is now. */
  readonly network: () => Network;
}

/** A trained network. */
export interface Fitted {
  /** With the weights of the last step. */
  readonly network: Network;
  /** On the data for testing. */
  readonly test: Evaluation;
  /** Whether `signal` ended the training early. */
  readonly interrupted: boolean;
}

/**
 * Reads the targets of a data set. Throws `run/targets` and what the likelihood's `readTargets` throws.
 *
 * @example
 * ```ts
 * import { getLikelihood, labelled, makeDataset, tensor } from 'fim';
 *
 * const x = tensor('float32', [2, 1], [0, 1]);
 * const y = tensor('int32', [2], [1, 0]);
 * const dataset = makeDataset({ source: 'two points', inputs: new Map([['x', x]]), targets: y });
 * console.log([...labelled(dataset, getLikelihood('categorical'), 2).labels.data]); // [ 1, 0 ]
 * ```
 */
export function labelled(dataset: Dataset, likelihood: Likelihood, T: number): Labelled {
  if (!dataset.targets) {
    throw new FimError({
      code: 'run/targets',
      where: dataset.source,
      rule: 'training needs targets',
      next: 'name them with `targets: NAME`, or `targetColumn` for CSV',
    });
  }
  return {
    dataset,
    labels: likelihood.readTargets(dataset.targets, dataset.n, T, { where: dataset.source }),
  };
}

/**
 * Trains a network by maximum likelihood.
 * @throws FimError with `batch/from`, `batch/size`, `data/overflow`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`,
 * `order/examples`, `order/replacement`, `random/seed`, `random/sequence`, `tensor/size`
 *
 * @example
 * ```ts
 * import { adam, denseNetwork, fit, getLikelihood, labelled, makeDataset, tensor } from 'fim';
 * import { createEngine } from 'fim/engine';
 *
 * const x = tensor('float32', [4, 1], [-2, -1, 1, 2]);
 * const y = tensor('int32', [4], [0, 0, 1, 1]);
 * const likelihood = getLikelihood('categorical');
 * const data = labelled(makeDataset({ source: 'signs', inputs: new Map([['x', x]]), targets: y }), likelihood, 2);
 * const { engine } = await createEngine({ engine: 'small' });
 * const { test } = await fit(engine, denseNetwork({ widths: [1, 2] }), likelihood, data, data, {
 *   epochs: 200,
 *   batch: 4,
 *   optimiser: adam(),
 *   learningRate: 0.1,
 *   seed: 0,
 * });
 * console.log(test.accuracy); // 1
 * engine.dispose();
 * ```
 */
export async function fit(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  train: Labelled,
  test: Labelled,
  options: FitOptions,
): Promise<Fitted> {
  const { epochs, batch, optimiser, learningRate, seed, signal } = options;
  const T = network.h.shape[1] as number;
  const dtype = network.h.dtype as FloatType;
  const trainer = await Trainer.compile(engine, network, optimiser, batch);
  const steps = epochs * Math.ceil(train.dataset.n / batch);
  const now = () => withWeights(network, trainer.weights());
  let step = 0;
  let result: Evaluation = { logProbability: NaN, accuracy: null };
  try {
    await options.look?.at(0, now);
    for (let epoch = 1; epoch <= epochs; epoch++) {
      for (const b of batches(train.dataset, { batch, dtype, seed: seed * 65_537 + epoch })) {
        if (signal?.aborted) return { network: now(), test: result, interrupted: true };
        const rate = (learningRate * (1 + Math.cos((Math.PI * step) / steps))) / 2;
        const labels = takeLabels(train.labels, b.indices);
        await trainer.step(dataOf(b.inputs), b.n, rate, (h, out) =>
          likelihood.residual(batchOutputs(h, b.n, T), labels, out),
        );
        step += 1;
        options.onStep?.(step / steps);
        if (options.look && step % options.look.every === 0) await options.look.at(step, now);
      }
      result = await evaluateWith((x, n) => trainer.forward(x, n), likelihood, test, { batch, dtype, T });
      options.onEpoch?.({ epoch, test: result, network: now });
    }
    return { network: now(), test: result, interrupted: false };
  } finally {
    trainer.dispose();
  }
}

/** Outputs h [n, T] of a batch, row by row. */
export type Forward = (inputs: ReadonlyMap<string, TypedArray>, n: number) => Promise<FloatArray>;

const dataOf = (inputs: ReadonlyMap<string, { data: TypedArray }>): Map<string, TypedArray> =>
  new Map([...inputs].map(([name, t]) => [name, t.data]));

/**
 * Log-likelihood and accuracy on a data set, through any forward pass.
 * @throws FimError with `batch/from`, `batch/size`, `data/overflow`, `likelihood/not-finite`, `order/examples`, `order/replacement`,
 * `random/seed`, `random/sequence`
 */
export async function evaluateWith(
  forward: Forward,
  likelihood: Likelihood,
  { dataset, labels }: Labelled,
  { batch, dtype, T }: { batch: number; dtype: FloatType; T: number },
): Promise<Evaluation> {
  let log = 0;
  let right = 0;
  const classes = likelihood.labelKind === 'enumerated' && labels.width === 1;
  for (const b of batches(dataset, { batch, dtype, order: 'file' })) {
    const h = batchOutputs(await forward(dataOf(b.inputs), b.n), b.n, T);
    const own = takeLabels(labels, b.indices);
    const out = new Float64Array(b.n);
    likelihood.logProbability(h, own, out);
    for (let i = 0; i < b.n; i++) {
      log += out[i];
      if (classes && argmax(h.data, i * T, T) === own.data[i]) right += 1;
    }
  }
  return { logProbability: log / dataset.n, accuracy: classes ? right / dataset.n : null };
}

function argmax(data: FloatArray, from: number, count: number): number {
  let best = 0;
  for (let a = 1; a < count; a++) if (data[from + a] > data[from + best]) best = a;
  return best;
}
