/**
 * @module store/training/compare
 *
 * All runs of a comparison over worker threads, the longest first. Each has a folder of its own under OUT/runs/ARM/ENVIRONMENT/SEED and
 * is one thread's work, so its numbers do not depend on how many there are. A run that is done, or is known to diverge, is never
 * repeated; one that was cut off goes on. A run that diverges stops no other, nor does one whose environment fails or whose thread is lost;
 * any other failure stops all, which save first.
 */
import { join } from 'node:path';
import { FimError } from '../../core/errors.js';
import { exists } from '../../disk/paths.js';
import { FILES, readRunFolder, requireSame } from '../folder/index.js';
import { identify } from '../folder/identity.js';
import { clearLocks } from '../folder/lock.js';
import { readJson } from '../points.js';
import {
  type CompareAnswer,
  type CompareTask,
  DIVERGED_FILE,
  type Divergence,
  type RunNews,
} from './compare-tasks.js';
import { Crew } from './crew.js';
import type { Job } from './grid.js';
import { lastOf, readProgress } from './progress.js';
import type { TrainResult } from './train.js';

const ENTRY = new URL('./compare-worker', import.meta.url);

/** What stands in a run's folder. */
export type RunStatus =
  | { readonly kind: 'done'; readonly result: TrainResult }
  | { readonly kind: 'diverged'; readonly divergence: Divergence }
  /** Its environment failed, or its thread was lost: the same command tries it again. */
  | { readonly kind: 'failed'; readonly message: string; readonly steps: number }
  | { readonly kind: 'begun'; readonly steps: number }
  | { readonly kind: 'new' };

/** Looks at a run's folder. Throws `run/of-another` for a run of other settings, `manifest/…`, `points/damaged`. */
export function statusOf({ settings, folder }: Job): RunStatus {
  if (!exists(join(folder, FILES.manifest))) return { kind: 'new' };
  const { manifest, result } = readRunFolder(folder);
  requireSame(manifest, identify(settings.environment, settings.algorithm, settings), folder);
  if (result !== null) return { kind: 'done', result: result as unknown as TrainResult };
  const marker = join(folder, DIVERGED_FILE);
  if (exists(marker)) return { kind: 'diverged', divergence: readJson(marker) as Divergence };
  return { kind: 'begun', steps: lastOf(readProgress(folder), 'steps') ?? 0 };
}

/** A run that is still to do, or to end. */
export interface Remaining {
  /** The run. */
  readonly job: Job;
  /** Share of it that is done already. */
  readonly share: number;
  /** Seconds that the rest will take. */
  readonly seconds: number;
}

/** What a comparison will take. */
export interface Forecast {
  /** Longest first. */
  readonly remaining: readonly Remaining[];
  /** Seconds with so many threads, each taking the next of the list. */
  readonly seconds: number;
}

/** What is heard of a comparison while it runs. */
export interface CompareListener {
  /** A pilot ended: so many of so many. */
  readonly onPilot?: (done: number, of: number) => void;
  /** Share and return of a run that goes on. */
  readonly onNews?: (job: Job, news: RunNews) => void;
  /** A run that ended, now. */
  readonly onEnd?: (job: Job, status: RunStatus) => void;
}

/** How a comparison is run. */
export interface CompareHow {
  /** Runs at a time. */
  readonly workers: number;
  /** Of fim, for manifests. */
  readonly version: string;
  /** Modules of the user's that register environments, for the threads. */
  readonly modules?: readonly string[];
}

type CompareCrew = Crew<CompareTask, CompareAnswer, RunNews>;

/** The runs of a comparison over worker threads: look at what is there, forecast, go, close. */
export class CompareRun {
  /** By job. */
  readonly statuses: Map<Job, RunStatus>;
  private readonly crew: CompareCrew;

  /** Looks at what is there already. Throws as `statusOf` does. Close it. */
  constructor(
    /** All runs, done or not. */
    readonly jobs: readonly Job[],
    private readonly how: CompareHow,
  ) {
    this.statuses = new Map(jobs.map((job) => [job, statusOf(job)]));
    this.crew = new Crew(ENTRY, how.workers);
  }

