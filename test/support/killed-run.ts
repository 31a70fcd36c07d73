/**
 * A small run for tests to kill: a random walk of some numbers, a row an update, a checkpoint every third. As a program
 *
 *   killed-run FOLDER LIFE operations N    dies at its N-th operation on a file, in the middle of it where that is a write
 *   killed-run FOLDER LIFE patience N      says that it began, makes at most N updates, then waits to be killed
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Sequence, type SequenceState } from '../../src/core/random.js';
import { openRunFolder } from '../../src/store/folder/folder.js';

export const UPDATES = 180;

/** Every change that a run makes to a disk. */
export const OPERATIONS = [
  'openSync',
  'writeSync',
  'fsyncSync',
  'ftruncateSync',
  'renameSync',
  'linkSync',
  'unlinkSync',
  'rmSync',
  'writeFileSync',
  'mkdirSync',
] as const;

type Operation = (typeof OPERATIONS)[number];

/**
 * Calls `around` before and after every operation, and between the halves of every write, with its name and what it is done to.
 * Without `flush`, flushes do nothing: a kill, unlike a power cut, loses nothing that the system was given. Returns how to stop.
 */
export function intercept(around: (name: Operation, target: unknown) => void, flush = true): () => void {
  const kept = OPERATIONS.map((name) => [name, fs[name]] as const);
  for (const [name, original] of kept) {
    const call = original as (...args: unknown[]) => unknown;
    const wrapped = (...args: unknown[]): unknown => {
      around(name, args[0]);
      if (name === 'writeSync') {
        const [handle, bytes, from, count, position] = args as [number, Uint8Array, number, number, number?];
        // A write may always take fewer bytes than it was given.
        if (count > 1) args = [handle, bytes, from, count >> 1, position];
      }
      const result = name === 'fsyncSync' && !flush ? undefined : call(...args);
      around(name, args[0]);
      return result;
    };
    Object.assign(fs, { [name]: wrapped });
  }
  syncBuiltinESMExports();
  return () => {
    for (const [name, original] of kept) Object.assign(fs, { [name]: original });
    syncBuiltinESMExports();
  };
}

/** Runs, or goes on, to the end. `life` colours what may differ between runs: the clock. */
export function work(
  path: string,
  life: number,
  updates: number,
  each: (made: number) => void = () => {},
): void {
  const folder = openRunFolder(path, {
    environment: 'Walk-v0',
    algorithm: 'none',
    settings: { updates },
    columns: ['steps', 'value', 'gone', 'seconds'],
    build: { fim: '0.0.0', engine: 'none' },
  });
  if (folder.state === 'done') return;
  const walk = new Float64Array(300);
  const single = new Float32Array(500);
  let random = new Sequence(7, 'walk');
  let update = 0;
  if (folder.checkpoint !== null) {
    const { header, arrays } = folder.checkpoint;
    walk.set(arrays.walk);
    single.set(arrays.single);
    random = Sequence.from(header.state as unknown as SequenceState);
    ({ update } = header);
  }
  for (let made = 0; update < updates; made++) {
    each(made);
    for (let i = 0; i < walk.length; i++) walk[i] += random.next() - 0.5;
    for (let i = 0; i < single.length; i++) single[i] = walk[i % 300] * i;
    update++;
    const row = { steps: 8 * update, value: walk[0], gone: null, seconds: 1 / (life + update) };
    folder.log(row, { 'rollout/ep_rew_mean': walk[0], 'train/approx_kl': walk[1] }, 1.7e9 + life / 7);
    if (update % 3 === 0 || update === updates) {
      const blob = Uint8Array.of(update & 255, 1, 2);
      folder.save({ update, steps: 8 * update, state: random.state(), arrays: { walk, single, blob } });
    }
  }
  folder.finish({ mean: walk[0] });
}

function main([path, life, how, count]: string[]): void {
  let left = Number(count);
  const wait = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (how === 'operations') {
    intercept(() => {
      if (--left > 0) return;
      process.kill(process.pid, 'SIGKILL');
      wait();
    });
  }
  work(path, Number(life), UPDATES, (made) => {
    if (how !== 'patience') return;
    if (made === 0) fs.writeFileSync(1, 'began\n');
    if (made >= left) wait();
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv.slice(2));
