/** Damaged JSON of every kind that fim keeps: each is refused with a complaint, made again, or read. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { memoryIo } from '../../src/cli/io.js';
import { FimError } from '../../src/core/errors.js';
import { parseManifest } from '../../src/data/manifest.js';
import { openTasks } from '../../src/scale/folder.js';
import { readManifest } from '../../src/store/folder/manifest.js';
import { Points, readJson } from '../../src/store/points.js';
import { readComparison } from '../../src/store/training/grid-file.js';
import { fim, model, scratch } from '../cli/fim.js';
import { damagedJson, type Draws } from './mutate.js';
import { CONTROL, expectSound, outcomes } from './outcome.js';

const SEED = 16;
const { path } = scratch();

const file = (name: string, value: unknown, s: Draws): string => {
  writeFileSync(path(name), damagedJson(value, s));
  return path(name);
};

const COMPARISON = {
  title: 't',
  arms: [
    'ppo',
    {
      name: 'a2c x',
      algorithm: 'a2c',
      set: { learningRate: 0.1 },
      environments: { 'CartPole-v1': { horizon: 8 } },
    },
  ],
  environments: ['CartPole-v1', { id: 'Acrobot-v1', steps: 300, set: { discount: 0.9 }, options: {} }],
  steps: 200,
  seeds: [0, 3],
  reference: 'ppo',
  trackFisher: 2,
};
const RUN = {
  format: 1,
  environment: 'CartPole-v1',
  algorithm: 'ppo',
  settings: { steps: 100, hidden: [4] },
  columns: ['step', 'return'],
  builds: [{ fim: '0', engine: 'small', node: '20' }],
};

describe('damaged JSON', () => {
  it.each<[string, (s: Draws) => unknown]>([
    ['manifests', (s) => parseManifest(new TextDecoder().decode(damagedJson(RUN, s)), 'm')],
    ['manifests of runs', (s) => readManifest(file('manifest.json', RUN, s))],
    ['comparisons', (s) => readComparison(readJson(file('spec.json', COMPARISON, s)), 'spec.json')],
  ])('%s', async (name, read) => {
    await expectSound(SEED, name, read);
  });

  it('points and their settings: another number is never taken for the stored one', async () => {
    const point = { value: 1.5, list: [1, 2], name: 'tanh' };
    const folder = path('points-run');
    const points = new Points(folder, { seeds: [1] });
    await points.get('a', async () => point);
    const at = join(folder, 'points', 'a.json');
    const [stored, settings] = [at, join(folder, 'points', 'settings.json')].map(
      (name) => JSON.parse(readFileSync(name, 'utf8')) as unknown,
    );
    await expectSound(SEED, 'settings of points', (s) => {
      writeFileSync(join(folder, 'points', 'settings.json'), damagedJson(settings, s));
      return new Points(folder, { seeds: [1] });
    });
    await expectSound(SEED, 'points', async (s) => {
      writeFileSync(at, damagedJson(stored, s));
      const found = await points.get<typeof point>('a', async () => null);
      if (found === null) throw new FimError({ code: 'points/damaged', where: 'a', rule: 'is made again' });
      expect(found).toEqual(point);
    });
  });
});

it('a number of a run that is not finite is a damaged manifest', () => {
  writeFileSync(path('infinite.json'), JSON.stringify(RUN).replace('"steps":100', '"steps":1e400'));
  expect(() => readManifest(path('infinite.json'))).toThrow(/the manifest of a run has format/);
});

describe('damaged tasks.json', () => {
  let plan: unknown;
  const golden = path('tasks');
  const work = path('tasks-damaged');

  beforeAll(async () => {
    const name = 'golden-4-5-3';
    const words = [
      '--likelihood',
      'categorical',
      '--engine',
      'small',
      '--run',
      golden,
      '--prepare',
      '--quiet',
    ];
    const { code, err } = await fim(['estimate', model(name), model(name, 'data.npz'), ...words]);
    expect(code, err).toBe(0);
    plan = JSON.parse(readFileSync(join(golden, 'tasks.json'), 'utf8'));
    cpSync(golden, work, { recursive: true });
  });

  it.each(['null', '[]', '{"format":1,"kind":"x","tasks":[null]}'])('%s is damaged', (text) => {
    writeFileSync(join(work, 'tasks.json'), text);
    expect(() => openTasks(work)).toThrow(expect.objectContaining({ code: 'tasks/damaged' }) as Error);
  });

  it('is refused where it is opened, or read', async () => {
    await expectSound(SEED, 'tasks', (s) => {
      writeFileSync(join(work, 'tasks.json'), damagedJson(plan, s));
      return openTasks(work);
    });
  });

  const runOn = (command: string) => async (s: Draws) => {
    writeFileSync(join(work, 'tasks.json'), damagedJson(plan, s));
    const io = memoryIo();
    const signal = new AbortController().signal;
    const code = await runCli([command, work], { io, version: '0.0.0-test', signal });
    if (io.err().includes('should not')) throw new Error(io.err());
    if (CONTROL.test(io.err() + io.out())) throw new Error(JSON.stringify(io.err() + io.out()));
    if (code !== 0) throw new FimError({ code: 'tasks/damaged', where: command, rule: 'is refused' });
  };

  it('fim status says what is wrong, or how far they are', () =>
    expectSound(SEED, 'status', runOn('status'), 500));

  it('fim merge says what is wrong, or what is missing', async () => {
    expect(await outcomes(SEED, 'merge', runOn('merge'), 500)).toMatchObject({ faults: [], read: 0 });
  });
});
