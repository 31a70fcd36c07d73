/**
 * @module store/training/crew
 *
 * Tasks over worker threads, each given to the next thread that is free, in order. A thread does one task at a time and hears of
 * `stop` in between its breaths; what a task then answers is its own matter. Files that a thread leaves where it ends before its work are
 * seen to, so that nobody meets the lock of a thread that is gone.
 */
import type { Worker } from 'node:worker_threads';
import { FimError } from '../../core/errors.js';
import { clearAway, type Leftover, leftover } from '../../disk/leftovers.js';
import { launch } from '../../engine/threads/launch.js';
import { revivedError, type SentError } from '../../core/sent-error.js';

/** What a thread is sent, and sends. */
export type Order<T> = { readonly task: T } | { readonly stop: true };
export type Message<A, N> =
  | { readonly news: N }
  | { readonly answer: A }
  | { readonly error: SentError }
  | { readonly leftover: Leftover | null; readonly key: number };

interface Waiting<T, A, N> {
  readonly task: T;
  readonly onNews: ((news: N) => void) | undefined;
  readonly resolve: (answer: A | null) => void;
  readonly reject: (error: Error) => void;
}

interface Hand<T, A, N> {
  readonly worker: Worker;
  current: Waiting<T, A, N> | null;
  /** Files that stand for a while, by the thread's numbers of them, and how to say that one is seen to. */
  readonly leftovers: Map<number, { readonly what: Leftover; readonly settle: () => void }>;
}

export class Crew<T, A, N> {
  private readonly hands: Hand<T, A, N>[] = [];
  private readonly queue: Waiting<T, A, N>[] = [];
  private stopped = false;

  constructor(
    private readonly entry: URL,
    private readonly size: number,
  ) {}

  /** What the task answers; null where `stop` came before its turn. Rejects with what it threw. */
  do(task: T, onNews?: (news: N) => void): Promise<A | null> {
    if (this.stopped) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.queue.push({ task, onNews, resolve, reject });
      this.next();
    });
  }

  /** Asks every thread to come to an end; what waits is not begun. */
  stop(): void {
    this.stopped = true;
    for (const { resolve } of this.queue.splice(0)) resolve(null);
    for (const { worker } of this.hands) worker.postMessage({ stop: true } satisfies Order<T>);
  }

  async close(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.hands.splice(0).map(({ worker }) => worker.terminate()));
  }

  private next(): void {
    while (this.queue.length > 0) {
      const free = this.hands.find((h) => h.current === null) ?? this.employ();
      if (free === null) return;
      const waiting = this.queue.shift() as Waiting<T, A, N>;
      free.current = waiting;
      free.worker.postMessage({ task: waiting.task } satisfies Order<T>);
    }
  }

  private employ(): Hand<T, A, N> | null {
    if (this.hands.length >= this.size) return null;
    const worker = launch(this.entry);
    const hand: Hand<T, A, N> = { worker, current: null, leftovers: new Map() };
    const settle = (how: (waiting: Waiting<T, A, N>) => void): void => {
      const { current } = hand;
      hand.current = null;
      if (current !== null) how(current);
      this.next();
    };
    const gone = (error: Error): void => {
      const at = this.hands.indexOf(hand);
      if (at >= 0) this.hands.splice(at, 1);
      for (const key of [...hand.leftovers.keys()]) seeTo(hand, key, clearAway);
      settle(({ reject }) => reject(error));
    };
    worker.on('message', (message: Message<A, N>) => {
      if ('leftover' in message) hear(hand, message.key, message.leftover);
      else if ('news' in message) hand.current?.onNews?.(message.news);
      else if ('answer' in message) settle(({ resolve }) => resolve(message.answer));
      else settle(({ reject }) => reject(revivedError(message.error, failure)));
    });
    worker.on('error', (error) => gone(ended(error instanceof Error ? error.message : String(error))));
    worker.on('exit', (code) => gone(ended(`it ended with code ${code}`)));
    this.hands.push(hand);
    return hand;
  }
}

/** A thread says that a file stands for a while, or that it is seen to. */
function hear(hand: Pick<Hand<never, never, never>, 'leftovers'>, key: number, what: Leftover | null): void {
  if (what === null) seeTo(hand, key);
  else hand.leftovers.set(key, { what, settle: leftover(what) });
}

/** Ends the standing of a file; of a thread that is gone, by `act`. */
function seeTo(
  { leftovers }: Pick<Hand<never, never, never>, 'leftovers'>,
  key: number,
  act?: (what: Leftover) => void,
): void {
  const held = leftovers.get(key);
  if (held === undefined) return;
  act?.(held.what);
  held.settle();
  leftovers.delete(key);
}

/** A thread that is no more: out of memory, or ended from inside. */
function ended(got: string): FimError {
  return new FimError({
    code: 'compare/thread-ended',
    where: 'rl compare',
    rule: 'the thread of a run ended before the run did',
    got,
    cause: 'no memory left for it, or code of the environment that ended it',
    next: 'fewer `workers`, or look at the environment',
  });
}

function failure(got: string): FimError {
  return new FimError({
    code: 'compare/thread',
    kind: 'internal',
    where: 'rl compare',
    rule: 'a run in a worker thread failed',
    got,
  });
}
