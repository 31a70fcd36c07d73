/**
 * @module scale/work
 *
 * A worker: takes tasks of a folder one by one until none is left, and waits for those that others have, to take over where one of them
 * dies. Whatever ends it, what it has is given back: aborted, it releases its claim; killed, its claim is taken over.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FimError } from '../core/errors.js';
import { clearAway } from '../disk/leftovers.js';
import {
  type Claim,
  endClaim,
  logLine,
  ownHolder,
  placeResult,
  removeAsides,
  tryClaim,
  Watch,
  workPath,
} from './claim.js';
import type { TaskFolder } from './folder.js';
import { Heartbeat } from './heartbeat.js';
import type { Performer } from './kind.js';
import type { End } from './state.js';

/** Signs of life within the time after which a claim is stale. */
const BEATS = 6;
/** Longest pause between two looks at what others have, in seconds. */
const POLL_SECONDS = 1;

/** How a worker works. */
export interface WorkOptions {
  /** Aborted: save, release, end. */
  readonly signal: AbortSignal;
  /** Seconds from any moment, never going back. */
  readonly now: () => number;
  /** Seconds since 1970, for those who read claims. */
  readonly wallTime: () => number;
  /** These tasks alone; default all. */
  readonly only?: readonly number[];
  /** Wait for tasks that others have, to take over where they die. Default true. */
  readonly wait?: boolean;
  /** Share of a task that is done. */
  readonly onProgress?: (index: number, share: number) => void;
  /** A task that ended here, how, and what it said where it failed. */
  readonly onEnd?: (index: number, end: End, message: string | null) => void;
}

/** What a worker leaves behind, of the tasks that it was to look at. */
export interface WorkReport {
  /** Results that stand. */
  readonly done: number;
  /** Given up after their attempts. */
  readonly failed: readonly number[];
  /** Neither: others have them, or the worker was stopped. */
  readonly left: readonly number[];
}

/** Works until nothing is left to take. Throws `tasks/damaged`, `tasks/unwritable`. */
export async function workOn(
  folder: TaskFolder,
  performer: Performer,
  options: WorkOptions,
): Promise<WorkReport> {
  const worker = new TaskWorker(folder, performer, options);
  try {
    return await worker.go();
  } finally {
    await worker.close();
  }
}

class TaskWorker {
  private readonly own = ownHolder();
  private readonly watch: Watch;
  private readonly heartbeat: Heartbeat;

  constructor(
    private readonly folder: TaskFolder,
    private readonly performer: Performer,
    private readonly options: WorkOptions,
  ) {
    const { staleSeconds } = folder.plan;
    this.watch = new Watch(this.own, staleSeconds, options.now);
    this.heartbeat = new Heartbeat(staleSeconds / BEATS);
  }

  close(): Promise<void> {
    return this.heartbeat.close();
  }

  async go(): Promise<WorkReport> {
    const { plan } = this.folder;
    const { signal, wait = true } = this.options;
    const failed: number[] = [];
    let done = 0;
    let left = [...(this.options.only ?? plan.tasks.keys())];
    const pause = Math.min(POLL_SECONDS, plan.staleSeconds / BEATS);
    while (left.length > 0 && !signal.aborted) {
      const held: number[] = [];
      let worked = false;
      for (const [at, index] of left.entries()) {
        if (signal.aborted) {
          held.push(...left.slice(at));
          break;
        }
        const found = this.claim(index);
        if (found === 'done') done++;
        else if (found === 'failed') failed.push(index);
        else if (found === 'held') held.push(index);
        else {
          worked = true;
          // Looked at again: done it counts above, failed it is tried again after the others.
          await this.perform(index, found);
          held.push(index);
        }
      }
      left = held;
      if (worked || left.length === 0) continue;
      if (!wait) break;
      await sleep(1000 * pause, undefined, { signal }).catch(() => undefined);
    }
    return { done, failed, left };
  }

  private claim(index: number): ReturnType<typeof tryClaim> {
    const { attempts } = this.folder.plan;
    const at = this.options.wallTime();
    return tryClaim(this.folder.taskPath(index), this.own, this.watch, { attempts, at });
  }

  /** Performs a task under a claim, whatever happens on the way. */
  private async perform(index: number, claim: Claim): Promise<void> {
    const { signal, now, onEnd, onProgress } = this.options;
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    signal.addEventListener('abort', abort, { once: true });
    const began = now();
    const say = (line: string): void => logLine(claim.folder, line);
    say(`claim ${claim.number}: process ${this.own.pid} of ${this.own.machine.split(' ')[0]}`);
    this.heartbeat.start(claim, abort);
    let end: End;
    let message: string | null = null;
    try {
      const bytes = await this.performer.perform({
        task: this.folder.plan.tasks[index],
        index,
        signal: stop.signal,
        workspace: () => {
          const path = workPath(claim.folder, claim.number);
          mkdirSync(path, { recursive: true });
          return path;
        },
        previous: lastWork(claim),
        progress: (share) => onProgress?.(index, share),
        say,
      });
      end = bytes === null ? 'released' : placeResult(claim, bytes) ? 'done' : 'late';
    } catch (error) {
      if (error instanceof FimError && error.code === 'tasks/unwritable') throw error;
      end = stop.signal.aborted ? 'released' : 'failed';
      message = error instanceof Error ? error.message : String(error);
      if (end === 'failed') say(error instanceof Error ? (error.stack ?? message) : message);
    } finally {
      this.heartbeat.stop();
      signal.removeEventListener('abort', abort);
    }
    const seconds = now() - began;
    say(`${end} after ${seconds.toFixed(1)} s`);
    endClaim(claim, end, { seconds, at: this.options.wallTime(), ...(message === null ? {} : { message }) });
    if (end === 'done') removeWork(claim.folder);
    else if (end === 'late') clearAway({ remove: workPath(claim.folder, claim.number) });
    onEnd?.(index, end, message);
  }
}

/** The workspace of the highest claim below this one that left anything in it. */
function lastWork({ folder, number }: Claim): string | null {
  for (let k = number - 1; k > 0; k--) {
    const path = workPath(folder, k);
    if (existsSync(path) && readdirSync(path).length > 0) return path;
  }
  return null;
}

/** What claims left beside a result that stands is of no use; one that still works finds its folder gone and is late. */
function removeWork(folder: string): void {
  const names = readdirSync(folder);
  removeAsides(folder, names);
  for (const name of names) if (/^work\.\d+(\.part)?$/.test(name)) clearAway({ remove: join(folder, name) });
}
