/**
 * @module store/sweep
 *
 * Sweeps the structure of a network, to see how it moves the Fisher and the variance of both estimators: activation, depth, width and scale
 * of the initial weights are varied one at a time around a base point (the first of each list), over several initialisations, before or
 * after some epochs of training on digits. At every point each layer is profiled as `fim variance` does it. One file a point and seed.
 */
import { parameterCount } from '../model/index.js';
import type { Activation } from '../model/index.js';
import type { Engine } from '../engine/types.js';
import { Points } from './points.js';
import {
  type Architecture,
  type Hooks,
  profileStage,
  type StageRecord,
  type StudyData,
  type StudySizes,
  trainDigits,
  type Training,
} from '../jobs/digits-networks.js';

/** What a sweep varies. */
export interface SweepPlan extends StudySizes, Training {
  /** The first of each list is the base point. */
  readonly activations: readonly Activation[];
  /** Number of hidden layers. */
  readonly depths: readonly number[];
  /** Units of each hidden layer. */
  readonly widths: readonly number[];
  /** Factors on the initial weights. */
  readonly scales: readonly number[];
  /** Seeds of the initial weights. */
  readonly seeds: readonly number[];
}

/** A minute or two on two cores. */
export const SWEEP: SweepPlan = {
  activations: ['tanh', 'sigmoid', 'softplus', 'log-sigmoid', 'relu'],
  depths: [3, 1, 2, 5],
  widths: [32, 16, 64, 128],
  scales: [1, 0.25, 0.5, 2, 4],
  seeds: [0, 1, 2],
  trainImages: 5000,
  inputs: 200,
  epochs: 0,
  batch: 64,
  learningRate: 0.003,
};

/** Seconds, for tests. */
export const SWEEP_QUICK: SweepPlan = {
  ...SWEEP,
  activations: ['tanh', 'relu'],
  depths: [2, 1],
  widths: [6, 4],
  scales: [1, 2],
  seeds: [0, 1],
  trainImages: 200,
  inputs: 40,
};

export const FACTORS = ['activation', 'depth', 'width', 'scale'] as const;
export type Factor = (typeof FACTORS)[number];

/** A network of the sweep. */
export interface SweepPoint {
  /** Between layers. */
  readonly activation: Activation;
  /** Number of hidden layers. */
  readonly depth: number;
  /** Units of each hidden layer. */
  readonly width: number;
  /** Factor on the initial weights. */
  readonly scale: number;
}

/** The base point, and what is varied around it: value and point, in the order of the lists. */
export function sweepPoints(
  plan: SweepPlan,
): Record<Factor, { value: string | number; point: SweepPoint }[]> {
  const base: SweepPoint = {
    activation: plan.activations[0],
    depth: plan.depths[0],
    width: plan.widths[0],
    scale: plan.scales[0],
  };
  const along = (factor: Factor, values: readonly (string | number)[]) =>
    [...new Set(values)].map((value) => ({ value, point: { ...base, [factor]: value } }));
  return {
    activation: along('activation', plan.activations),
    depth: along('depth', [...plan.depths].sort(ascending)),
    width: along('width', [...plan.widths].sort(ascending)),
    scale: along('scale', [...plan.scales].sort(ascending)),
  };
}

const ascending = (a: number, b: number) => a - b;

export interface SweepRecord extends StageRecord {
  readonly point: SweepPoint;
  readonly seed: number;
  readonly parameters: number;
}

export interface SweepResult {
  readonly plan: SweepPlan;
  readonly data: { readonly source: string; readonly trainImages: number; readonly inputs: number };
  readonly records: readonly SweepRecord[];
}

/** Name of a point's file. */
export const keyOf = ({ activation, depth, width, scale }: SweepPoint, seed: number): string =>
  `${activation}-depth-${depth}-width-${width}-scale-${scale}-seed-${seed}`;

/** What every point depends on; a list may be lengthened later. */
export function openSweep(folder: string, plan: SweepPlan, data: StudyData): Points {
  const { epochs, batch, learningRate } = plan;
  const training = epochs > 0 ? { trainImages: data.train.n, batch, learningRate } : {};
  return new Points(folder, { study: 'sweep', data: data.hash, inputs: data.inputs.n, epochs, ...training });
}

/** A point under one seed. */
export interface SweepTask {
  /** Name of its file. */
  readonly key: string;
  /** The network. */
  readonly point: SweepPoint;
  /** Of its initial weights. */
  readonly seed: number;
}

/** Every point under every seed, each once. */
export function sweepTasks(plan: SweepPlan): SweepTask[] {
  const distinct = new Map<string, SweepTask>();
  for (const seed of plan.seeds)
    for (const { point } of Object.values(sweepPoints(plan)).flat()) {
      const key = keyOf(point, seed);
      distinct.set(key, { key, point, seed });
    }
  return [...distinct.values()];
}

/** Makes what is missing; null where interrupted. */
export async function runSweep(
  engine: Engine,
  points: Points,
  plan: SweepPlan,
  data: StudyData,
  hooks: Hooks = {},
): Promise<SweepResult | null> {
  const tasks = sweepTasks(plan);
  const records: SweepRecord[] = [];
  for (const task of tasks) {
    hooks.onProgress?.(records.length / tasks.length, task.key);
    const record = await points.get(task.key, () => measurePoint(engine, plan, data, task, hooks.signal));
    if (record === null) return null;
    records.push(record);
  }
  return {
    plan,
    data: { source: data.source, trainImages: data.train.n, inputs: data.inputs.n },
    records,
  };
}

/** The record of one point; null where interrupted. */
export async function measurePoint(
  engine: Engine,
  plan: SweepPlan,
  data: StudyData,
  { point, seed }: SweepTask,
  signal?: AbortSignal,
): Promise<SweepRecord | null> {
  // Lets a Ctrl-C in between two points.
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted) return null;
  const stages = await trainDigits(engine, data, architectureOf(point), plan, seed, signal ? { signal } : {});
  if (stages === null) return null;
  const last = stages[stages.length - 1];
  const stage = await profileStage(engine, data.inputs, last, signal);
  return stage && { ...stage, point, seed, parameters: parameterCount(last.network) };
}

/** The network of a point. */
export function architectureOf({ activation, depth, width, scale }: SweepPoint): Architecture {
  const hidden = Array.from({ length: depth }, () => width);
  return { name: activation, activation, hidden, initialScale: scale };
}
