import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { LOADER } from '../engine/threads/launch.js';
import { isFolder, makeFolder } from './paths.js';

const root = mkdtempSync(join(tmpdir(), 'fim-paths-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('makes a folder and those above it, and is content where it is there', () => {
  const path = join(root, 'a/b/c');
  makeFolder(path);
  makeFolder(path);
  expect(isFolder(path)).toBe(true);
});

it('two threads that make the same 500 paths at the same time both have them', async () => {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const code = `
    import { workerData } from 'node:worker_threads';
    const { makeFolder } = await import(workerData.module);
    const { root, shared } = workerData;
    for (let i = 1; i <= 500; i++) {
      Atomics.add(shared, 0, 1);
      while (Atomics.load(shared, 0) < 2 * i);
      makeFolder(root + '/' + i + '/x/y');
    }`;
  const module = new URL('./paths.ts', import.meta.url).href;
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const ends = [0, 1].map(
    () =>
      new Promise<number>((resolve, reject) => {
        const workerData = { module, root, shared };
        const worker = new Worker(url, { workerData, execArgv: ['--import', LOADER.href] });
        worker.once('error', reject);
        worker.once('exit', resolve);
      }),
  );
  expect(await Promise.all(ends)).toEqual([0, 0]);
  expect(isFolder(join(root, '500/x/y'))).toBe(true);
});
