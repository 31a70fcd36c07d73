import { describe, expect, it } from 'vitest';
import { collectGarbage } from '../../test/support/garbage.js';
import { FimError } from '../core/errors.js';
import { Sequence } from '../core/random.js';
import type { FloatArray } from '../core/tensor.js';
import {
  box,
  checkEnvironment,
  contains,
  discrete,
  type Dynamics,
  type Environment,
  environment,
  listEnvironments,
  make,
  type Outcome,
  randomAction,
  register,
  unbounded,
} from './index.js';

async function code(f: () => unknown): Promise<string> {
  try {
    await f();
  } catch (e) {
    if (e instanceof FimError) return e.code;
    throw e;
  }
  return 'nothing thrown';
}

/** A corridor of ten places with a goal at the right end: an environment as a user writes it. */
class Corridor implements Dynamics {
  readonly observationSpace = box([0], [9]);
  readonly actionSpace = discrete(2);
  readonly state = new Float64Array(1);

  reset(random: Sequence): void {
    this.state[0] = random.integer(5);
  }

  step(action: ArrayLike<number>, outcome: Outcome, random: Sequence): void {
    const slip = random.next() < 0.1;
    this.state[0] = Math.max(0, this.state[0] + (action[0] === 1 && !slip ? 1 : -1));
    outcome.reward = -1;
    outcome.terminated = this.state[0] === 9;
  }

  observe(out: FloatArray, offset: number): void {
    out[offset] = this.state[0];
  }
}

describe('an environment of one’s own', () => {
  it('is made by name, keeps its time limit, and passes the check', async () => {
    register('Corridor-v0', () => new Corridor(), { maxSteps: 30, threshold: -12 });
    const env = await make('Corridor-v0');
    expect(env.spec).toEqual({ id: 'Corridor-v0', maxSteps: 30, threshold: -12 });
    expect(checkEnvironment(env)).toEqual([]);
    env.reset({ seed: 1 });
    let steps = 0;
    while (env.running) {
      const r = env.step(0);
      steps++;
      expect(r.truncated).toBe(steps === 30);
    }
    expect(steps).toBe(30);
  });

  it('takes no name that is taken', async () => {
    expect(await code(() => register('CartPole-v1', () => new Corridor()))).toBe('rl/registered');
    register('Twice-v0', () => new Corridor());
    expect(await code(() => register('Twice-v0', () => new Corridor()))).toBe('rl/registered');
  });

  it('is refused with a list where parts are missing', () => {
    const half = { observationSpace: discrete(2), actionSpace: discrete(2), reset: () => {} };
    expect(() => environment('Half-v0', half as unknown as Dynamics)).toThrow(
      /without step\(\), observe\(\), state/,
    );
  });
});