  private get unfinished(): Job[] {
    return this.jobs.filter((job) => ['new', 'begun'].includes(this.statuses.get(job)?.kind ?? ''));
  }

  /**
   * How long the rest takes: by finished runs of the same arm and environment, or by a pilot. Null where it was interrupted. Throws what
   * making a training throws, so that a setting that cannot be is known before any run begins.
   */
  async forecast(signal: AbortSignal, listener: CompareListener = {}): Promise<Forecast | null> {
    const cell = (job: Job): string => JSON.stringify([job.arm, job.environment]);
    const paces = new Map<string, number>();
    for (const [job, status] of this.statuses)
      if (status.kind === 'done') paces.set(cell(job), 1 / status.result.stepsPerSecond);
    const todo = new Map(
      this.unfinished.filter((job) => !paces.has(cell(job))).map((job) => [cell(job), job]),
    );
    let done = 0;
    const { modules = [] } = this.how;
    await this.all(signal, [...todo], async ([name, { settings }]) => {
      const answer = await this.crew.do({ kind: 'pilot', settings, modules }).catch(lost);
      if (answer?.kind !== 'pace') return;
      paces.set(name, answer.pace.secondsPerStep);
      listener.onPilot?.(++done, todo.size);
    });
    if (signal.aborted) return null;
    const remaining = this.unfinished
      .map((job): Remaining => {
        const status = this.statuses.get(job);
        const { steps } = job.settings;
        const share = status?.kind === 'begun' ? Math.min(1, status.steps / steps) : 0;
        return { job, share, seconds: (1 - share) * steps * (paces.get(cell(job)) ?? 0) };
      })
      .sort((a, b) => b.seconds - a.seconds);
    return { remaining, seconds: makespan(remaining, this.how.workers) };
  }

  /** Takes away the locks that killed processes left on runs that are done, which nobody opens again. */
  clear(): void {
    for (const [{ folder }, { kind }] of this.statuses) if (kind === 'done') clearLocks(folder);
  }

  /** Runs what remains; false where it was interrupted, with everything saved. Throws what a run throws, the others saved. */
  async go(
    remaining: readonly Remaining[],
    signal: AbortSignal,
    listener: CompareListener = {},
  ): Promise<boolean> {
    const { version, modules = [] } = this.how;
    this.clear();
    await this.all(signal, remaining, async ({ job }) => {
      const { settings, folder } = job;
      const task: CompareTask = { kind: 'run', settings, folder, modules, version };
      const answer = await this.crew.do(task, (news) => listener.onNews?.(job, news)).catch(lost);
      if (answer === null || answer.kind === 'pace' || answer.kind === 'stopped') return;
      this.statuses.set(job, answer);
      listener.onEnd?.(job, answer);
    });
    return this.unfinished.length === 0;
  }

  /** Ends the threads. */
  close(): Promise<void> {
    return this.crew.close();
  }

  /** All of them, or until one fails or the signal comes: then the rest is stopped and waited for. */
  private async all<T>(signal: AbortSignal, items: readonly T[], each: (item: T) => Promise<void>) {
    const stop = (): void => this.crew.stop();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const failures: unknown[] = [];
    try {
      await Promise.all(
        items.map((item) =>
          each(item).catch((error: unknown) => {
            failures.push(error);
            stop();
          }),
        ),
      );
    } finally {
      signal.removeEventListener('abort', stop);
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** A run whose thread ended under it; throws any other failure. */
function lost(error: unknown): CompareAnswer {
  if (error instanceof FimError && error.code === 'compare/thread-ended')
    return { kind: 'failed', message: error.message, steps: 0 };
  throw error;
}

/** The time until the last thread is done, each taking the next of the list when it is free. */
export function makespan(remaining: readonly Pick<Remaining, 'seconds'>[], workers: number): number {
  const free = new Array<number>(Math.max(1, workers)).fill(0);
  for (const { seconds } of remaining) {
    const first = free.indexOf(Math.min(...free));
    free[first] += seconds;
  }
  return Math.max(...free);
}
