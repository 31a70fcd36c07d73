/** Signs of life go on where the thread that gives them is lost. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimPath } from './claim.js';
import { Heartbeat } from './heartbeat.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fim-beat-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const until = async (that: () => boolean): Promise<void> => {
  while (!that()) await new Promise((done) => setTimeout(done, 5));
};

it('is heard from this thread where its own is lost, and sees a takeover', async () => {
  const heart = new Heartbeat(0.01);
  const own = claimPath(folder, 1);
  writeFileSync(own, '');
  const size = (): number => statSync(own).size;
  let lost = 0;
  heart.start({ folder, number: 1, settle: () => undefined }, () => lost++);
  await until(() => size() > 1);
  await (heart as unknown as { thread: Worker }).thread.terminate();
  const before = size();
  await until(() => size() > before + 2);
  expect(lost).toBe(0);
  writeFileSync(claimPath(folder, 2), '');
  await until(() => lost > 0);
  heart.stop();
  const [beats, heard] = [size(), lost];
  await new Promise((done) => setTimeout(done, 50));
  expect([size(), lost]).toEqual([beats, heard]);
  await heart.close();
});
