/**
 * @module studies/variance/variance
 *
 * The digits study of P24 (Figures V–XIII) with closed forms in place of sampled labels: networks of several activations are trained,
 * and after every epoch the Fisher, the deviation of both estimators and their bounds are taken layer by layer over fixed test images.
 * P24 states neither widths nor optimiser, learning rate or dropout; ours are in `VARIANCE_STUDY`. No dropout: a network in training
 * mode is not one likelihood.
 */
import type { Engine } from 'fim/engine';
import {
  type Architecture,
  type Hooks,
  type StageRecord,
  type StudyData,
  type StudySizes,
  type Training,
  profileStage,
  trainDigits,
} from 'fim/jobs';
import type { Piece } from '../face/piece.js';

export interface VarianceStudy extends StudySizes, Training {
  readonly architectures: readonly Architecture[];
  readonly seeds: readonly number[];
  /** Labels that a deviation is stated for: sd/√labels. */
  readonly labels: number;
}

const FOUR = [64, 48, 32] as const;

/** About a quarter of an hour on two cores. */
export const VARIANCE_STUDY: VarianceStudy = {
  architectures: [
    { name: 'sigmoid', activation: 'sigmoid', hidden: FOUR },
    { name: 'log-sigmoid', activation: 'log-sigmoid', hidden: [64, 48, 32, 24] },
    { name: 'tanh', activation: 'tanh', hidden: FOUR },
    { name: 'softplus', activation: 'softplus', hidden: FOUR },
    { name: 'relu', activation: 'relu', hidden: FOUR },
  ],
  seeds: [0, 1, 2],
  labels: 5000,
  trainImages: 10_000,
  inputs: 200,
  epochs: 20,
  batch: 64,
  learningRate: 0.003,
};

/** Seconds, for tests. */
export const VARIANCE_QUICK: VarianceStudy = {
  architectures: [
    { name: 'sigmoid', activation: 'sigmoid', hidden: [8, 6] },
    { name: 'relu', activation: 'relu', hidden: [8, 6] },
  ],
  seeds: [0, 1],
  labels: 5000,
  trainImages: 500,
  inputs: 40,
  epochs: 2,
  batch: 50,
  learningRate: 0.003,
};

/** One training of one architecture. */
export interface TrainingRecord {
  readonly architecture: string;
  readonly seed: number;
  readonly stages: readonly StageRecord[];
}

export interface VarianceResult {
  readonly study: VarianceStudy;
  readonly data: { readonly source: string; readonly trainImages: number; readonly inputs: number };
  readonly trainings: readonly TrainingRecord[];
}

/** What every piece depends on: architectures and seeds are in their names, so a study can be widened. */
export function varianceSettings(study: VarianceStudy, data: StudyData): object {
  const { labels, epochs, batch, learningRate } = study;
  return {
    study: 'variance',
    data: data.hash,
    trainImages: data.train.n,
    inputs: data.inputs.n,
    labels,
    epochs,
    batch,
    learningRate,
  };
}

/** Of one training with its profiles, about, for each epoch and thousand images. */
const SECONDS = 0.5;

/** A piece for each architecture and seed. */
export const trainingPieces = (
  engine: Engine,
  study: VarianceStudy,
  data: StudyData,
): Piece<TrainingRecord>[] =>
  study.seeds.flatMap((seed) =>
    study.architectures.map((a) => ({
      key: `${a.name}-${a.hidden.join('-')}-seed-${seed}`,
      seconds: SECONDS * (1 + study.epochs) * (1 + study.trainImages / 1000),
      run: (hooks) => trainAndProfile(engine, study, data, a, seed, hooks),
    })),
  );

/** What the trainings come to. */
export function varianceResult(
  study: VarianceStudy,
  data: StudyData,
  trainings: readonly TrainingRecord[],
): VarianceResult {
  return {
    study,
    data: { source: data.source, trainImages: data.train.n, inputs: data.inputs.n },
    trainings,
  };
}

/** Share of the time that goes into training. */
const TRAINING_SHARE = 0.25;

async function trainAndProfile(
  engine: Engine,
  study: VarianceStudy,
  data: StudyData,
  architecture: Architecture,
  seed: number,
  { signal, onProgress }: Hooks,
): Promise<TrainingRecord | null> {
  const trained = await trainDigits(engine, data, architecture, study, seed, {
    ...(signal ? { signal } : {}),
    onProgress: (share, text) => onProgress?.(TRAINING_SHARE * share, text),
  });
  if (trained === null) return null;
  const stages: StageRecord[] = [];
  for (const [i, stage] of trained.entries()) {
    onProgress?.(TRAINING_SHARE + ((1 - TRAINING_SHARE) * i) / trained.length, `epoch ${stage.epoch}`);
    const record = await profileStage(engine, data.inputs, stage, signal);
    if (record === null) return null;
    stages.push(record);
  }
  return { architecture: architecture.name, seed, stages };
}
