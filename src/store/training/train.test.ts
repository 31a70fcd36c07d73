/** Training runs in folders: cut episodes said, epochs counted, first checkpoints early, more steps in a finished folder. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import { presetFor } from '../../rl/presets/index.js';
import { register } from '../../rl/registry.js';
import { box, discrete } from '../../rl/spaces.js';
import type { TrainSettings } from '../../rl/train/settings.js';
import { FILES, readCheckpoint } from '../folder/index.js';
import { lastOf, readProgress } from './progress.js';
import { Standstill } from './standstill.js';
import { trainRun } from './train.js';

const root = mkdtempSync(join(tmpdir(), 'fim-train-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

register('Endless-v0', () => {
  const state = new Float64Array(1);
  return {
    observationSpace: box([-1], [1]),
    actionSpace: discrete(2),
    state,
    reset: () => void (state[0] = 0),
    step(action, outcome, random) {
      state[0] = 2 * random.next() - 1;
      outcome.reward = action[0];
    },
    observe: (out, at) => void (out[at] = state[0]),
  };
});

const settings = (
  more: Partial<TrainSettings> = {},
  options: TrainSettings['options'] = {},
): TrainSettings => {
  const { settings: preset } = presetFor('ppo', 'CartPole-v1');
  return {
    ...preset,
    environment: 'CartPole-v1',
    algorithm: 'ppo',
    steps: 2048,
    seed: 1,
    environments: 4,
    horizon: 128,
    hidden: [8],
    ...more,
    options: { ...preset.options, epochs: 3, schedule: 'constant', clipSchedule: 'constant', ...options },
  };
};

/** Trains with a clock that ticks a second at each look. */
async function train(of: TrainSettings, name: string, more: { signal?: AbortSignal } = {}) {
  let clock = 0;
  const notes: string[] = [];
  const result = await trainRun(of, join(root, name), {
    version: '1',
    now: () => (clock += 1e-3),
    wallTime: () => 0,
    workers: 1,
    onNote: (note) => notes.push(note),
    ...more,
  });
  return { result, notes };
}
const refusal = async (of: TrainSettings, name: string) => {
  const error: unknown = await train(of, name).catch((e: unknown) => e);
  return error instanceof FimError ? error.complaint : error;
};

describe('evaluation at the end of a run', () => {
  it('counts the episodes that it had to cut, and gives lengths; of drawn actions too', async () => {
    const { result } = await train(settings({ environment: 'Endless-v0', steps: 512 }), 'endless');
    expect(result?.evaluation).toMatchObject({ episodes: 20, cut: 20 });
    expect(result?.evaluation.lengths).toEqual(Array(20).fill(10_000));
    expect(result?.evaluationDrawn).toMatchObject({ episodes: 20, cut: 20 });
    expect(result?.evaluationDrawn?.mean).not.toBe(result?.evaluation.mean);
  });

  it('ends where the settings say how long an episode is: then nothing is cut', async () => {
    const limited = settings({ environment: 'Endless-v0', steps: 512, environmentOptions: { maxSteps: 30 } });
    const { result } = await train(limited, 'limited');
    expect(result?.evaluation.cut).toBe(0);
    expect(result?.evaluation.lengths).toEqual(Array(20).fill(30));
    expect(result?.episodes).toBeGreaterThan(0);
    const other = { ...limited, environmentOptions: { maxSteps: 40 } };
    expect(await refusal(other, 'limited')).toMatchObject({ code: 'run/of-another' });
  });
});

describe('epochs of PPO', () => {
  it('are whole passes: all of them, or those before targetKl ended a segment', async () => {
    const all = await train(settings(), 'all-epochs');
    expect(all.result?.epochs).toBe(3);
    const few = await train(settings({}, { targetKl: 1e-9, epochs: 10 }), 'few-epochs');
    expect(few.result?.epochs).toBe(0);
    const column = readProgress(join(root, 'few-epochs'))?.get('epochs');
    expect([...(column ?? [])].every((v) => v === 0)).toBe(true);
    expect(lastOf(readProgress(join(root, 'all-epochs')), 'epochs')).toBe(3);
  });
});

