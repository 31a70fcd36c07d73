/**
 * @module cli/interrupt
 *
 * Ctrl-C: the first press aborts, so that the command can show what it has. The signals are then the system's again, so the second press
 * ends the process at once, however busy it is.
 */
import type { Io } from './io.js';

/** The part of Node's process that is used. */
export interface SignalSource {
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Hands the signals back, so that a process that lingers can be ended as usual. */
  release(): void;
}

/** Listens to both ways of being asked to stop. */
export function listenForInterrupts(source: SignalSource, io: Io): Interrupts {
  const abort = new AbortController();
  const release = (): void => {
    source.off('SIGINT', listener);
    source.off('SIGTERM', listener);
  };
  const listener = (): void => {
    release();
    const erase = io.stderr.isTTY ? '\r\u001b[2K' : '';
    io.stderr.write(`${erase}stopping with what is known so far; Ctrl-C again stops at once\n`);
    abort.abort();
  };
  source.on('SIGINT', listener);
  source.on('SIGTERM', listener);
  return { signal: abort.signal, release };
}
