/**
 * @module jobs/demo
 *
 * The demonstration of error bars, in seconds: a small digits network is trained, and at several moments its Fisher is estimated three ways
 * on the same inputs, by the exact sum over labels, by one sampled label per example, and by one vector of random signs. As the network
 * becomes confident the one-label estimate gets worse without looking it: nearly every sampled label is the likeliest one, and what is
 * missed is where the Fisher is.
 */
import { batches } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import { type DigitsPart, subset } from '../data/index.js';
import type { Engine } from '../engine/types.js';
import {
  type DiagonalEstimate,
  estimateDiagonal,
  type Estimator,
  type ExampleSource,
} from '../fisher/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork, type Network } from '../model/index.js';
import { adam } from '../optim/index.js';
import { fit, labelled } from './fit.js';

export interface DemoOptions {
  readonly seed: number;
  readonly level: number;
  /** Training inputs that the Fisher is averaged over. */
  readonly examples: number;
  /** The digits. */
  readonly load: (part: DigitsPart) => Dataset;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number, text: string) => void;
}

/** The three estimates at one moment of training. */
export interface DemoStage {
  readonly epoch: number;
  readonly accuracy: number | null;
  readonly exact: DiagonalEstimate;
  readonly oneLabel: DiagonalEstimate;
  readonly signs: DiagonalEstimate;
}

/** One-label estimates from a growing number of inputs, and the exact value on the same inputs. */
export interface DemoGrowth {
  readonly examples: number;
  readonly oneLabel: DiagonalEstimate;
  readonly exact: DiagonalEstimate;
}

export interface DemoResult {
  readonly network: Network;
  /** The training images, which the Fisher is taken over as continual learning does. */
  readonly data: Dataset;
  readonly stages: readonly DemoStage[];
  readonly growth: readonly DemoGrowth[];
}

const WIDTHS = [784, 64, 32, 10];
const TRAINED_ON = 12_000;
const EPOCHS = 16;
/** Epochs after which the Fisher is looked at. */
const LOOKS = [1, 4, 8, 16];

const likelihood = getLikelihood('categorical');

/** Trains, then estimates. Throws the signal's reason where it is aborted: half a story is none. */
export async function runDemo(engine: Engine, options: DemoOptions): Promise<DemoResult> {
  const { seed, load } = options;
  const digits = load('train');
  const train = subset(digits, Math.min(TRAINED_ON, digits.n), seed);
  const test = load('test');
  const examples = Math.min(options.examples, train.n);
  const T = WIDTHS[WIDTHS.length - 1];
  const start = denseNetwork({ widths: WIDTHS, activation: 'tanh', seed });
  const stages: DemoStage[] = [];
  const look = async (epoch: number, accuracy: number | null, network: Network) => {
    const estimate = (estimator: Estimator) =>
      estimateOn(engine, network, train, examples, estimator, options);
    stages.push({
      epoch,
      accuracy,
      exact: await estimate('exact'),
      oneLabel: await estimate('type1'),
      signs: await estimate('rademacher'),
    });
  };
  await look(0, null, start);
  const seen: { epoch: number; accuracy: number | null; network: Network }[] = [];
  const fitted = await fit(
    engine,
    start,
    likelihood,
    labelled(train, likelihood, T),
    labelled(test, likelihood, T),
    {
      epochs: EPOCHS,
      batch: 64,
      optimiser: adam(),
      learningRate: 0.003,
      seed,
      ...(options.signal ? { signal: options.signal } : {}),
      onStep: (share) => options.onProgress?.(0.6 * share, 'training'),
      onEpoch: ({ epoch, test: e, network }) => {
        if (LOOKS.includes(epoch)) seen.push({ epoch, accuracy: e.accuracy, network: network() });
      },
    },
  );
  options.signal?.throwIfAborted();
  for (const [i, { epoch, accuracy, network }] of seen.entries()) {
    options.onProgress?.(0.6 + (0.2 * i) / seen.length, 'estimating');
    await look(epoch, accuracy, network);
  }
  const growth: DemoGrowth[] = [];
  for (let n = Math.min(100, train.n); n <= train.n; n *= 2) {
    options.onProgress?.(0.8 + 0.2 * (Math.log(n / 100) / Math.log(train.n / 100)), 'estimating');
    growth.push({
      examples: n,
      oneLabel: await estimateOn(engine, fitted.network, train, n, 'type1', options),
      exact: await estimateOn(engine, fitted.network, train, n, 'exact', options),
    });
  }
  return { network: fitted.network, data: train, stages, growth };
}

async function estimateOn(
  engine: Engine,
  network: Network,
  data: Dataset,
  examples: number,
  estimator: Estimator,
  { seed, level, signal }: DemoOptions,
): Promise<DiagonalEstimate> {
  const source: ExampleSource = (batch, dtype) => batches(data, { batch, dtype, seed, examples });
  const estimate = await estimateDiagonal(engine, network, likelihood, source, {
    estimator,
    labels: 1,
    error: 'closed-form',
    seed,
    level,
    populationSize: data.n,
    ...(signal ? { signal } : {}),
  });
  signal?.throwIfAborted();
  return estimate;
}