describe('the folder', () => {
  it('has a checkpoint at the first row', async () => {
    let saved = false;
    let clock = 0;
    await trainRun(settings({ steps: 4096 }), join(root, 'early'), {
      version: '1',
      now: () => (clock += 1e-6),
      wallTime: () => 0,
      workers: 1,
      onProgress: ({ steps }) => {
        if (steps === 2048 && existsSync(join(root, 'early', FILES.checkpoint))) saved = true;
      },
    });
    expect(saved).toBe(true);
  });

  it('of a finished run goes on to more steps, to the numbers of one that was never short', async () => {
    const [short, long] = [settings({ steps: 2048 }), settings({ steps: 4096 })];
    await train(short, 'grown');
    const grown = await train(long, 'grown');
    const whole = await train(long, 'whole');
    const strip = (r: object | null) => ({ ...r, seconds: 0, stepsPerSecond: 0, updateSeconds: 0 });
    expect(strip(grown.result)).toEqual(strip(whole.result));
    expect(grown.result?.steps).toBe(4096);
    const manifest = (name: string) => readFileSync(join(root, name, FILES.manifest), 'utf8');
    expect(manifest('grown')).toBe(manifest('whole'));
    const arrays = (name: string) => readCheckpoint(join(root, name, FILES.checkpoint)).arrays;
    expect(arrays('grown')).toEqual(arrays('whole'));
    // It is the longer run now: the shorter is another, and the longer one is done.
    expect(await refusal(short, 'grown')).toMatchObject({ code: 'run/of-another' });
    expect((await train(long, 'grown')).result).toEqual(grown.result);
  });

  it('goes on from a growth that was cut off between its files', async () => {
    const [short, long] = [settings({ steps: 2048 }), settings({ steps: 4096 })];
    await train(short, 'cut');
    const manifest = readFileSync(join(root, 'cut', FILES.manifest));
    const stop = new AbortController();
    stop.abort();
    await train(long, 'cut', { signal: stop.signal });
    // The manifest of the shorter run, the checkpoint of the longer: as a kill between the two leaves it.
    writeFileSync(join(root, 'cut', FILES.manifest), manifest);
    expect((await train(long, 'cut')).result?.steps).toBe(4096);
  });

  it('of a run whose schedule ends at 0 does not, and says why', async () => {
    const linear = { schedule: 'linear', clipSchedule: 'linear' };
    await train(settings({ steps: 1024 }, linear), 'linear');
    const refused = await refusal(settings({ steps: 2048 }, linear), 'linear');
    expect(refused).toMatchObject({ code: 'run/scheduled', kind: 'usage' });
    expect((refused as { rule: string }).rule).toContain('schedule and clipSchedule linear');
    const other = settings({ steps: 2048, discount: 0.5 }, linear);
    expect(await refusal(other, 'linear')).toMatchObject({ code: 'run/of-another' });
  });
});

describe('a run that stands still', () => {
  const row = { kl: 1e-11, explained_variance: -7e-13, value_loss: 1e13 };
  it('is told once, after five rows in a row, that rewards are too large', () => {
    const watch = new Standstill({ normaliseRewards: false });
    const said = Array.from({ length: 12 }, (_, i) => watch.look(i === 2 ? { ...row, kl: 1e-3 } : row));
    expect(said.map((s) => s !== null).indexOf(true)).toBe(7);
    expect(said.filter((s) => s !== null)).toHaveLength(1);
    expect(said[7]).toContain('`set: { normaliseRewards: true }`');
  });
  it('says nothing of small errors, of empty cells, or where rewards are normalised', () => {
    for (const [normaliseRewards, of] of [
      [true, row],
      [false, { ...row, value_loss: 1 }],
      [false, { ...row, explained_variance: null }],
    ] as const) {
      const watch = new Standstill({ normaliseRewards });
      expect(Array.from({ length: 9 }, () => watch.look(of)).every((s) => s === null)).toBe(true);
    }
  });
});
