/**
 * A worker on a folder of test tasks, as a process of its own: `task-worker.ts MODE FOLDER MILLISECONDS`.
 *   work    performs tasks: n → the text of n², after so many milliseconds; a task of n < 0 always fails, one of n > 10⁶ ends its process
 *   gated   performs tasks as `work` does once the file of `gateOf` is there, deaf to whatever tells it to stop
 *   claim   waits for a line, claims every task and holds it until it is killed; prints how many it got
 * Prints `ready` before it begins.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownHolder, tryClaim, Watch } from '../../src/scale/claim.js';
import { openTasks, type TaskFolder } from '../../src/scale/folder.js';
import type { Performer } from '../../src/scale/kind.js';
import { workOn } from '../../src/scale/work.js';
import { processClock } from './clock.js';

const { seconds, wallTime } = processClock;

export const squares = (milliseconds: number): Performer => ({
  async perform({ task, signal }) {
    const n = task.input as number;
    if (n < 0) throw new Error(`no square of ${n}`);
    if (n > 1e6) process.kill(process.pid, 'SIGKILL');
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
    return signal.aborted ? null : new TextEncoder().encode(String(n * n));
  },
  close: () => undefined,
});

/** The file that gated workers of a folder wait for. */
export const gateOf = (folder: Pick<TaskFolder, 'path'>): string => `${folder.path}.gate`;

const gated = (folder: TaskFolder): Performer => ({
  async perform({ task }) {
    while (!existsSync(gateOf(folder))) await sleep(5);
    return new TextEncoder().encode(String((task.input as number) ** 2));
  },
  close: () => undefined,
});

const [, , mode, path, milliseconds] = process.argv;
if (mode === 'work' || mode === 'gated' || mode === 'claim') {
  const folder = openTasks(path);
  process.stdout.write('ready\n');
  const now = seconds;
  if (mode === 'claim') {
    await once(process.stdin, 'data');
    const own = ownHolder();
    const watch = new Watch(own, folder.plan.staleSeconds, now);
    const got = [...folder.plan.tasks.keys()].filter(
      (i) => typeof tryClaim(folder.taskPath(i), own, watch, { attempts: 3, at: 0 }) === 'object',
    );
    process.stdout.write(`${got.length}\n`);
  } else {
    const stop = new AbortController();
    process.on('SIGTERM', () => stop.abort());
    const performer = mode === 'gated' ? gated(folder) : squares(Number(milliseconds));
    const report = await workOn(folder, performer, {
      signal: stop.signal,
      now,
      wallTime,
      onEnd: (index, end) => process.stdout.write(`${index} ${end}\n`),
    });
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
}
