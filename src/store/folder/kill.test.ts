/** kill -9 at any moment: the run goes on to the same end, no step missing or twice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Sequence } from '../../core/random.js';
import { seedOf } from '../../stats/ztest.js';
import { readCheckpoint } from './checkpoint.js';
import { FILES } from './folder.js';
import { intercept, UPDATES, work } from '../../../test/support/killed-run.js';
import { readEvents } from '../../../test/support/read-events.js';

const root = mkdtempSync(join(tmpdir(), 'fim-kill-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const LOADER = new URL('../../../test/support/ts-loader.mjs', import.meta.url).href;
const REGISTER = `data:text/javascript,import{register}from"node:module";register(${JSON.stringify(LOADER)})`;
const PROGRAM = fileURLToPath(new URL('../../../test/support/killed-run.ts', import.meta.url));

/** All that a folder holds but what may differ: the clock in a column, in events, and the length that the column gives the table. */
function contentsOf(folder: string) {
  const at = (name: string) => join(folder, name);
  const csv = readFileSync(at(FILES.csv), 'utf8');
  const events = Uint8Array.from(readFileSync(at(FILES.events)));
  const last = readCheckpoint(at(FILES.checkpoint));
  expect(last.header.offsets).toEqual({ csv: Buffer.byteLength(csv), events: events.length });
  const checkpoints = [FILES.checkpoint, FILES.previous].map((name) => {
    const { header, arrays } = readCheckpoint(at(name));
    return { header: { ...header, offsets: { events: header.offsets.events } }, arrays };
  });
  return {
    files: readdirSync(folder).sort(),
    csv: csv.split('\n').map((line) => line.replace(/,[^,]*$/, '')),
    events: readEvents(events).map((e) => ({ ...e, wallTime: 0 })),
    checkpoints,
    manifest: readFileSync(at(FILES.manifest), 'utf8'),
    result: readFileSync(at(FILES.result), 'utf8'),
  };
}

/** One life of the run in a process of its own; how that ended. */
async function live(
  folder: string,
  life: number,
  how: string,
  count: number,
  delay: number,
): Promise<string> {
  const words = [folder, life, how, count].map(String);
  const child = spawn(process.execPath, ['--import', REGISTER, PROGRAM, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  if (how === 'patience') {
    await once(child.stdout, 'data');
    await setTimeout(delay);
    child.kill('SIGKILL');
  }
  const [code, signal] = (await exited) as [number | null, string | null];
  return signal ?? String(code);
}

describe('a run that is killed', () => {
  it('20 times at random moments ends as one that nobody killed', async () => {
    const whole = join(root, 'whole');
    work(whole, 0, UPDATES);
    const random = new Sequence(seedOf('kill'), 'test');
    const killed = join(root, 'killed');
    let reached = 0;
    for (let life = 1; life <= 20; life++) {
      const [how, count] = life % 2 ? ['operations', 1 + random.integer(250)] : ['patience', 12];
      expect(await live(killed, life, how, count, 12 * random.next())).toBe('SIGKILL');
      expect(existsSync(join(killed, FILES.result))).toBe(false);
      const checkpoint = join(killed, FILES.checkpoint);
      if (existsSync(checkpoint)) {
        const { update } = readCheckpoint(checkpoint).header;
        expect(update).toBeGreaterThanOrEqual(reached);
        reached = update;
      }
    }
    expect(reached).toBeGreaterThan(0);
    work(killed, 21, UPDATES);
    const contents = contentsOf(whole);
    expect(contentsOf(killed)).toEqual(contents);
    expect(contents.events.map((e) => e.step)).toEqual(Array.from({ length: UPDATES + 1 }, (_, i) => 8 * i));
    expect(contents.csv).toHaveLength(UPDATES + 2);
  });

  it('before, in or after any operation on a file ends as one that nobody killed', () => {
    const whole = join(root, 'short');
    let moments = 0;
    // What a kill would leave at every moment of a run of two checkpoints and a half.
    let busy = false;
    const stop = intercept(() => {
      if (busy || !existsSync(whole)) return;
      busy = true;
      cpSync(whole, join(root, `moment${moments++}`), { recursive: true });
      busy = false;
    }, false);
    try {
      work(whole, 0, 7);
    } finally {
      stop();
    }
    const contents = contentsOf(whole);
    expect(moments).toBeGreaterThan(100);
    const states = new Set<string>();
    for (let m = 0; m < moments; m++) {
      const folder = join(root, `moment${m}`);
      // The one who died: this process's number, at another time.
      for (const name of readdirSync(folder)) {
        if (name.startsWith('.lock.')) writeFileSync(join(folder, name), '1');
      }
      const checkpoint = join(folder, FILES.checkpoint);
      states.add(existsSync(checkpoint) ? String(readCheckpoint(checkpoint).header.update) : 'none');
      const hasten = intercept(() => {}, false);
      try {
        work(folder, 1 + m, 7);
      } finally {
        hasten();
      }
      expect(contentsOf(folder)).toEqual(contents);
    }
    expect([...states].sort()).toEqual(['3', '6', '7', 'none']);
  });
});
