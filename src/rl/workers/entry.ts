/**
 * @module rl/workers/entry
 *
 * A worker thread: makes its share of the environments, says so, then waits for commands until it is told to close. It never goes
 * back to its event loop in between.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { invariant } from '../../core/errors.js';
import { sentError } from '../../core/sent-error.js';
import type { Environment, Snapshot } from '../environment.js';
import { make } from '../registry.js';
import { Slice } from '../vector/slice.js';
import { useModule } from './user-module.js';
import { ANSWER, COMMAND, FAILED, type Start, TASK, TASKS, tell, waitFor } from './protocol.js';

async function main(start: Start, port: MessagePort): Promise<void> {
  for (const module of start.modules) await useModule(module);
  const environments: Environment[] = [];
  for (let i = 0; i < start.count; i++) environments.push(await make(start.id, start.options));
  const [{ observationSpace, actionSpace, spec }] = environments;
  const slice = new Slice(environments, start.rows, start.first);
  port.postMessage({ ready: { observationSpace, actionSpace, spec } });
  serve(slice, start, port);
}

function serve(slice: Slice, { words, actions }: Start, port: MessagePort): void {
  for (let done = 0; ; done = (done + 1) | 0) {
    waitFor(words, COMMAND, done);
    const task = Atomics.load(words, TASK);
    try {
      perform(slice, task, actions, port);
    } catch (error) {
      port.postMessage({ error: sentError(error) });
      Atomics.store(words, FAILED, 1);
    }
    tell(words, ANSWER, (done + 1) | 0);
    if (task === TASKS.close) return;
  }
}

function perform(slice: Slice, task: number, actions: Float64Array, port: MessagePort): void {
  const given = (): unknown => (receiveMessageOnPort(port) as { message: unknown }).message;
  switch (task) {
    case TASKS.step:
      return slice.step(actions);
    case TASKS.reset:
      return slice.reset((given() as { seed: number | undefined }).seed);
    case TASKS.snapshots:
      return port.postMessage(slice.snapshots());
    case TASKS.restore:
      return slice.restore(given() as Snapshot[]);
    default:
      return slice.close();
  }
}

invariant(parentPort !== null, 'rl/workers/entry', 'runs as a worker thread');
const { start, port } = workerData as { start: Start; port: MessagePort };
main(start, port)
  .catch((error: unknown) => port.postMessage({ error: sentError(error) }))
  .finally(() => port.close());
