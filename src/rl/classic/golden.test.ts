import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Sequence } from '../../core/random.js';
import { seedOf } from '../../stats/index.js';
import { make } from '../registry.js';

interface Golden {
  reset_obs: number[];
  reset_state: number[];
  steps: { a: number | number[]; o: number[]; r: number; te: boolean; tt: boolean; s: number[] }[];
}
const file = new URL('../../../test/fixtures/rl/gymnasium-classic.json', import.meta.url);
const golden = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Golden>;
const CLASSIC = ['CartPole-v1', 'Acrobot-v1', 'Pendulum-v1', 'MountainCar-v0', 'MountainCarContinuous-v0'];

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

describe.each(CLASSIC)('%s against Gymnasium 1.3', (id) => {
  const { reset_obs, reset_state, steps } = golden[id];

  it('one step from every recorded state: state and reward to 1e-12, observation equal', async () => {
    const env = await make(id, { maxSteps: null });
    expect([...env.reset({ state: reset_state }).observation]).toEqual(reset_obs);
    let from = reset_state;
    for (const { a, o, r, te, s } of steps) {
      env.setState(from);
      const got = env.step(a);
      expect(largest(env.getState(), s)).toBeLessThanOrEqual(1e-12);
      expect(Math.abs(got.reward - r)).toBeLessThanOrEqual(1e-12);
      expect(got.observation).toBeInstanceOf(Float32Array);
      expect([...got.observation]).toEqual(o);
      expect(got.terminated).toBe(te);
      from = s;
    }
  });

  it('running freely, to 1e-10 as long as one ulp of the start stays below 1e-11', async () => {
    const env = await make(id);
    const moved = await make(id);
    env.reset({ state: reset_state });
    // One unit in the last place of each number of the start.
    moved.reset({ state: reset_state.map((v) => (v === 0 ? v : v * (1 + Number.EPSILON))) });
    let checked = 0;
    let sensitive = false;
    for (const { a, o, r, te, tt, s } of steps) {
      const got = env.step(a);
      const other = moved.step(a);
      sensitive ||= largest(env.getState(), moved.getState()) >= 1e-11;
      if (sensitive) break;
      expect(largest(env.getState(), s)).toBeLessThanOrEqual(1e-10);
      expect(largest(got.observation, o)).toBeLessThanOrEqual(1e-7);
      expect(Math.abs(got.reward - r)).toBeLessThanOrEqual(1e-10);
      expect([got.terminated, got.truncated]).toEqual([te, tt]);
      expect(other.terminated).toBe(te);
      checked++;
    }
    console.log(`${id}: ${checked} of ${steps.length} free-running steps are determined by the start`);
    expect(checked).toBeGreaterThan(0);
  });

  it('truncates at the time limit, and the same step may terminate too', async () => {
    const env = await make(id, { maxSteps: steps.length });
    env.reset({ state: reset_state });
    const flags = steps.map(({ a }) => {
      const { truncated } = env.step(a);
      return truncated;
    });
    expect(flags.slice(0, -1)).not.toContain(true);
    expect(flags.at(-1)).toBe(true);
  });
});

/** z of the mean and of the variance of n uniforms on (low, high): variances w²/12 and w⁴/180 (around the known mean). */
function uniformScores(values: readonly number[], low: number, high: number): number[] {
  const n = values.length;
  const w = high - low;
  const mid = (low + high) / 2;
  const m1 = values.reduce((s, v) => s + (v - mid), 0) / n;
  const m2 = values.reduce((s, v) => s + (v - mid) ** 2, 0) / n;
  return [m1 / (w / Math.sqrt(12 * n)), (m2 - (w * w) / 12) / ((w * w) / Math.sqrt(180 * n))];
}

const STARTS: Record<string, [number, number][]> = {
  'CartPole-v1': Array.from({ length: 4 }, () => [-0.05, 0.05]),
  'Acrobot-v1': Array.from({ length: 4 }, () => [-0.1, 0.1]),
  'Pendulum-v1': [
    [-Math.PI, Math.PI],
    [-1, 1],
  ],
  'MountainCar-v0': [[-0.6, -0.4]],
  'MountainCarContinuous-v0': [[-0.6, -0.4]],
};

describe.each(CLASSIC)('%s starts', (id) => {
  it('uniformly on its range, by mean and variance (|z| ≤ 4.5)', async () => {
    const env = await make(id);
    const starts: Float64Array[] = [];
    env.reset({ seed: seedOf(`starts of ${id}`) });
    for (let i = 0; i < 4000; i++) {
      env.reset();
      starts.push(env.getState());
    }
    STARTS[id].forEach(([low, high], k) => {
      const values = starts.map((s) => s[k]);
      for (const v of values) expect(v >= low - 1e-8 && v <= high + 1e-8).toBe(true);
      for (const z of uniformScores(values, low, high)) expect(Math.abs(z)).toBeLessThanOrEqual(4.5);
    });
    if (id.startsWith('Mountain')) expect(starts.every((s) => s[1] === 0)).toBe(true);
    if (id === 'Acrobot-v1') expect(starts.every((s) => s.every((v) => Math.fround(v) === v))).toBe(true);
  });
});

describe('what Gymnasium does with actions outside the Box', () => {
  it('Pendulum clips the torque, in the cost too', async () => {
    const env = await make('Pendulum-v1');
    const at = (u: number): [number, number[]] => {
      env.reset({ state: [1, 0.5] });
      const { reward } = env.step([u]);
      return [reward, [...env.getState()]];
    };
    expect(at(5)).toEqual(at(2));
    expect(at(-3)).toEqual(at(-2));
  });

  it('MountainCarContinuous clips the force but counts the whole action', async () => {
    const env = await make('MountainCarContinuous-v0');
    const start = [-0.5, 0];
    env.reset({ state: start });
    const far = env.step([3]);
    const moved = env.getState();
    expect(far.reward).toBe(-9 * 0.1);
    env.reset({ state: start });
    expect(env.step([1]).reward).toBe(-0.1);
    expect(largest(env.getState(), moved)).toBeLessThanOrEqual(1e-9);
  });

  it('the flag of MountainCarContinuous pays 100 less the cost', async () => {
    const env = await make('MountainCarContinuous-v0');
    env.reset({ state: [0.44, 0.05] });
    const r = env.step([0.5]);
    expect([r.reward, r.terminated]).toEqual([100 - 0.25 * 0.1, true]);
  });
});

it('saves and restores in mid-episode, across a truncation and a reset, bit for bit', async () => {
  for (const id of CLASSIC) {
    const env = await make(id, { maxSteps: 40 });
    const actions = new Sequence(1, 'actions');
    const act = (): number | number[] =>
      env.actionSpace.kind === 'discrete' ? actions.integer(env.actionSpace.n) : [4 * actions.next() - 2];
    env.reset({ seed: 9 });
    for (let t = 0; t < 10; t++) env.step(act());
    const bytes = env.save();
    const mark = actions.state();
    const run = (e: typeof env): unknown[] => {
      actions.restore(mark);
      return Array.from({ length: 100 }, () => {
        if (!e.running) return [...e.reset().observation];
        const { observation, reward, terminated, truncated } = e.step(act());
        return [...observation, reward, terminated, truncated, ...e.getState()];
      });
    };
    const straight = run(env);
    const fresh = await make(id, { maxSteps: 40 });
    fresh.load(bytes);
    expect(run(fresh)).toEqual(straight);
  }
});
