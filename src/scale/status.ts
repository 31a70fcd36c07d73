/**
 * @module scale/status
 *
 * Status of a folder of tasks from its files: how many are done, at work, given up, and how long the rest takes. Expected seconds are
 * corrected by what the finished tasks took.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { claimPath, holderIn } from './claim.js';
import type { TaskFolder } from './folder.js';
import { standingOf } from './state.js';

/** A task that was given up. */
export interface FailedTask {
  /** Its name. */
  readonly name: string;
  /** Its place in the list. */
  readonly index: number;
  /** What it said at last. */
  readonly message: string;
}

/** Where the work stands. */
export interface TasksStatus {
  /** Name of the kind of work. */
  readonly kind: string;
  /** How many there are. */
  readonly tasks: number;
  /** Results that stand. */
  readonly done: number;
  /** Claims that gave a sign of life lately. */
  readonly running: number;
  /** Given up after their attempts. */
  readonly failed: number;
  /** Expected, with as many workers as are running, at least one. */
  readonly secondsLeft: number;
  /** Those that were given up. */
  readonly failures: readonly FailedTask[];
}

/** Looks at the folder; `wallTime` in seconds since 1970. Throws `tasks/damaged`. */
export function statusOf(folder: TaskFolder, wallTime: number): TasksStatus {
  const { plan } = folder;
  const failures: FailedTask[] = [];
  let [done, running, took, expected, rest] = [0, 0, 0, 0, 0];
  for (const [index, task] of plan.tasks.entries()) {
    const names = folder.names(index);
    const path = folder.taskPath(index);
    const standing = standingOf(names, plan.attempts);
    if (standing === 'done') {
      done++;
      const seconds = endedIn(path, names.ends);
      if (seconds !== null) {
        took += seconds;
        expected += task.seconds;
      }
    } else if (standing === 'failed') {
      failures.push({ name: task.name, index, message: messageIn(path, names.failures, names.losses) });
    } else {
      rest += task.seconds;
      const claim = standing === 'held' ? claimPath(path, names.claim) : null;
      const age = claim === null ? null : ageOf(claim, wallTime);
      if (claim === null || age === null || age > plan.staleSeconds) continue;
      running++;
      const at = holderIn(readFileSync(claim, 'utf8'))?.at ?? wallTime;
      rest -= Math.min(task.seconds, Math.max(0, wallTime - at));
    }
  }
  const pace = expected > 0 ? took / expected : 1;
  const secondsLeft = (pace * rest) / Math.max(1, running);
  return {
    kind: plan.kind,
    tasks: plan.tasks.length,
    done,
    running,
    failed: failures.length,
    secondsLeft,
    failures,
  };
}

function ageOf(path: string, wallTime: number): number | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : wallTime - stat.mtimeMs / 1000;
}

/** What the claim that made the result took; null where it died before it said so. */
function endedIn(path: string, ends: ReadonlyMap<number, string>): number | null {
  const winner = [...ends].find(([, end]) => end === 'done')?.[0];
  return winner === undefined ? null : (factsOf(path, `done.${winner}`).seconds ?? null);
}

function messageIn(path: string, failures: readonly number[], losses: number): string {
  const last = failures.at(-1);
  if (last === undefined) return `its worker was lost ${losses} times`;
  return factsOf(path, `failed.${last}`).message ?? 'it failed';
}

interface EndFacts {
  readonly seconds?: number;
  readonly message?: string;
}

/** Of a file that is being written: nothing yet. */
function factsOf(path: string, name: string): EndFacts {
  try {
    return JSON.parse(readFileSync(join(path, name), 'utf8')) as EndFacts;
  } catch {
    return {};
  }
}
