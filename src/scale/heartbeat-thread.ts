/**
 * @module scale/heartbeat-thread
 *
 * The thread behind scale/heartbeat.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../core/errors.js';
import { type Beat, beat } from './beat.js';

invariant(parentPort !== null, 'scale/heartbeat-thread', 'runs as a worker thread');
const port = parentPort;
const { seconds } = workerData as { readonly seconds: number };
let current: Beat | null = null;

port.on('message', (told: Beat | null) => {
  current = told;
});

setInterval(() => {
  if (current !== null && beat(current)) port.postMessage(current.own);
}, 1000 * seconds);
