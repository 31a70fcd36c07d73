/**
 * @module studies/roots
 *
 * Label variance of the trace by random signs on the eigen-root (the stick-breaking root beyond 256 outputs) and on the kernel root (up to 128),
 * against signs on the class root at as many passes: one draw, two passes with the first column exact beside them, and as many pairs as
 * `auto` takes. The kernel is that of the first twenty examples, as an estimate takes it. In closed form; where
 * the outputs are too many for that, from the draws. Trained networks, one after a single epoch, other likelihoods, many outputs.
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  denseNetwork,
  estimateDiagonal,
  type Likelihood,
  makeDataset,
  type Network,
  openDataset,
  openNetwork,
  tensor,
} from 'fim';
import { batches, type Dataset } from 'fim/data';
import type { Engine } from 'fim/engine';
import { type DiagonalOptions, meanMetric, METRIC_EXAMPLES } from 'fim/fisher';
import { LARGEST_KERNEL } from 'fim/likelihood';
import { runEstimate } from 'fim/jobs';
import { likelihood as categorical, population, train } from '../intervals/networks.js';
import { taskFile, type TaskFile } from 'fim/scale';
import type { Piece } from '../face/piece.js';
import { turn } from '../intervals/subjects.js';

/** One network. */
export interface RootRow {
  readonly network: string;
  readonly outputs: number;
  /** Mean of the largest probability; null where the likelihood has none. */
  readonly certainty: number | null;
  /** Variance of class signs over that of the other root: one pass each; two, of which one is an exact column; `auto` at as many passes. */
  readonly one: number | null;
  readonly two: number | null;
  readonly auto: number | null;
  readonly pairs: number;
  /** Variance of class signs over that of signs on the kernel root; null beyond its outputs, or where the outputs leave no second pass. */
  readonly kernelOne: number | null;
  readonly kernelTwo: number | null;
  /** Relative error of the ratios: 0 in closed form. */
  readonly error: number;
  /** Of one example by signs, one pass. */
  readonly seconds: number;
}

/** Of a network, about: ten minutes for all. */
const SECONDS = 40;

interface Case {
  readonly name: string;
  readonly inputs: number;
  /** Draws that the variances are taken from; absent: closed forms. */
  readonly draws?: number;
  /** Files of the fixture that it is. */
  readonly files?: readonly string[];
  open(engine: Engine): Promise<{ network: Network; likelihood: Likelihood; dataset: Dataset }>;
}

/** Networks of the checkout, wherever in it this file was compiled to. */
function modelsFolder(): string {
  const models = join('test', 'fixtures', 'models');
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, models)) && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, models);
}

const fileOf = (name: string, file: string): string => join(modelsFolder(), name, file);

/** A trained network of the repository's fixtures. */
const trained = (name: string, law: string): Case => ({
  name,
  inputs: 200,
  files: ['model.onnx', 'data.npz'],
  async open() {
    const at = (file: string) => fileOf(name, file);
    const { network, likelihood } = await openNetwork(at('model.onnx'), {
      likelihood: law,
      ...(law === 'gaussian' ? { likelihoodOptions: { variance: 1 } } : {}),
    });
    return { network, likelihood, dataset: await openDataset(at('data.npz'), network) };
  },
});

/** Digits after some epochs. */
const digits = (epochs: number): Case => ({
  name: `digits, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`,
  inputs: 200,
  async open(engine) {
    const dataset = population();
    const network = await train(engine, dataset, { name: 'digits', epochs });
    return { network, likelihood: categorical, dataset };
  },
});

/** A network of many outputs with weights of this scale, on sines. */
const wide = (outputs: number, scale: number, inputs: number, draws?: number): Case => ({
  name: `random weights × ${scale}`,
  inputs,
  ...(draws === undefined ? {} : { draws }),
  open() {
    const network = denseNetwork({
      widths: [8, 16, outputs],
      activation: 'tanh',
      seed: 1,
      initialScale: scale,
    });
    const x = Float32Array.from({ length: inputs * 8 }, (_, i) => 2 * Math.sin(i * i));
    const made = new Map([['x', tensor('float32', [inputs, 8], x)]]);
    return Promise.resolve({
      network,
      likelihood: categorical,
      dataset: makeDataset({ source: 'sines', inputs: made }),
    });
  },
});

const SMALL: readonly Case[] = [
  ...['digits-mlp-tanh', 'digits-mlp-relu', 'digits-mlp-sigmoid-small', 'digits-mlp-double'].map((name) =>
    trained(name, 'categorical'),
  ),
  digits(1),
  digits(120),
  trained('digits-multilabel', 'bernoulli'),
  trained('wine-multilabel', 'bernoulli'),
  trained('diabetes-regression', 'gaussian'),
];

