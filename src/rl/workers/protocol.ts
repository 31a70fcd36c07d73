/**
 * @module rl/workers/protocol
 *
 * Protocol between a thread and its workers: a command and an answer are two words of shared memory each, waited for with Atomics; what is
 * bigger than a word (errors, snapshots) goes over a message port, read at once with `receiveMessageOnPort`.
 *
 *   word 0   command number, raised by the caller once for each command: the worker waits for it
 *   word 1   what to do
 *   word 2   answer number, set to the command number by the worker: the caller waits for it
 *   word 3   1 where the command failed
 */
import type { Rows } from '../vector/types.js';
import type { MakeOptions } from '../registration.js';

export const WORDS = 4;
export const COMMAND = 0;
export const TASK = 1;
export const ANSWER = 2;
export const FAILED = 3;

export const TASKS = { step: 0, reset: 1, snapshots: 2, restore: 3, close: 4 } as const;

/** What a worker starts with. */
export interface Start {
  readonly id: string;
  readonly options: MakeOptions;
  readonly modules: readonly string[];
  readonly first: number;
  readonly count: number;
  readonly rows: Rows;
  readonly actions: Float64Array;
  readonly words: Int32Array;
}

/** Looks this often (about 50 µs) before sleeping: a quick answer costs no system call. */
const SPINS = 10_000;

/** Milliseconds of sleep after which the other side is looked at. */
const PATIENCE = 200;

/** Waits until words[at] is no longer `old`; false where the other side is gone, as `lost` says, and it never will. */
export function waitFor(
  words: Int32Array,
  at: number,
  old: number,
  lost: () => boolean = () => false,
): boolean {
  for (let i = 0; i < SPINS; i++) if (Atomics.load(words, at) !== old) return true;
  while (Atomics.load(words, at) === old) {
    if (Atomics.wait(words, at, old, PATIENCE) === 'timed-out' && lost())
      return Atomics.load(words, at) !== old;
  }
  return true;
}

export function tell(words: Int32Array, at: number, value: number): void {
  Atomics.store(words, at, value);
  Atomics.notify(words, at);
}
