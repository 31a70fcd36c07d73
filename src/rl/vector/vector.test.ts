import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import { Sequence } from '../../core/random.js';
import { randomAction } from '../check.js';
import { make, makeVector, type VectorEnvironment, type VectorOptions } from '../index.js';

/** Worker threads run the sources through a loader. */
const CORRIDOR = new URL('./corridor.fixture.ts', import.meta.url).href;

function many(id: string, n: number, workers: number | 'auto', more: Partial<VectorOptions> = {}) {
  return makeVector(id, { n, workers, ...more });
}

/** A table of random actions for n environments. */
function actionsFor(env: VectorEnvironment, steps: number): Float64Array[] {
  const random = new Sequence(3, 'actions');
  return Array.from({ length: steps }, () =>
    Float64Array.from(Array.from({ length: env.n }, () => [...randomAction(env.actionSpace, random)]).flat()),
  );
}

function trace(env: VectorEnvironment, actions: readonly Float64Array[]): number[] {
  const out: number[] = [];
  for (const a of actions) {
    env.step(a);
    out.push(...env.observations, ...env.rewards, ...env.terminated, ...env.truncated);
    for (let i = 0; i < env.n; i++) {
      if (!env.terminated[i] && !env.truncated[i]) continue;
      const size = env.observations.length / env.n;
      out.push(...env.finalObservations.subarray(i * size, (i + 1) * size));
    }
  }
  return out;
}

