/**
 * @module scale/heartbeat-thread
 *
 * The thread behind scale/heartbeat.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../core/errors.js';
import type { Beat } from './heartbeat.js';

invariant(parentPort !== null, 'scale/heartbeat-thread', 'runs as a worker thread');
const port = parentPort;
const { seconds } = workerData as { readonly seconds: number };
let beat: Beat = null;

port.on('message', (told: Beat) => {
  beat = told;
});

setInterval(() => {
  if (beat === null) return;
  const { own, next } = beat;
  try {
    appendFileSync(own, '.');
  } catch {
    // The file system is away for a moment: the next beat tries again, and whoever takes over is seen below.
  }
  if (existsSync(next)) port.postMessage(own);
}, 1000 * seconds);
