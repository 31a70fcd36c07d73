/**
 * kill -9 at 20 random moments of a training run: it goes on to the same state, and no row is missing or twice. Moments are counted in rows
 * that a life has written, not in seconds, so that the run outlasts its kills on any machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { Sequence } from '../../src/core/random.js';
import { FILES, readCheckpoint } from '../../src/store/folder/index.js';
import { readEvents } from '../support/read-events.js';
import { trainTo } from '../support/killed-training.js';

const root = mkdtempSync(join(tmpdir(), 'fim-killed-training-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const LOADER = new URL('../support/ts-loader.mjs', import.meta.url).href;
const REGISTER = `data:text/javascript,import{register}from"node:module";register(${JSON.stringify(LOADER)})`;
const PROGRAM = fileURLToPath(new URL('../support/killed-training.ts', import.meta.url));
const KILLS = 20;

/** Waits for `ticks` bytes of a stream; false where it ends before. */
async function heard(stream: Readable, ticks: number): Promise<boolean> {
  let got = 0;
  for await (const chunk of stream) if ((got += (chunk as Buffer).length) >= ticks) return true;
  return false;
}

/** All but the clock: the column `seconds`, which stands last, and what is made of it. */
function contentsOf(folder: string) {
  const csv = readFileSync(join(folder, FILES.csv), 'utf8');
  const { header, arrays } = readCheckpoint(join(folder, FILES.checkpoint));
  const result = JSON.parse(readFileSync(join(folder, FILES.result), 'utf8')) as Record<string, unknown>;
  for (const name of ['seconds', 'stepsPerSecond', 'updateSeconds']) delete result[name];
  return {
    rows: csv.split('\n').map((line) => line.replace(/,[^,]*$/, '')),
    events: readEvents(Uint8Array.from(readFileSync(join(folder, FILES.events)))).map((e) => ({
      ...e,
      scalars: Object.entries(e.scalars ?? {}).filter(([tag]) => tag !== 'time/fps'),
    })),
    arrays,
    steps: header.steps,
    updates: header.update,
    result,
  };
}

it('a training that is killed twenty times ends as one that is not', async () => {
  const whole = join(root, 'whole');
  const killed = join(root, 'killed');
  await trainTo(whole);
  const random = new Sequence(11, 'moments of kills');
  let kills = 0;
  for (let life = 0; life < 200; life++) {
    const child = spawn(process.execPath, ['--import', REGISTER, PROGRAM, killed], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    if (kills < KILLS) {
      const alive = await heard(child.stdout, 1 + Math.floor(3 * random.next()));
      await setTimeout(10 * random.next());
      if (alive && child.kill('SIGKILL')) kills++;
    }
    const [code] = (await exited) as [number | null];
    if (code === 0) break;
  }
  expect(kills).toBe(KILLS);
  expect(contentsOf(killed)).toEqual(contentsOf(whole));
}, 400_000);
