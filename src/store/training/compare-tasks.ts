/**
 * @module store/training/compare-tasks
 *
 * Tasks of the threads of a comparison: whole runs in their folders, and pilots that say how long runs will take.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { join } from 'node:path';
import { writeJson } from '../points.js';
import { readRunFolder } from '../folder/index.js';
import { isEnvironmentFault } from '../../rl/faults.js';
import { evaluate } from '../../rl/train/evaluate.js';
import type { ReturnFigure } from '../../rl/train/returns.js';
import type { TrainSettings } from '../../rl/train/settings.js';
import { Training } from '../../rl/train/training.js';
import { invariant } from '../../core/errors.js';
import type { FloatArray } from '../../core/tensor.js';
import { environmentId } from './environment-id.js';
import { lastOf, readProgress } from './progress.js';
import { isDivergence, type TrainResult, trainRun } from './train.js';

/** Beside a run that diverged. */
export const DIVERGED_FILE = 'diverged.json';

export type CompareTask = {
  readonly settings: TrainSettings;
  /** Modules of the user's that register environments. */
  readonly modules: readonly string[];
} & (
  { readonly kind: 'pilot' } | { readonly kind: 'run'; readonly folder: string; readonly version: string }
);

/** How long things took in a pilot. */
export interface Pace {
  /** Seconds of one environment step, updates and all. */
  readonly secondsPerStep: number;
}

/** A run whose numbers stopped being finite, and what its last good parameters are worth. */
export interface Divergence {
  readonly message: string;
  /** Steps at the last row, whose parameters were finite. */
  readonly steps: number;
  readonly updates: number;
  readonly seconds: number;
  readonly return: ReturnFigure;
  readonly evaluation: ReturnFigure;
}

export interface RunNews {
  /** Of the run, in [0, 1]. */
  readonly share: number;
  readonly return: number | null;
}

export type CompareAnswer =
  | { readonly kind: 'pace'; readonly pace: Pace }
  | { readonly kind: 'done'; readonly result: TrainResult }
  | { readonly kind: 'diverged'; readonly divergence: Divergence }
  | { readonly kind: 'failed'; readonly message: string; readonly steps: number }
  | { readonly kind: 'stopped' };

export interface TaskContext {
  readonly signal: AbortSignal;
  readonly news: (news: RunNews) => void;
  /** Seconds from any moment. */
  readonly now: () => number;
  /** Seconds since 1970. */
  readonly wallTime: () => number;
}

export async function perform(task: CompareTask, context: TaskContext): Promise<CompareAnswer> {
  for (const module of task.modules) await environmentId(module);
  return task.kind === 'pilot' ? pilot(task.settings, context) : runTask(task, context);
}

/** Seconds of a window that a pilot looks at, and after how many at most it ends. */
const WINDOW = 0.25;
const WINDOWS = 12;
/** A window that takes less than this share of the best before says that the thread still warms up. */
const FASTER = 0.9;
/** Windows without such a gain after which it is warm. */
const PATIENCE = 2;

/**
 * Trains window after window until two in a row are no faster than the best, since a fresh thread's compilers are at work at first, and
 * throws it all away. The pace is the best window's.
 */
async function pilot(settings: TrainSettings, context: TaskContext): Promise<CompareAnswer> {
  try {
    return await timed(settings, context);
  } catch (error) {
    if (!isEnvironmentFault(error)) throw error;
    return { kind: 'pace', pace: { secondsPerStep: 0 } };
  }
}

async function timed(settings: TrainSettings, { signal, now }: TaskContext): Promise<CompareAnswer> {
  const training = await Training.create(settings, { workers: 1 });
  try {
    let [best, idle, diverged] = [Infinity, 0, false];
    for (let w = 0; w < WINDOWS && idle < PATIENCE && !training.done && !diverged; w++) {
      const [from, steps] = [now(), training.steps];
      while (!training.done && !diverged && now() - from < WINDOW) {
        if (signal.aborted) return { kind: 'stopped' };
        diverged = await diverges(training);
        await turn();
      }
      const pace = (now() - from) / (training.steps - steps);
      idle = pace < FASTER * best ? 0 : idle + 1;
      best = Math.min(best, pace);
    }
    return { kind: 'pace', pace: { secondsPerStep: Number.isFinite(best) ? best : 0 } };
  } finally {
    training.close();
  }
}

/** One update; whether it diverges or the environment fails, which a pilot leaves to the run to say. */
async function diverges(training: Training): Promise<boolean> {
  try {
    await training.update();
    return false;
  } catch (error) {
    if (isDivergence(error) || isEnvironmentFault(error)) return true;
    throw error;
  }
}

async function runTask(
  { settings, folder, version }: CompareTask & { kind: 'run' },
  { signal, news, now, wallTime }: TaskContext,
): Promise<CompareAnswer> {
  try {
    const result = await trainRun(settings, folder, {
      version,
      now,
      wallTime,
      signal,
      workers: 1,
      onProgress: ({ share, returns }) => news({ share, return: returns.mean }),
    });
    return result === null ? { kind: 'stopped' } : { kind: 'done', result };
  } catch (error) {
    if (isEnvironmentFault(error))
      return { kind: 'failed', message: error.message, steps: lastOf(readProgress(folder), 'steps') ?? 0 };
    if (!isDivergence(error)) throw error;
    const divergence = await lastGood(settings, folder, error.message);
    writeJson(join(folder, DIVERGED_FILE), divergence, 2);
    return { kind: 'diverged', divergence };
  }
}

/** What the policy of the last good state, which the run kept when it diverged, is worth. */
async function lastGood(settings: TrainSettings, folder: string, message: string): Promise<Divergence> {
  const training = await Training.create(settings, { workers: 1 });
  try {
    const checkpoint = readRunFolder(folder).checkpoint();
    invariant(checkpoint !== null, folder, 'a run that diverged kept its last good state');
    const { collector, ...arrays } = checkpoint.arrays;
    training.load({
      updates: checkpoint.header.update,
      arrays: arrays as Record<string, FloatArray>,
      collector: collector as Uint8Array,
    });
    const { environment, environmentOptions, seed } = settings;
    const { mean, standardError, episodes } = await evaluate(training.policy(), environment, {
      seed,
      ...(environmentOptions === undefined ? {} : { options: environmentOptions }),
    });
    return {
      message,
      steps: training.steps,
      updates: training.updates,
      seconds: lastOf(readProgress(folder), 'seconds') ?? 0,
      return: training.recent.figure,
      evaluation: { mean, standardError, episodes },
    };
  } finally {
    training.close();
  }
}
