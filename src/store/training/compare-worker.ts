/**
 * @module store/training/compare-worker
 *
 * A thread of a comparison: does the tasks it is sent, one at a time, and tells how they go.
 */
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../core/errors.js';
import { type CompareAnswer, type CompareTask, perform, type RunNews } from './compare-tasks.js';
import { sentError } from '../../core/sent-error.js';
import { hearLeftovers } from '../../disk/leftovers.js';
import type { Message, Order } from './crew.js';

invariant(parentPort !== null, 'store/training/compare-worker', 'runs as a worker thread');
const port = parentPort;
const stop = new AbortController();
const send = (message: Message<CompareAnswer, RunNews>): void => port.postMessage(message);

hearLeftovers((key, what) => send({ leftover: what, key }));
port.on('message', (order: Order<CompareTask>) => {
  if ('stop' in order) {
    stop.abort();
    return;
  }
  perform(order.task, {
    signal: stop.signal,
    news: (news) => send({ news }),
    now: () => performance.now() / 1000,
    wallTime: () => Date.now() / 1000,
  }).then(
    (answer) => send({ answer }),
    (error: unknown) => send({ error: sentError(error) }),
  );
});
