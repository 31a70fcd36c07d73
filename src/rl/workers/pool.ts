/**
 * @module rl/workers/pool
 *
 * Many environments over threads with shared buffers: the caller's own steps the first share, a worker thread each of the others. A
 * step is one command to every worker and one answer from each, waited for in `Atomics.wait`, so it is as synchronous as in process
 * and rollouts are written once. Cost: about 20–40 µs a step over the slowest share.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { FimError } from '../../core/errors.js';
import { revivedError, type SentError } from '../../core/sent-error.js';
import type { Environment, Snapshot } from '../environment.js';
import { make } from '../registry.js';
import { lengthOf } from '../spaces.js';
import { notRunning } from '../complaints.js';
import { Slice } from '../vector/slice.js';
import { checkActions, makeRows, packRows, unpackRows } from '../vector/rows.js';
import type { VectorEnvironment, VectorOptions } from '../vector/types.js';
import { launch } from '../../engine/threads/launch.js';
import { moduleUrl } from './user-module.js';
import { ANSWER, COMMAND, FAILED, type Start, TASK, TASKS, tell, waitFor, WORDS } from './protocol.js';

interface Hand {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly words: Int32Array;
  readonly first: number;
  readonly count: number;
  /** It ended before it was told to. */
  lost: boolean;
}

const SHARED = SharedArrayBuffer as unknown as typeof ArrayBuffer;
const ENTRY = new URL('./entry', import.meta.url);

/**
 * What `makeVector` gives for more than one worker. Throws what `make` throws, here or in a worker.
 * @throws FimError with `random/seed`, `random/sequence`, `rl/action-finite`, `rl/action-range`, `rl/action-shape`, `rl/closed`,
 * `rl/dynamics`, `rl/ended`, `rl/environment-number`, `rl/environment-returns`, `rl/environment-threw`, `rl/new`, `rl/not-reset`,
 * `rl/option`, `rl/saved`, `rl/space`, `rl/state`, `rl/unknown`
 */
export async function overWorkers(id: string, options: VectorOptions): Promise<VectorEnvironment> {
  const { n, workers = 'auto', options: each = {} } = options;
  const modules = (options.modules ?? []).map(moduleUrl);
  const W = Math.min(n, workers === 'auto' ? availableParallelism() : workers);
  const share = (w: number): number => Math.floor((w * n) / W);
  const own: Environment[] = [await make(id, each)];
  const [{ spec, observationSpace, actionSpace }] = own;
  const rows = makeRows(observationSpace, n, SHARED);
  const actions = new Float64Array(new SHARED(8 * n * lengthOf(actionSpace)));
  const hands: Hand[] = [];
  try {
    const ready = Array.from({ length: W - 1 }, (_, w) => {
      const first = share(w + 1);
      const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
      const start = { id, options: each, modules, first, count: share(w + 2) - first, rows, actions, words };
      const { hand, started } = employ(start);
      hands.push(hand);
      return started;
    });
    while (own.length < share(1)) own.push(await make(id, each));
    await Promise.all(ready);
  } catch (error) {
    for (const { worker } of hands) void worker.terminate();
    for (const env of own) env.close();
    throw error;
  }
  const slice = new Slice(own, rows, 0);
  let open = true;
  /** The same task for every worker and, meanwhile, for this thread. */
  const all = (task: number, mine: () => void, message?: (hand: Hand) => unknown): void => {
    if (!open) throw notRunning(id, 'closed');
    for (const hand of hands) {
      if (message) hand.port.postMessage(message(hand));
      command(hand, task);
    }
    together(hands, mine);
  };
  const stepOwn = (): void => slice.step(actions);
  return {
    ...rows,
    spec,
    n,
    workers: W,
    observationSpace,
    actionSpace,
    reset: (how) =>
      all(
        TASKS.reset,
        () => slice.reset(how?.seed),
        () => ({ seed: how?.seed }),
      ),
    step(given) {
      if (!open) throw notRunning(id, 'closed');
      checkActions(id, actionSpace, n, given);
      for (let i = 0; i < actions.length; i++) actions[i] = given[i];
      for (let w = 0; w < hands.length; w++) command(hands[w], TASKS.step);
      together(hands, stepOwn);
    },
    save() {
      let snapshots: Snapshot[] = [];
      all(TASKS.snapshots, () => (snapshots = slice.snapshots()));
      for (const { port } of hands) snapshots.push(...(received(port) as Snapshot[]));
      return packRows(id, rows, snapshots);
    },
    load(bytes) {
      const snapshots = unpackRows(id, n, rows, bytes);
      const restore = (): void => slice.restore(snapshots.slice(0, own.length));
      all(TASKS.restore, restore, ({ first, count }) => snapshots.slice(first, first + count));
    },
    close() {
      if (!open) return;
      try {
        all(TASKS.close, () => slice.close());
      } catch (error) {
        if (!hands.some((hand) => hand.lost)) throw error;
      }
      open = false;
    },
  };
}

/** Does this thread's part while the workers do theirs, and waits for all; then throws the first complaint, if any. */
function together(hands: readonly Hand[], mine: () => void): void {
  let failure: Error | null = null;
  try {
    mine();
  } catch (error) {
    failure = error as Error;
  }
  for (let w = 0; w < hands.length; w++) {
    const hand = hands[w];
    const { words, port } = hand;
    hand.lost ||= !waitFor(words, ANSWER, (words[COMMAND] - 1) | 0, () => isGone(hand.worker));
    if (hand.lost) failure ??= workerLost(hand);
    if (hand.lost || words[FAILED] === 0) continue;
    words[FAILED] = 0;
    const error = revivedError((received(port) as { error: SentError }).error, failed);
    failure ??= error;
  }
  if (failure) throw failure;
}

/** Starts a worker. `started` is settled when its environments are made, or could not be. */
function employ(start: Start): { hand: Hand; started: Promise<void> } {
  const { port1: port, port2 } = new MessageChannel();
  const worker = launch(ENTRY, {
    workerData: { start, port: port2 },
    transferList: [port2],
  });
  const { words, first, count } = start;
  const hand: Hand = { worker, port, words, first, count, lost: false };
  const started = new Promise<void>((resolve, reject) => {
    port.once('message', (message: { error?: SentError }) => {
      if (message.error === undefined) resolve();
      else reject(revivedError(message.error, failed));
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(workerLost(hand)));
  }).then(() => {
    // From here on messages are fetched, not awaited, and neither side keeps the process alive.
    port.unref();
    worker.unref();
  });
  return { hand, started };
}

/** Whether a thread has ended, seen without a turn of this thread's loop: the loop of one that has no idle time to tell. */
const isGone = (worker: Worker): boolean => worker.performance.eventLoopUtilization().idle < 0;

function workerLost({ first, count }: Hand): FimError {
  return new FimError({
    code: 'rl/worker-lost',
    kind: 'unsupported',
    where: `environments ${first} to ${first + count - 1}`,
    rule: 'the thread that steps them ended before it answered',
    cause: 'no memory left for it, or code of the environment that ended it',
    next: '`workers: 1`, or look at the environment',
  });
}

/** Gives a worker something to do. */
function command({ words }: Hand, task: number): void {
  Atomics.store(words, TASK, task);
  tell(words, COMMAND, (words[COMMAND] + 1) | 0);
}

function received(port: MessagePort): unknown {
  return (receiveMessageOnPort(port) as { message: unknown }).message;
}

function failed(got: string): FimError {
  return new FimError({
    code: 'rl/worker',
    kind: 'internal',
    where: 'makeVector',
    rule: 'an environment in a worker thread failed',
    got,
  });
}
