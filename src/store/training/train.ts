/**
 * @module store/training/train
 *
 * A training run in a folder: trains, logs, keeps checkpoints, evaluates and exports the policy at the end. A run that was cut off
 * goes on in the same folder to the same result; one that is done only says so.
 *
 * A row is logged every `LOG_STEPS` steps or update, whichever is longer, and checkpoints are taken at rows only, so a state never holds
 * half a row: at the first, then whenever the run is twice as old, from `SAVE_SECONDS` on every so many seconds.
 *
 * More steps in the folder of a shorter run go on from its end (store/training/train-on).
 */
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { FimError } from '../../core/errors.js';
import type { FloatArray } from '../../core/tensor.js';
import { sha256, writeAtomic } from '../../disk/files.js';
import { networkToOnnx } from '../../model/save.js';
import { evaluate, evaluationFigure, type EvaluationFigure } from '../../rl/train/evaluate.js';
import type { ReturnFigure } from '../../rl/train/returns.js';
import type { TrainSettings } from '../../rl/train/settings.js';
import { Training, type TrainingOptions, type TrainingState } from '../../rl/train/training.js';
import { openRunFolder, type RunFolder } from '../folder/index.js';
import { COLUMNS, rowOf, scalarsOf } from './columns.js';
import { Metrics } from './metrics.js';
import { Standstill } from './standstill.js';
import { POLICY_FILE, requirePolicy } from './policy.js';
import { goesOn } from './train-on.js';

const LOG_STEPS = 1000;
const SAVE_SECONDS = 10;
const BREATH_SECONDS = 0.05;

export interface TrainRunOptions extends TrainingOptions {
  readonly version: string;
  /** Seconds from any moment; the run itself reads no clock. */
  readonly now: () => number;
  /** Seconds since 1970, for TensorBoard. */
  readonly wallTime: () => number;
  readonly signal?: AbortSignal;
  /** Seconds between checkpoints. Default 10. */
  readonly saveSeconds?: number;
  readonly onProgress?: (progress: TrainProgress) => void;
  /** What the folder has to say (another build goes on). */
  readonly onNote?: (note: string) => void;
}

export interface TrainProgress {
  /** Share of the run that is done. */
  readonly share: number;
  readonly steps: number;
  readonly returns: ReturnFigure;
  readonly kl: number | null;
  readonly stepsPerSecond: number;
}

/** As result.json and `--json` say it. */
export interface TrainResult {
  readonly env: string;
  readonly algorithm: string;
  readonly seed: number;
  readonly steps: number;
  readonly episodes: number;
  readonly return: ReturnFigure;
  /** Of the likeliest actions. */
  readonly evaluation: EvaluationFigure;
  /** The same starts with actions drawn from the policy, as in training. */
  readonly evaluationDrawn?: EvaluationFigure;
  readonly stepsPerSecond: number;
  readonly seconds: number;
  /** Of PPO: passes over a segment, mean over the updates; fewer than asked where targetKl ends them. */
  readonly epochs?: number;
  readonly updates: number;
  /** Of all updates, without the rollouts. */
  readonly updateSeconds: number;
  /** Of the policy's file; absent in results of older versions. */
  readonly policySha256?: string;
}

/**
 * Trains in folder `dir`. Null where it was interrupted: the folder then holds a checkpoint. Throws `rl/diverged` (the folder keeps its
 * last good state), `run/…` where the folder holds something else, and what `Training.create` throws.
 */
export async function trainRun(
  settings: TrainSettings,
  dir: string,
  options: TrainRunOptions,
): Promise<TrainResult | null> {
  const training = await Training.create(settings, options);
  try {
    const folder = openRunFolder(dir, {
      environment: settings.environment,
      algorithm: settings.algorithm,
      settings,
      columns: COLUMNS,
      build: { fim: options.version, engine: training.build },
      goesOn: (stored) => goesOn(stored.settings, settings, dir),
    });
    for (const note of folder.notes) options.onNote?.(note);
    if (folder.state === 'done') {
      requirePolicy(dir);
      return folder.result as unknown as TrainResult;
    }
    try {
      return await new Run(training, folder, options).go();
    } finally {
      folder.close();
    }
  } finally {
    training.close();
  }
}

/** What a checkpoint remembers of time. */
interface Clocks {
  readonly seconds: number;
  readonly updateSeconds: number;
  /** Sum over the updates so far; absent in checkpoints of older versions. */
  readonly epochs?: number;
}

class Run {
  private readonly began: number;
  private savedAt: number;
  /** Seconds of training before this process. */
  private before = 0;
  private updateSeconds = 0;
  private epochs = 0;
  private saved = false;
  private readonly standstill: Standstill;
  private readonly metrics = new Metrics();
  private readonly startSteps: number;
  /** The state at the last row, or at the start. */
  private good: TrainingState;