describe('checkEnvironment', () => {
  const codes = (change: (c: Corridor) => Partial<Dynamics>, maxSteps: number | null = 30): string[] => {
    const c = new Corridor();
    const dynamics: Dynamics = {
      observationSpace: c.observationSpace,
      actionSpace: c.actionSpace,
      state: c.state,
      reset: (random) => c.reset(random),
      step: (action, outcome, random) => c.step(action, outcome, random),
      observe: (out, offset) => c.observe(out, offset),
      ...change(c),
    };
    return checkEnvironment(environment('Broken-v0', dynamics, { maxSteps })).map((f) => f.code);
  };

  it('finds nothing in the unbroken one', () => {
    expect(codes(() => ({}))).toEqual([]);
  });

  it('finds an observation outside its space', () => {
    expect(codes(() => ({ observationSpace: box([0], [3]) }))).toEqual(['observation-space']);
  });

  it('finds NaN, and numbers that were never written', () => {
    expect(codes((c) => ({ observe: (out, at) => (out[at] = c.state[0] > 2 ? NaN : 0) }))).toContain(
      'observation-nan',
    );
    expect(codes(() => ({ observe: () => {} }))).toContain('observe-offset');
  });

  it('finds an offset that is ignored', () => {
    expect(codes((c) => ({ observe: (out) => (out[0] = c.state[0]) }))).toContain('observe-offset');
  });

  it('finds a reset that does not follow its seed', () => {
    let calls = 0;
    expect(codes((c) => ({ reset: () => (c.state[0] = calls++ % 5) }))).toContain('reset-seed');
  });

  it('notes a start that is always the same', () => {
    expect(codes((c) => ({ reset: () => (c.state[0] = 2) }))).toEqual(['reset-fixed']);
  });

  it('finds a step with a randomness of its own', () => {
    let calls = 0;
    const wild = (c: Corridor) => ({
      step: (_: ArrayLike<number>, outcome: Outcome) => {
        c.state[0] = calls++ % 7;
        outcome.reward = 1;
      },
    });
    expect(codes(wild)).toContain('step-seed');
  });

  it('finds state that is not restored', () => {
    const hidden = (c: Corridor) => {
      let count = 0;
      return {
        reset: (random: Sequence) => {
          count = 0;
          c.reset(random);
        },
        step: (action: ArrayLike<number>, outcome: Outcome, random: Sequence) => {
          c.step(action, outcome, random);
          outcome.reward = count++;
        },
      };
    };
    expect(codes(hidden)).toEqual(['restore']);
  });

  it('finds a reward that is no number, and notes an endless episode', () => {
    expect(codes(() => ({ step: (_, outcome) => (outcome.reward = Infinity) }))).toContain('reward');
    expect(codes(() => ({ step: () => {} }), null)).toEqual(['endless', 'no-reward']);
  });

  it('passes every environment of fim that needs no package', async () => {
    for (const { id, family } of listEnvironments()) {
      if (family === 'MuJoCo') continue;
      const found = checkEnvironment(await make(id), { steps: 100 });
      expect(found.filter((f) => f.kind === 'mistake')).toEqual([]);
    }
  });
});

describe('mistakes in use, each said once', () => {
  const fresh = async (): Promise<Environment> => {
    const env = await make('Pendulum-v1');
    env.reset({ seed: 0 });
    return env;
  };

  it('a step before reset, after the end, after close', async () => {
    const env = await make('CartPole-v1', { maxSteps: 2 });
    expect(await code(() => env.step(0))).toBe('rl/not-reset');
    env.reset();
    env.step(0);
    env.step(1);
    expect(await code(() => env.step(0))).toBe('rl/ended');
    env.setState([0, 0, 0, 0]);
    expect(env.step(0).truncated).toBe(false);
    env.close();
    env.close();
    for (const f of [() => env.step(0), () => env.reset(), () => env.getState(), () => env.save()]) {
      expect(await code(f)).toBe('rl/closed');
    }
  });

  it('an action of the wrong shape, not finite, outside its set', async () => {
    const env = await fresh();
    for (const bad of [1, [], [1, 2], new Float32Array(3), undefined as unknown as number]) {
      expect(await code(() => env.step(bad))).toBe('rl/action-shape');
    }
    for (const bad of [NaN, Infinity, -Infinity, 1e300]) {
      expect(await code(() => env.step([bad]))).toBe('rl/action-finite');
    }
    const cart = await make('CartPole-v1');
    cart.reset();
    for (const bad of [2, -1, 0.5, NaN]) {
      expect(await code(() => cart.step(bad))).toBe('rl/action-range');
      expect(await code(() => cart.step([bad]))).toBe('rl/action-range');
    }
    expect(await code(() => cart.step([0, 1]))).toBe('rl/action-shape');
    expect(cart.steps).toBe(0);
  });

  it('a state of another length or not finite, bytes of something else', async () => {
    const env = await fresh();
    expect(await code(() => env.setState([1]))).toBe('rl/state');
    expect(await code(() => env.reset({ state: [1, NaN] }))).toBe('rl/state');
    expect(await code(() => env.load(new Uint8Array(20)))).toBe('rl/saved');
    expect(await code(() => env.load(env.save().slice(0, -8)))).toBe('rl/saved');
    const cart = await make('CartPole-v1');
    cart.reset();
    expect(await code(() => env.load(cart.save()))).toBe('rl/saved');
  });

  it('an unknown name or option, with the nearest one', async () => {
    await expect(make('Cartpole-v1')).rejects.toThrow(/CartPole-v1/);
    await expect(make('CartPole-v1', { maxStep: 3 })).rejects.toThrow(/maxSteps/);
    expect(await code(() => make('CartPole-v1', { maxSteps: 0 }))).toBe('rl/option');
    expect(await code(() => box([1], [0]))).toBe('rl/space');
    expect(await code(() => discrete(0))).toBe('rl/space');
  });

  it('a NaN is in no space', () => {
    expect(contains(unbounded(2), [0, NaN])).toBe(false);
    expect(contains(discrete(3), [NaN])).toBe(false);
    expect(contains(unbounded(2), [0, -1e300])).toBe(true);
  });
});

