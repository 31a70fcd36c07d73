/** A run folder begins, goes on, is done, and says clearly why it cannot. */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import { FILES, openRunFolder, readRunFolder, type RunDescription } from './folder.js';
import { intercept } from '../../../test/support/killed-run.js';
import { readEvents } from '../../../test/support/read-events.js';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'fim-folder-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const description: RunDescription = {
  environment: 'CartPole-v1',
  algorithm: 'ppo',
  settings: { seed: 1, steps: 1000, hidden: [64, 64] },
  columns: ['steps', 'return_mean', 'seconds'],
  build: { fim: '0.1.0', engine: 'simd128' },
};
const arrays = (u: number) => ({
  weights: Float32Array.of(0.1 * u, -0),
  moments: Float64Array.of(Math.PI * u),
  collector: Uint8Array.of(u, 255),
});
const row = (steps: number) => ({ steps, return_mean: steps / 3, seconds: steps * 1e-3 });
const open = (change: Partial<RunDescription> = {}, at = 'run') =>
  openRunFolder(join(root, at), { ...description, ...change });
const file = (name: keyof typeof FILES, at = 'run') => join(root, at, FILES[name]);
const text = (name: keyof typeof FILES) => readFileSync(file(name), 'utf8');

function complaintOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (error instanceof FimError) return error.complaint;
    throw error;
  }
  throw new FimError({ code: 'test', where: 'complaintOf', rule: 'throws' });
}

/** Three updates: rows of 1 and 2 with a checkpoint behind each, a row of 3 without. */
function begin(): void {
  const folder = open();
  expect(folder.state).toBe('fresh');
  expect(folder.checkpoint).toBeNull();
  for (const u of [1, 2, 3]) {
    folder.log(row(10 * u), { 'rollout/ep_rew_mean': u / 3, 'time/fps': 100 }, 1.7e9 + u);
    if (u < 3) folder.save({ update: u, steps: 10 * u, state: { note: `u${u}` }, arrays: arrays(u) });
  }
  folder.close();
}

