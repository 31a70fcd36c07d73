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
import { Points } from 'fim/store';

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

/** What every point depends on: architectures and seeds are in the points' names, so a study can be widened. */
export function openStudy(folder: string, study: VarianceStudy, data: StudyData): Points {
  const { labels, epochs, batch, learningRate } = study;
  return new Points(folder, {
    study: 'variance',
    data: data.hash,
    trainImages: data.train.n,
    inputs: data.inputs.n,
    labels,
    epochs,
    batch,
    learningRate,
  });
}

/** Makes what is missing; null where interrupted. */
export async function runVarianceStudy(
  engine: Engine,
  points: Points,
  study: VarianceStudy,
  data: StudyData,
  hooks: Hooks = {},
): Promise<VarianceResult | null> {
  const jobs = study.seeds.flatMap((seed) => study.architectures.map((a) => ({ a, seed })));
  const trainings: TrainingRecord[] = [];
  for (const [i, { a, seed }] of jobs.entries()) {
    const report = (share: number, text: string) =>
      hooks.onProgress?.((i + share) / jobs.length, `${a.name}, seed ${seed}: ${text}`);
    report(0, 'training');
    const one = await points.get(`${a.name}-${a.hidden.join('-')}-seed-${seed}`, () =>
      trainAndProfile(engine, study, data, a, seed, { ...hooks, onProgress: report }),
    );
    if (one === null) return null;
    trainings.push(one);
  }
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