  constructor(
    private readonly training: Training,
    private readonly folder: RunFolder,
    private readonly options: TrainRunOptions,
  ) {
    const { checkpoint } = folder;
    if (checkpoint !== null) {
      const { collector, ...arrays } = checkpoint.arrays;
      training.load({
        updates: checkpoint.header.update,
        arrays: arrays as Record<string, FloatArray>,
        collector: collector as Uint8Array,
      });
      const clocks = checkpoint.header.state as unknown as Clocks;
      ({ seconds: this.before, updateSeconds: this.updateSeconds } = clocks);
      this.epochs = clocks.epochs ?? NaN;
      this.saved = true;
    }
    this.standstill = new Standstill(training.settings);
    this.timeUpdates();
    this.good = training.save();
    this.startSteps = training.steps;
    this.began = this.savedAt = options.now();
  }

  /** Has the algorithm's part of every update timed. */
  private timeUpdates(): void {
    const { algorithm } = this.training;
    const update = algorithm.update.bind(algorithm);
    algorithm.update = async (segment, moment) => {
      const from = this.options.now();
      const metrics = await update(segment, moment);
      this.updateSeconds += this.options.now() - from;
      return metrics;
    };
  }

  async go(): Promise<TrainResult | null> {
    const { training, options } = this;
    const every = Math.ceil(LOG_STEPS / training.segmentSteps);
    let breath = options.now();
    while (!training.done) {
      const logs = (training.updates + 1) % every === 0 || training.updates + 1 === training.totalUpdates;
      await this.update(logs);
      if (logs) {
        this.log();
        this.good = training.save();
        if (options.signal?.aborted || this.due) this.save();
        if (options.signal?.aborted) return null;
      }
      if (options.now() - breath > BREATH_SECONDS) {
        await turn();
        breath = options.now();
      }
    }
    return this.finish();
  }

  /** Whether a checkpoint is: none stands yet, or the last is half as old as the run, or `saveSeconds` old. */
  private get due(): boolean {
    const { began, savedAt, options } = this;
    const interval = Math.min(options.saveSeconds ?? SAVE_SECONDS, savedAt - began);
    return !this.saved || options.now() - savedAt > interval;
  }

  /** One update; where it diverges the state of the last row, the last known to be good, is kept. */
  private async update(logs: boolean): Promise<void> {
    const { training } = this;
    try {
      const metrics = await training.update(logs);
      this.metrics.add(metrics);
      this.epochs += metrics.epochs ?? NaN;
      if (logs) training.requireFinite();
    } catch (error) {
      if (isDivergence(error)) this.save(this.good);
      throw error;
    }
  }

  private get seconds(): number {
    return this.before + this.options.now() - this.began;
  }

  private log(): void {
    const { training, options, folder, metrics } = this;
    const { steps, recent } = training;
    const means = metrics.take();
    const row = rowOf({
      steps,
      updates: training.updates,
      episodes: recent.episodes,
      returns: recent.figure,
      lengthMean: recent.meanLength,
      metrics: means,
      seconds: this.seconds,
    });
    const stepsPerSecond = (steps - this.startSteps) / (options.now() - this.began);
    folder.log(row, scalarsOf(row, stepsPerSecond), options.wallTime());
    const standing = this.standstill.look(row);
    if (standing !== null) options.onNote?.(standing);
    options.onProgress?.({
      share: steps / (training.totalUpdates * training.segmentSteps),
      steps,
      returns: recent.figure,
      kl: row.kl as number | null,
      stepsPerSecond,
    });
  }

  private save({ updates, arrays, collector }: TrainingState = this.training.save()): void {
    const { training, folder, options } = this;
    folder.save({
      update: updates,
      steps: updates * training.segmentSteps,
      state: this.clocks(),
      arrays: { ...arrays, collector },
    });
    this.savedAt = options.now();
    this.saved = true;
  }

  private clocks(): Clocks {
    const { seconds, updateSeconds, epochs } = this;
    return { seconds, updateSeconds, ...(Number.isFinite(epochs) ? { epochs } : {}) };
  }

  private async finish(): Promise<TrainResult> {
    const { training, folder } = this;
    const { environment, environmentOptions, algorithm, seed } = training.settings;
    const { likelihood } = training.model;
    const seconds = this.seconds;
    this.save();
    const policy = training.policy();
    const file = networkToOnnx(policy, likelihood);
    writeAtomic(join(folder.path, POLICY_FILE), file);
    const how = { seed, ...(environmentOptions === undefined ? {} : { options: environmentOptions }) };
    const evaluation = await evaluate(policy, environment, how);
    const drawn = await evaluate(policy, environment, { ...how, actions: 'drawn', likelihood });
    const epochs = this.epochs / training.updates;
    const result: TrainResult = {
      env: environment,
      algorithm,
      seed,
      steps: training.steps,
      episodes: training.recent.episodes,
      return: training.recent.figure,
      evaluation: evaluationFigure(evaluation),
      evaluationDrawn: evaluationFigure(drawn),
      stepsPerSecond: training.steps / seconds,
      seconds,
      ...(Number.isFinite(epochs) ? { epochs } : {}),
      updates: training.updates,
      updateSeconds: this.updateSeconds,
      policySha256: sha256(file),
    };
    folder.finish(result);
    return result;
  }
}

/** Whether an error is a divergence, which a comparison counts and goes on. */
export function isDivergence(error: unknown): error is FimError {
  return error instanceof FimError && error.code === 'rl/diverged';
}