describe('openRunFolder', () => {
  it('goes on from the last checkpoint, with the logs cut to it', () => {
    begin();
    expect(text('csv').split('\n').length).toBe(5);
    const folder = open();
    expect(folder.state).toBe('resume');
    expect(folder.notes).toEqual([]);
    expect(folder.checkpoint?.header).toMatchObject({ update: 2, steps: 20, rows: 2, state: { note: 'u2' } });
    expect(folder.checkpoint?.arrays).toEqual(arrays(2));
    expect(text('csv')).toBe(`steps,return_mean,seconds\n10,${10 / 3},0.01\n20,${20 / 3},0.02\n`);
    folder.log(row(30), { 'rollout/ep_rew_mean': 1 }, 1.7e9);
    folder.save({ update: 3, steps: 30, arrays: arrays(3) });
    folder.finish({ mean: 1.5 });
    const events = readEvents(readFileSync(file('events')));
    expect(events.map((e) => e.step)).toEqual([0, 10, 20, 30]);
    expect(events[2].scalars).toEqual({ 'rollout/ep_rew_mean': Math.fround(2 / 3), 'time/fps': 100 });
  });

  it('is done once it has its result, and is not written again', () => {
    begin();
    const folder = open();
    folder.finish({ mean: 1.5 });
    const again = open();
    expect(again.state).toBe('done');
    expect(again.result).toEqual({ mean: 1.5 });
    expect(again.checkpoint?.header.update).toBe(2);
    expect(() => again.log(row(99), {}, 0)).toThrow('done or closed');
    expect(readRunFolder(join(root, 'run')).result).toEqual({ mean: 1.5 });
    expect(complaintOf(() => open({ algorithm: 'trpo' })).code).toBe('run/of-another');
  });

  it('starts again where it was killed before its first checkpoint', () => {
    const folder = open();
    folder.log(row(10), { a: 1 }, 1);
    folder.close();
    const again = open();
    expect(again.state).toBe('fresh');
    expect(text('csv')).toBe('steps,return_mean,seconds\n');
    expect(readFileSync(file('events')).length).toBe(0);
    again.close();
  });

  it.each<[string, Partial<RunDescription>, string]>([
    ['environment', { environment: 'Acrobot-v1' }, 'environment: "CartPole-v1" where "Acrobot-v1" is asked'],
    ['algorithm', { algorithm: 'trpo' }, 'algorithm: "ppo" where "trpo" is asked'],
    [
      'setting',
      { settings: { ...description.settings, seed: 2, clip: 0.2 } },
      'settings.clip: nothing where 0.2 is asked; settings.seed: 1 where 2 is asked',
    ],
  ])('refuses a run of another %s, says which, and loses nothing', (_, change, got) => {
    begin();
    const before = Object.values(FILES).map((n) => join(root, 'run', n));
    const bytes = before.map((p) => (existsSync(p) ? readFileSync(p) : null));
    expect(complaintOf(() => open(change))).toMatchObject({ code: 'run/of-another', got });
    expect(before.map((p) => (existsSync(p) ? readFileSync(p) : null))).toEqual(bytes);
    open().close();
  });

  it('does not mind the order of keys', () => {
    begin();
    const folder = open({ settings: { hidden: [64, 64], steps: 1000, seed: 1 } });
    expect(folder.state).toBe('resume');
    folder.close();
  });

  it('refuses the checkpoint of another run in its place', () => {
    begin();
    const other = open({ environment: 'Pendulum-v1' }, 'other');
    other.save({ update: 1, steps: 5, arrays: {} });
    other.close();
    renameSync(file('checkpoint', 'other'), file('checkpoint'));
    expect(complaintOf(open)).toMatchObject({
      code: 'run/of-another',
      where: file('checkpoint'),
      got: 'environment: "Pendulum-v1" where "CartPole-v1" is asked',
    });
  });

  it('says how to go back from a damaged checkpoint, and that works', () => {
    begin();
    const bytes = readFileSync(file('checkpoint'));
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(file('checkpoint'), bytes);
    const complaint = complaintOf(open);
    expect(complaint.code).toBe('run/checkpoint-damaged');
    expect(complaint.next).toContain(`mv ${file('previous')} ${file('checkpoint')}`);
    renameSync(file('previous'), file('checkpoint'));
    const folder = open();
    expect(folder.checkpoint?.header.update).toBe(1);
    expect(text('csv')).toBe(`steps,return_mean,seconds\n10,${10 / 3},0.01\n`);
    folder.close();
  });

  it('refuses other columns, a log that lost its end, a checkpoint removed, a folder of something else', () => {
    begin();
    expect(complaintOf(() => open({ columns: ['steps', 'kl'] }))).toMatchObject({
      code: 'run/csv-header',
      got: 'steps,return_mean,seconds',
    });
    writeFileSync(file('csv'), 'steps,return_mean,seconds\n');
    expect(complaintOf(open)).toMatchObject({ code: 'run/log-short', got: '26 bytes' });
    rmSync(file('checkpoint'));
    expect(complaintOf(open).code).toBe('run/checkpoint-gone');
    rmSync(file('manifest'));
    expect(complaintOf(open).code).toBe('run/not-a-run');
    expect(complaintOf(() => readRunFolder(join(root, 'none'))).code).toBe('run/not-a-run');
  });

  it('notes that another build goes on', () => {
    begin();
    const folder = open({ build: { fim: '0.2.0', engine: 'simd128' } });
    expect(folder.notes).toHaveLength(1);
    expect(folder.notes[0]).toContain('0.2.0');
    folder.close();
    const { manifest } = readRunFolder(join(root, 'run'));
    expect(manifest.builds.map((b) => b.fim)).toEqual(['0.1.0', '0.2.0']);
    const third = open({ build: { fim: '0.2.0', engine: 'simd128' } });
    expect(third.notes).toEqual([]);
    third.close();
  });

  it('has a manifest without machine or time: the same run, the same bytes', () => {
    begin();
    open({}, 'twin').close();
    expect(readFileSync(file('manifest', 'twin'))).toEqual(readFileSync(file('manifest')));
    expect(text('manifest')).not.toContain(root);
  });

  it('has the logs on the disk before the checkpoint that counts their bytes has its name', () => {
    const folder = open();
    folder.save({ update: 0, steps: 0, arrays: {} });
    folder.log(row(10), { a: 1 }, 1);
    const done: string[] = [];
    const nameOf = (target: unknown) => {
      const path = typeof target === 'number' ? readlinkSync(`/dev/fd/${target}`) : String(target);
      return basename(path).replace(/\d+-\d+\.[0-9a-f]{8}/, 'N');
    };
    const stop = intercept((name, target) => {
      const line = `${name} ${name === 'writeSync' ? '' : nameOf(target)}`;
      if (done.at(-1) !== line && name !== 'writeSync') done.push(line);
    });
    try {
      folder.save({ update: 1, steps: 10, arrays: arrays(1) });
    } finally {
      stop();
      folder.close();
    }
    const temporary = `.${FILES.checkpoint}.N.tmp`;
    expect(done).toEqual([
      `fsyncSync ${FILES.csv}`,
      `fsyncSync ${FILES.events}`,
      `rmSync ${FILES.previous}.tmp`,
      `linkSync ${FILES.checkpoint}`,
      `renameSync ${FILES.previous}.tmp`,
      `rmSync ${FILES.previous}.tmp`,
      `openSync ${temporary}`,
      `fsyncSync ${temporary}`,
      `renameSync ${temporary}`,
      'openSync run',
      'fsyncSync run',
    ]);
  });

  it('refuses steps that do not grow, also after resuming, and what JSON would change', () => {
    begin();
    const folder = open();
    expect(() => folder.log(row(20), {}, 0)).toThrow('20 after 20');
    const bad = { update: 3, steps: 30, state: { kl: NaN }, arrays: {} };
    expect(complaintOf(() => folder.save(bad))).toMatchObject({ code: 'run/not-plain', where: 'state.kl' });
    expect(readRunFolder(folder.path).checkpoint()?.header.update).toBe(2);
    folder.close();
    expect(complaintOf(() => open({ settings: { weights: new Float64Array(2) } })).got).toBe('Float64Array');
  });
});