describe('whatever the environment', () => {
  const ids = listEnvironments()
    .filter((e) => e.family !== 'MuJoCo')
    .map((e) => e.id);

  it.each(ids)(
    '%s: save, load and 100 more steps are bit-identical, across truncations and resets',
    async (id) => {
      const env = await make(id, { maxSteps: 7 });
      const actions = new Sequence(4, 'actions');
      const seen = { truncated: 0, resets: 0 };
      const run = (e: Environment): number[][] =>
        Array.from({ length: 100 }, () => {
          if (!e.running) {
            seen.resets++;
            return [...e.reset().observation];
          }
          const { observation, reward, terminated, truncated } = e.step(randomAction(e.actionSpace, actions));
          seen.truncated += Number(truncated);
          return [...observation, reward, Number(terminated), Number(truncated), ...e.getState()];
        });
      env.reset({ seed: 9 });
      run(env);
      const bytes = env.save();
      const mark = actions.state();
      const straight = run(env);
      const fresh = await make(id, { maxSteps: 7 });
      fresh.load(bytes);
      actions.restore(mark);
      seen.truncated = seen.resets = 0;
      expect(run(fresh)).toEqual(straight);
      expect(seen.resets).toBeGreaterThan(0);
      expect(seen.truncated).toBeGreaterThan(0);
    },
  );

  it('10,000 made, stepped and closed leave memory flat', async () => {
    // Making the map of a lake takes time: one in ten is any, the others are of those without a map.
    const quick = ids.filter((id) => !/Lake|Cliff|Taxi/.test(id));
    const bytes = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    };
    const round = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        const env = await make(i % 10 === 0 ? ids[(i / 10) % ids.length] : quick[i % quick.length]);
        env.reset({ seed: i });
        env.step(env.actionSpace.kind === 'discrete' ? 0 : new Float32Array(env.actionSpace.size));
        env.close();
      }
    };
    await round(30 * ids.length);
    const before = bytes();
    await round(10_000);
    // The smallest environment keeps more than 100 bytes.
    expect(bytes() - before).toBeLessThan(100 * 10_000);
  });
});

describe('the surface', () => {
  it('step returns a fresh observation; stepInto writes into the caller’s', async () => {
    const env = await make('CartPole-v1');
    env.reset({ seed: 3 });
    const a = env.step(0);
    const kept = [...a.observation];
    env.step(1);
    expect([...a.observation]).toEqual(kept);

    env.reset({ seed: 3 });
    const out = { observation: new Float32Array(4), reward: 0, terminated: false, truncated: false };
    const held = out.observation;
    env.stepInto([0], out);
    expect([...held]).toEqual(kept);
    expect(out.reward).toBe(1);
  });

  it('reset without a seed goes on in the stream; indices never share numbers', async () => {
    const env = await make('CartPole-v1');
    const first = env.reset({ seed: 5 }).observation;
    const second = env.reset().observation;
    expect(second).not.toEqual(first);
    env.reset({ seed: 5 });
    expect(env.reset().observation).toEqual(second);
    expect(env.reset({ seed: 5, index: 1 }).observation).not.toEqual(first);
  });

  it('setState leaves the random stream alone and counts steps from 0', async () => {
    const env = await make('CartPole-v1');
    env.reset({ seed: 5 });
    const next = env.reset().observation;
    env.reset({ seed: 5 });
    env.step(0);
    env.setState([0, 0, 0, 0]);
    expect(env.steps).toBe(0);
    expect(env.reset().observation).toEqual(next);
  });
});
