/**
 * @module jobs/digits-networks
 *
 * Networks and data of the studies on digits: a fixed subset of the training images, a fixed subset of the test images to look at, and a
 * dense network trained on the former. Everything follows from the settings and a seed.
 */
import { batches } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import type { Engine } from '../engine/types.js';
import type { ExampleSource } from '../fisher/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { type Activation, denseNetwork, type Network } from '../model/index.js';
import { adam } from '../optim/index.js';
import { type Evaluation, fit, labelled } from './fit.js';
import { layerRecords, type LayerRecord } from './layer-record.js';
import { significant } from './spread.js';
import { structureOf } from './profile.js';

/** Number of digits. */
export const CLASSES = 10;
/** Categorical with one logit a digit. */
export const digitsLikelihood = getLikelihood('categorical');

/** Digits for training and test, and the inputs at which networks are profiled. */
export interface StudyData {
  /** Examples that networks are trained on. */
  readonly train: Dataset;
  /** All test images, for accuracies. */
  readonly test: Dataset;
  /** The test images that variances are averaged over. */
  readonly inputs: Dataset;
  /** What was read, in words. */
  readonly source: string;
  /** Digest of what was read. */
  readonly hash: string;
}

/** How many digits a study takes. */
export interface StudySizes {
  /** Images for training. */
  readonly trainImages: number;
  /** Inputs at which networks are profiled. */
  readonly inputs: number;
}

/**
 * Every example once, as the subset has them.
 * @throws FimError with `batch/from`, `batch/size`, `data/overflow`, `order/examples`, `order/replacement`, `random/seed`,
 * `random/sequence`
 */
export const sourceOf =
  (data: Dataset): ExampleSource =>
  (batch, dtype) =>
    batches(data, { batch, dtype, order: 'file' });

/** A dense network by its widths. */
export interface Architecture {
  /** Name in tables and figures. */
  readonly name: string;
  /** Between layers. */
  readonly activation: Activation;
  /** Of the hidden layers. */
  readonly hidden: readonly number[];
  /** Multiplies the initial weights. Default 1. */
  readonly initialScale?: number;
}

/** How networks are trained. */
export interface Training {
  /** Passes over the training images. */
  readonly epochs: number;
  /** Examples a step. */
  readonly batch: number;
  /** Rate of Adam at the start; it falls to zero. */
  readonly learningRate: number;
}

/** A network at one moment of its training. */
export interface Trained {
  /** Epochs trained so far. */
  readonly epoch: number;
  /** On the test images; null before the first epoch. */
  readonly test: Evaluation | null;
  /** With the weights of that moment. */
  readonly network: Network;
}

/** How a long piece of work is watched and stopped. */
export interface Hooks {
  /** Aborted: the work ends early. */
  readonly signal?: AbortSignal;
  /** Share of this piece of work. */
  readonly onProgress?: (share: number, text: string) => void;
}

/**
 * The network before and after each epoch; null where interrupted. Adam, rate falling to zero as half a cosine.
 * @throws FimError with `batch/from`, `batch/size`, `data/overflow`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`,
 * `model/activation`, `model/widths`, `order/examples`, `order/replacement`, `random/seed`, `random/sequence`, `run/targets`, `tensor/size`
 */
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
  const last = await continueDigits(engine, start, data, training, seed, {
    ...hooks,
    onEpoch: (stage) => stages.push(stage),
  });
  return last === null ? null : stages;
}

/**
 * Trains on from a network; null where interrupted.
 * @throws FimError with `batch/from`, `batch/size`, `data/overflow`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`,
 * `order/examples`, `order/replacement`, `random/seed`, `random/sequence`, `run/targets`, `tensor/size`
 */
export async function continueDigits(
  engine: Engine,
  start: Network,
  data: Pick<StudyData, 'train' | 'test'>,
  { epochs, batch, learningRate }: Training,
  seed: number,
  hooks: Hooks & { readonly onEpoch?: (stage: Trained) => void } = {},
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
      onEpoch: (e) => hooks.onEpoch?.({ epoch: e.epoch, test: e.test, network: e.network() }),
    },
  );
  return interrupted ? null : network;
}

const inputWidth = (data: Dataset): number =>
  [...data.inputs.values()][0].shape.slice(1).reduce((a, b) => a * b, 1);

/** One moment of one training. */
export interface StageRecord {
  /** Epochs trained so far. */
  readonly epoch: number;
  /** Share of test images classified rightly. */
  readonly accuracy: number | null;
  /** Mean log-probability of the test labels. */
  readonly logProbability: number | null;
  /** The profile, layer by layer. */
  readonly layers: readonly LayerRecord[];
}

/**
 * Fisher, deviations and bounds of each layer over `inputs`; null where interrupted.
 * @throws FimError with `batch/from`, `batch/size`, `data/overflow`, `engine/memory`, `fisher/no-examples`, `fisher/not-finite`,
 * `fisher/output-not-finite`, `fisher/positions`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`,
 * `kernels/unsupported`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `memory/too-small`,
 * `order/examples`, `order/replacement`, `random/seed`, `random/sequence`, `tensor/size`
 */
export async function profileStage(
  engine: Engine,
  inputs: Dataset,
  { epoch, test, network }: Trained,
  signal?: AbortSignal,
): Promise<StageRecord | null> {
  const structure = await structureOf(engine, network, digitsLikelihood, sourceOf(inputs), {
    examples: inputs.n,
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
