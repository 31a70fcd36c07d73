/**
 * @module scale/state
 *
 * State of a task from the names in its folder alone. Claim k leaves `claim.k`; a claim that ended leaves `done.k`, `late.k`, `released.k` or
 * `failed.k` beside it; `result` stands there once and is never replaced. A claim below the highest without an end was lost: its worker
 * died, or slept until another took over. The SHA-256 of the result is the name of an empty file, `sealed.…`, which is there before it.
 */
import { join } from 'node:path';

/** How a claim ended: its result was placed, another's was, it was given back, or it failed. */
export type End = 'done' | 'late' | 'released' | 'failed';

/** What the names in a task's folder say. */
export interface TaskNames {
  /** Whether the result stands. */
  readonly result: boolean;
  /** The highest claim; 0 where nobody has claimed it. */
  readonly claim: number;
  /** How claims ended, by number. */
  readonly ends: ReadonlyMap<number, End>;
  /** Claims that failed, in order. */
  readonly failures: readonly number[];
  /** Claims that were taken over. */
  readonly losses: number;
}

/** The file whose name says that a result of this SHA-256 was made for the task. */
export const sealPath = (folder: string, digest: string): string => join(folder, `sealed.${digest}`);

const NUMBERED = /^(claim|done|late|released|failed)\.(\d+)$/;

/** Reads the names of a task's folder. */
export function namesOf(names: readonly string[]): TaskNames {
  const ends = new Map<number, End>();
  let claim = 0;
  for (const name of names) {
    const [, what, text] = NUMBERED.exec(name) ?? [];
    if (what === undefined) continue;
    if (what === 'claim') claim = Math.max(claim, Number(text));
    else ends.set(Number(text), what as End);
  }
  const failures = [...ends].filter(([, end]) => end === 'failed').map(([k]) => k);
  let losses = 0;
  for (let k = 1; k < claim; k++) if (!ends.has(k)) losses++;
  return { result: names.includes('result'), claim, ends, failures: failures.sort((a, b) => a - b), losses };
}

/** Takeovers after which a task counts as one that kills its workers. */
export const MAX_LOSSES = 10;

/** What may be done with a task: `held` by a claim that has not ended, `free`, or over. */
export type Standing = 'done' | 'failed' | 'held' | 'free';

/** The standing of a task after `attempts` failures at most. */
export function standingOf(names: TaskNames, attempts: number): Standing {
  if (names.result) return 'done';
  if (names.failures.length >= attempts || names.losses >= MAX_LOSSES) return 'failed';
  return names.claim > 0 && !names.ends.has(names.claim) ? 'held' : 'free';
}