const WIDE: readonly Case[] = [
  wide(100, 8, 40),
  wide(100, 0.5, 40),
  wide(1000, 32, 8),
  wide(1000, 0.5, 8),
  wide(50000, 280, 8, 12),
  wide(50000, 0.5, 8, 12),
];

const casesOf = (quick: boolean): readonly Case[] => (quick ? SMALL.slice(2, 4) : [...SMALL, ...WIDE]);

/** A piece for each network; `quick`: without those of many outputs. */
export const rootPieces = (engine: Engine, now: () => number, quick: boolean): Piece<RootRow>[] =>
  casesOf(quick).map((of, i) => ({
    key: `roots ${i} ${of.name}`,
    seconds: SECONDS,
    run: async ({ signal }) => {
      await turn();
      return signal?.aborted ? null : rowOf(engine, of, now);
    },
  }));

/** The files that they read. */
export const rootFiles = (quick: boolean): TaskFile[] =>
  casesOf(quick).flatMap(({ name, files = [] }) =>
    files.map((file) => taskFile(`${name} ${file}`, relative(process.cwd(), fileOf(name, file)))),
  );

async function rowOf(engine: Engine, of: Case, now: () => number): Promise<RootRow> {
  const { network, likelihood, dataset } = await of.open(engine);
  const examples = Math.min(of.inputs, dataset.n);
  const T = network.h.shape[1] as number;
  const labels = of.draws ?? 1;
  const run = (options: Pick<DiagonalOptions, 'root' | 'exactPairs'>) =>
    estimateDiagonal(
      engine,
      network,
      likelihood,
      (batch, dtype) => batches(dataset, { batch, dtype, examples }),
      {
        ...options,
        estimator: 'rademacher',
        labels,
        error: of.draws === undefined ? 'closed-form' : 'sampled',
        populationSize: dataset.n,
        batch: Math.max(1, Math.floor(4000 / T)),
      },
    );
  /** Of one draw beside so many exact columns. */
  const variance = async (options: Pick<DiagonalOptions, 'root' | 'exactPairs'>) =>
    labels * ((await run(options)).trace.labelError as number) ** 2;
  const columns = likelihood.labelKind === 'enumerated' ? Math.min(T - 1, likelihood.columnCount(T)) : T;
  const root = await kernelOf(engine, network, likelihood, dataset);
  const byClass = await variance({ root: 'class' });
  /** Class signs over signs on a root beside m exact columns, at as many passes; null of a lone column, which has no sign error. */
  const gain = async (of: NonNullable<DiagonalOptions['root']>, m: number) =>
    byClass === 0 || m >= columns ? null : byClass / (m + 1) / (await variance({ root: of, exactPairs: m }));
  const pairs = (
    await runEstimate(
      { engine, network, likelihood, dataset },
      {
        estimator: 'rademacher',
        exactPairs: 'auto',
        labels: 1,
        error: 'sampled',
        examples: Math.min(20, examples),
        visits: 'uniform',
      },
    )
  ).exactPairs;
  const labelled = await runEstimate(
    { engine, network, likelihood, dataset },
    { estimator: 'type1', labels: 1, error: 'sampled', examples, visits: 'uniform', order: 'file' },
  );
  const certainty = labelled.offModeLabels === null ? null : 1 - labelled.offModeLabels / examples;
  const began = now();
  await estimateDiagonal(
    engine,
    network,
    likelihood,
    (batch, dtype) => batches(dataset, { batch, dtype, examples }),
    {
      estimator: 'rademacher',
      labels: 1,
      error: 'sampled',
      populationSize: dataset.n,
      batch: Math.max(1, Math.floor(4000 / T)),
    },
  );
  return {
    network: of.name,
    outputs: T,
    certainty,
    one: await gain('eigen', 0),
    two: await gain('eigen', 1),
    auto: await gain('eigen', pairs),
    pairs,
    kernelOne: root && (await gain(root, 0)),
    kernelTwo: root && (await gain(root, 1)),
    // Two variances of this many degrees of freedom each, their logarithms' errors added.
    error: of.draws === undefined ? 0 : Math.sqrt(4 / (examples * (of.draws - 1))),
    seconds: (now() - began) / examples,
  };
}

/** The mean tangent kernel of the first twenty examples; null where the root takes too many columns. */
async function kernelOf(engine: Engine, network: Network, likelihood: Likelihood, dataset: Dataset) {
  if ((network.h.shape[1] as number) > LARGEST_KERNEL) return null;
  const { gram } = await meanMetric(engine, network, likelihood, (batch, dtype) =>
    batches(dataset, { batch, dtype, examples: Math.min(METRIC_EXAMPLES, dataset.n) }),
  );
  return gram && { kernel: [...gram] };
}
