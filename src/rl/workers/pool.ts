/**
 * @module rl/workers/pool
 *
 * Many environments over worker threads with shared buffers. A step is one command to every worker and one answer from each; the
 * caller waits in `Atomics.wait`, so a step is as synchronous as in process and rollouts are written once. Cost: about 10–30 µs a
 * step over the slowest worker's work.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type Complaint, FimError } from '../../core/errors.js';
import type { Environment, Snapshot } from '../environment.js';
import { make } from '../registry.js';
import { lengthOf } from '../spaces.js';
import { notRunning } from '../complaints.js';
import { checkActions, makeRows, packRows, unpackRows } from '../vector/rows.js';
import type { VectorEnvironment, VectorOptions } from '../vector/types.js';
import { ANSWER, COMMAND, FAILED, type Start, TASK, TASKS, tell, waitFor, WORDS } from './protocol.js';

interface Hand {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly words: Int32Array;
  readonly first: number;
  readonly count: number;
}

const SHARED = SharedArrayBuffer as unknown as typeof ArrayBuffer;
// Beside the sources, where a loader for TypeScript is at work, the entry is TypeScript too.
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './entry.ts' : './entry.js', import.meta.url);

/** What `makeVector` gives for more than one worker. Throws what `make` throws in a worker. */
export async function overWorkers(id: string, options: VectorOptions): Promise<VectorEnvironment> {
  const { n, workers = 'auto', options: each = {}, modules = [], execArgv } = options;
  for (const module of modules) await import(module);
  const probe: Environment = await make(id, each);
  const { spec, observationSpace, actionSpace } = probe;
  probe.close();
  const W = Math.min(n, workers === 'auto' ? availableParallelism() : workers);
  const rows = makeRows(observationSpace, n, SHARED);
  const actions = new Float64Array(new SHARED(8 * n * lengthOf(actionSpace)));
  const hands: Hand[] = [];
  const stop = (): void => hands.forEach(({ worker }) => void worker.terminate());
  try {
    const ready = Array.from({ length: W }, (_, w) => {
      const first = Math.floor((w * n) / W);
      const count = Math.floor(((w + 1) * n) / W) - first;
      const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
      const start: Start = { id, options: each, modules, first, count, rows, actions, words };
      const { hand, started } = employ(start, execArgv);
      hands.push(hand);
      return started;
    });
    await Promise.all(ready);
  } catch (error) {
    stop();
    throw error;
  }
  let open = true;
  const all = (task: number, message?: (hand: Hand) => unknown): void => {
    if (!open) throw notRunning(id, 'closed');
    const numbers = hands.map((hand) => {
      if (message) hand.port.postMessage(message(hand));
      return command(hand, task);
    });
    hands.forEach((hand, w) => waitFor(hand.words, ANSWER, (numbers[w] - 1) | 0));
    throwIfFailed(hands);
  };
  return {
    ...rows,
    spec,
    n,
    workers: W,
    observationSpace,
    actionSpace,
    reset: (how) => all(TASKS.reset, () => ({ seed: how?.seed })),
    step(given) {
      checkActions(id, actionSpace, n, given);
      for (let i = 0; i < actions.length; i++) actions[i] = given[i];
      stepAll(hands, open, id);
    },
    save() {
      all(TASKS.snapshots);
      return packRows(
        id,
        rows,
        hands.flatMap(({ port }) => received(port) as Snapshot[]),
      );
    },
    load(bytes) {
      const snapshots = unpackRows(id, n, rows, bytes);
      all(TASKS.restore, ({ first, count }) => snapshots.slice(first, first + count));
    },
    close() {
      if (!open) return;
      all(TASKS.close);
      open = false;
    },
  };
}

/** Starts a worker. `started` is settled when its environments are made, or could not be. */
function employ(
  start: Start,
  execArgv: readonly string[] | undefined,
): { hand: Hand; started: Promise<void> } {
  const { port1: port, port2 } = new MessageChannel();
  const worker = new Worker(ENTRY, {
    workerData: { start, port: port2 },
    transferList: [port2],
    ...(execArgv ? { execArgv: [...execArgv] } : {}),
  });
  const started = new Promise<void>((resolve, reject) => {
    port.once('message', (message: { error?: unknown }) => {
      if (message.error === undefined) resolve();
      else reject(revived(message.error));
    });
    worker.once('error', reject);
  }).then(() => {
    // From here on messages are fetched, not awaited, and neither side keeps the process alive.
    port.unref();
    worker.unref();
  });
  return { hand: { worker, port, words: start.words, first: start.first, count: start.count }, started };
}

/** Gives a worker something to do; returns the number of the command. */
function command({ words }: Hand, task: number): number {
  const number = (words[COMMAND] + 1) | 0;
  Atomics.store(words, TASK, task);
  tell(words, COMMAND, number);
  return number;
}

/** The hot command: nothing is allocated. */
function stepAll(hands: readonly Hand[], open: boolean, id: string): void {
  if (!open) throw notRunning(id, 'closed');
  for (let w = 0; w < hands.length; w++) command(hands[w], TASKS.step);
  for (let w = 0; w < hands.length; w++) waitFor(hands[w].words, ANSWER, (hands[w].words[COMMAND] - 1) | 0);
  throwIfFailed(hands);
}

/** Throws the first worker's complaint, after all have been fetched. */
function throwIfFailed(hands: readonly Hand[]): void {
  let failure: Error | null = null;
  for (let w = 0; w < hands.length; w++) {
    const { words, port } = hands[w];
    if (words[FAILED] === 0) continue;
    words[FAILED] = 0;
    const error = revived((received(port) as { error: unknown }).error);
    failure ??= error;
  }
  if (failure) throw failure;
}

function received(port: MessagePort): unknown {
  return (receiveMessageOnPort(port) as { message: unknown }).message;
}

/** An error that a worker sent. */
function revived(sent: unknown): Error {
  const { complaint, text } = sent as { complaint?: Complaint; text?: string };
  if (complaint) return new FimError(complaint);
  const rule = 'an environment in a worker thread failed';
  return new FimError({
    code: 'rl/worker',
    kind: 'internal',
    where: 'makeVector',
    rule,
    got: text ?? String(sent),
  });
}
