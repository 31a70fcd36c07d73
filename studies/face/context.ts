/**
 * @module studies/face/context
 *
 * The process as a study sees it: what was asked, two streams, a clock, and the signal of the first Ctrl-C.
 */
import { createRequire } from 'node:module';
import process from 'node:process';
import type { StudyOptions } from './options.js';

/** One of the two streams. */
export interface Stream {
  write(text: string): unknown;
  /** A person watches it, so a line may be redrawn. */
  readonly isTTY?: boolean;
}

/** What is around a study, whoever runs it. */
export interface Surroundings {
  /** Data. */
  readonly stdout: Stream;
  /** Words to a person. */
  readonly stderr: Stream;
  /** Seconds from any fixed moment. */
  now(): number;
  /** Aborted: end early, and keep what is done. */
  readonly signal: AbortSignal;
  /** Of fim. */
  readonly version: string;
}

/** What the body of a study gets. */
export interface StudyContext extends Surroundings {
  readonly options: StudyOptions;
  /** The line that runs the same again. */
  readonly line: string;
}

/** This process; `release` hands its signals back. The first Ctrl-C aborts, the second ends the process. */
export function processSurroundings(): Surroundings & { release(): void } {
  const { version } = createRequire(import.meta.url)('fim/package.json') as { version: string };
  const abort = new AbortController();
  const stop = (): void => {
    if (abort.signal.aborted) process.exit(130);
    process.stderr.write('\nstopping with what is known so far; Ctrl-C again stops at once\n');
    abort.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.on(name, stop);
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => performance.now() / 1000,
    signal: abort.signal,
    version,
    release: () => signals.forEach((name) => process.off(name, stop)),
  };
}