describe('many environments', () => {
  it('row i is environment i of that seed, reset in the same step as it ends', async () => {
    const vector = await many('CartPole-v1', 3, 1, { options: { maxSteps: 25 } });
    const actions = actionsFor(vector, 60);
    vector.reset({ seed: 8 });
    const singles = await Promise.all([0, 1, 2].map(() => make('CartPole-v1', { maxSteps: 25 })));
    const starts = singles.map((env, index) => env.reset({ seed: 8, index }).observation);
    expect([...vector.observations]).toEqual(starts.flatMap((s) => [...s]));
    let ends = 0;
    for (const a of actions) {
      vector.step(a);
      singles.forEach((env, i) => {
        const r = env.step(a[i]);
        const row = (rows: ArrayLike<number>): number[] => Array.from(rows).slice(4 * i, 4 * i + 4);
        expect([vector.rewards[i], vector.terminated[i], vector.truncated[i]]).toEqual([
          r.reward,
          Number(r.terminated),
          Number(r.truncated),
        ]);
        if (env.running) expect(row(vector.observations)).toEqual([...r.observation]);
        else {
          ends++;
          expect(row(vector.finalObservations)).toEqual([...r.observation]);
          expect(row(vector.observations)).toEqual([...env.reset().observation]);
        }
      });
    }
    expect(ends).toBeGreaterThan(5);
  });

  it('keeps its buffers: a step allocates none', async () => {
    const vector = await many('Pendulum-v1', 4, 1);
    vector.reset({ seed: 0 });
    const held = [vector.observations, vector.finalObservations, vector.rewards];
    for (const a of actionsFor(vector, 3)) vector.step(a);
    expect([vector.observations, vector.finalObservations, vector.rewards]).toEqual(held);
    expect(vector.observations).toBe(held[0]);
  });

  it('gives the same trajectories and the same saved bytes for 1, 2 and 3 workers', async () => {
    for (const [id, workers] of [
      ['CartPole-v1', [1, 2, 3]],
      ['FrozenLake-v1', [1, 2]],
    ] as const) {
      const vectors: VectorEnvironment[] = [];
      for (const w of workers) vectors.push(await many(id, 5, w, { options: { maxSteps: 17 } }));
      expect(vectors.map((v) => v.workers)).toEqual(workers);
      const actions = actionsFor(vectors[0], 50);
      const [one, ...others] = vectors.map((v) => {
        v.reset({ seed: 4 });
        return trace(v, actions);
      });
      for (const other of others) expect(other).toEqual(one);
      const saved = vectors.map((v) => v.save());
      for (const bytes of saved) expect(bytes).toEqual(saved[0]);

      // Saved over one number of workers, restored over another: 50 more steps, bit for bit.
      const straight = trace(vectors[0], actions);
      vectors[1].reset({ seed: 99 });
      vectors[1].load(saved[0]);
      expect(trace(vectors[1], actions)).toEqual(straight);
      for (const v of vectors) v.close();
    }
  });

  it('an environment of one’s own reaches the workers by its module', async () => {
    await import('./corridor.fixture.js');
    const vectors = await Promise.all([
      many('Shared-v0', 3, 1),
      many('Shared-v0', 3, 2, { modules: [CORRIDOR] }),
    ]);
    const actions = actionsFor(vectors[0], 30);
    const [one, two] = vectors.map((v) => {
      v.reset({ seed: 1 });
      return trace(v, actions);
    });
    expect(two).toEqual(one);
    for (const v of vectors) v.close();
  });

  it('a complaint of a worker is the same complaint, and the others go on', async () => {
    const vector = await many('CartPole-v1', 4, 2);
    const code = (f: () => void): string => {
      try {
        f();
      } catch (e) {
        if (e instanceof FimError) return e.code;
      }
      return 'nothing thrown';
    };
    expect(code(() => vector.step([0, 0, 0, 0]))).toBe('rl/not-reset');
    vector.reset({ seed: 0 });
    expect(code(() => vector.step([0, 0, 7, 0]))).toBe('rl/action-range');
    expect(code(() => vector.step([0, 0]))).toBe('rl/action-shape');
    expect(code(() => vector.step([1, 0, 1, 0]))).toBe('nothing thrown');
    vector.close();
    vector.close();
    expect(code(() => vector.step([1, 0, 1, 0]))).toBe('rl/closed');
  });

  it.each([
    ['CartPole-v1', 1, [0, 1, 2, 1], 'rl/action-range', /row 2.*\n?.*0 to 1/],
    ['CartPole-v1', 2, [0, 1, 1, 0.5], 'rl/action-range', /row 3/],
    ['Pendulum-v1', 1, [0, 1, 1, NaN], 'rl/action-finite', /row 3/],
    ['Pendulum-v1', 2, [0, 1, 1e39, 0], 'rl/action-finite', /row 2/],
    ['Pendulum-v1', 1, [0, 1, 1], 'rl/action-shape', /4 × 1/],
  ] as const)('%s over %i: one bad action and none moves', async (id, workers, bad, code, says) => {
    const [vector, untouched] = [await many(id, 4, workers), await many(id, 4, 1)];
    for (const v of [vector, untouched]) v.reset({ seed: 6 });
    const actions = actionsFor(vector, 20);
    expect(trace(vector, actions)).toEqual(trace(untouched, actions));
    const before = vector.save();
    let thrown: unknown;
    try {
      vector.step(bad);
    } catch (e) {
      thrown = e;
    }
    expect(thrown).toBeInstanceOf(FimError);
    expect((thrown as FimError).code).toBe(code);
    expect((thrown as FimError).message).toMatch(says);
    expect(vector.save()).toEqual(before);
    expect(trace(vector, actions)).toEqual(trace(untouched, actions));
    for (const v of [vector, untouched]) v.close();
  });

  it('refuses numbers that make no sense, and unknown names, before any thread starts', async () => {
    await expect(many('CartPole-v1', 0, 1)).rejects.toThrow(/positive whole number/);
    await expect(many('CartPole-v1', 2, 1.5)).rejects.toThrow(/positive whole number/);
    await expect(many('CartPole-v2', 2, 2)).rejects.toThrow(/CartPole-v1/);
    const two = await many('CartPole-v1', 2, 1);
    two.reset();
    const three = await many('CartPole-v1', 3, 1);
    expect(() => three.load(two.save())).toThrow(/2 × CartPole-v1/);
  });

  it('auto stays in this thread where a step is cheap, or where there is one environment', async () => {
    for (const [id, n] of [
      ['CartPole-v1', 64],
      ['InvertedPendulum-v5', 1],
    ] as const) {
      const vector = await makeVector(id, { n, workers: 'auto' });
      expect(vector.workers).toBe(1);
      vector.close();
    }
  });

  it('auto takes the cores for MuJoCo, and the trajectories and saved bytes are those of one thread', async () => {
    const n = 3;
    const auto = await many('Hopper-v5', n, 'auto', { options: { maxSteps: 12 } });
    const one = await many('Hopper-v5', n, 1, { options: { maxSteps: 12 } });
    expect(auto.workers).toBe(Math.min(n, availableParallelism()));
    for (const v of [auto, one]) v.reset({ seed: 2 });
    const actions = actionsFor(one, 30);
    const straight = trace(one, actions);
    expect(trace(auto, actions)).toEqual(straight);
    expect(auto.save()).toEqual(one.save());
    // Saved in one thread, restored over the workers.
    const bytes = one.save();
    const on = trace(one, actions);
    auto.reset({ seed: 3 });
    auto.load(bytes);
    expect(trace(auto, actions)).toEqual(on);
    for (const v of [auto, one]) v.close();
  });
});
