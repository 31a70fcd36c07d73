import { describe, expect, it } from 'vitest';
import { collectGarbage } from '../../../test/support/garbage.js';
import { FimError } from '../../core/errors.js';
import { Sequence } from '../../core/random.js';
import { Moments, seedOf, zScore } from '../../stats/index.js';
import { checkEnvironment, randomAction } from '../check.js';
import type { Environment } from '../environment.js';
import { listEnvironments, make } from '../registry.js';
import { lengthOf } from '../spaces.js';
import { controlCost, type Creature } from './creature.js';
import { hopper } from './models/hopper.js';
import { loadFrom, loadMujoco, MUJOCO_VERSION } from './module.js';
import { compiledModels, Live, Simulation } from './simulation.js';

const IDS = listEnvironments()
  .filter((e) => e.family === 'MuJoCo')
  .map((e) => e.id);
const creature = (env: Environment): Creature => env.dynamics as Creature;

it('there are ten, and their listed spaces are those of the compiled models', async () => {
  expect(IDS.length).toBe(10);
  for (const entry of listEnvironments().filter((e) => e.family === 'MuJoCo')) {
    const env = await make(entry.id);
    expect(env.actionSpace).toEqual(entry.actionSpace);
    expect(env.observationSpace).toEqual(entry.observationSpace);
    env.close();
  }
});

describe.each(IDS)('%s', (id) => {
  it('save, load and 100 more steps are bit-identical, across a truncation and a reset', async () => {
    const env = await make(id, { maxSteps: 40 });
    const actions = new Sequence(2, 'actions');
    const run = (e: Environment, steps: number): number[][] =>
      Array.from({ length: steps }, () => {
        if (!e.running) return [...e.reset().observation];
        const { observation, reward, terminated, truncated } = e.step(randomAction(e.actionSpace, actions));
        return [...observation, reward, Number(terminated), Number(truncated), ...e.getState()];
      });
    env.reset({ seed: 7 });
    run(env, 25);
    const bytes = env.save();
    const mark = actions.state();
    const straight = run(env, 100);
    const fresh = await make(id, { maxSteps: 40 });
    fresh.load(bytes);
    actions.restore(mark);
    expect(run(fresh, 100)).toEqual(straight);
    env.close();
    fresh.close();
  });

  it('its arena holds twice what random play needs', async () => {
    const env = await make(id);
    const actions = new Sequence(5, 'actions');
    env.reset({ seed: 1 });
    for (let t = 0; t < 150; t++) {
      if (!env.running) env.reset();
      env.step(randomAction(env.actionSpace, actions));
    }
    const { data, model } = creature(env).simulation;
    expect(data.maxuse_arena * 2).toBeLessThanOrEqual(model.narena);
    env.close();
  });
});

it('checkEnvironment finds no mistake in any', async () => {
  for (const id of IDS) {
    const env = await make(id, { maxSteps: 30 });
    const found = checkEnvironment(env, { steps: 40 });
    expect(found.filter(({ kind }) => kind === 'mistake')).toEqual([]);
    env.close();
  }
});

describe('starts, by mean and mean square (|z| ≤ 4.5)', () => {
  /** [qpos, qvel] less the model's pose, of n resets. */
  async function starts(id: string, n: number): Promise<{ rows: number[][]; nq: number }> {
    const env = await make(id);
    const { simulation } = creature(env);
    env.reset({ seed: seedOf(`starts of ${id}`) });
    const rows = Array.from({ length: n }, () => {
      env.reset();
      const q = Array.from(simulation.qpos.now, (v, i) => v - simulation.startQpos[i]);
      return [...q, ...simulation.qvel.now];
    });
    env.close();
    return { rows, nq: simulation.nq };
  }

  /** All given numbers together: uniform in ±scale, or normal of that deviation. */
  function judge(values: readonly number[], law: 'uniform' | 'normal', scale: number): void {
    const n = values.length;
    const [variance, fourth] =
      law === 'uniform' ? [scale ** 2 / 3, scale ** 4 / 5] : [scale ** 2, 3 * scale ** 4];
    const first = Moments.of(values);
    const second = Moments.of(values.map((v) => v * v));
    expect(Math.abs(zScore(first.mean, 0, Math.sqrt(variance / n)))).toBeLessThanOrEqual(4.5);
    expect(
      Math.abs(zScore(second.mean, variance, Math.sqrt((fourth - variance ** 2) / n))),
    ).toBeLessThanOrEqual(4.5);
    if (law === 'uniform') expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(scale * (1 + 1e-9));
  }

  const SCALES: Record<string, [q: number, qLaw: 'uniform', v: number, vLaw: 'uniform' | 'normal']> = {
    'Hopper-v5': [5e-3, 'uniform', 5e-3, 'uniform'],
    'Walker2d-v5': [5e-3, 'uniform', 5e-3, 'uniform'],
    'HalfCheetah-v5': [0.1, 'uniform', 0.1, 'normal'],
    'Swimmer-v5': [0.1, 'uniform', 0.1, 'uniform'],
    'Humanoid-v5': [0.01, 'uniform', 0.01, 'uniform'],
    'InvertedPendulum-v5': [0.01, 'uniform', 0.01, 'uniform'],
    'InvertedDoublePendulum-v5': [0.1, 'uniform', 0.1, 'normal'],
  };

  it.each(Object.entries(SCALES))('%s', async (id, [q, qLaw, v, vLaw]) => {
    const { rows, nq } = await starts(id, 400);
    // A free joint's quaternion is normalised by MuJoCo where it computes, not in qpos: all numbers keep their law.
    judge(
      rows.flatMap((r) => r.slice(0, nq)),
      qLaw,
      q,
    );
    judge(
      rows.flatMap((r) => r.slice(nq)),
      vLaw,
      v,
    );
  });

  it('Ant-v5', async () => {
    const { rows, nq } = await starts('Ant-v5', 400);
    judge(
      rows.flatMap((r) => r.slice(nq)),
      'normal',
      0.1,
    );
    judge(
      rows.flatMap((r) => [...r.slice(0, 3), ...r.slice(7, nq)]),
      'uniform',
      0.1,
    );
  });

  it('Reacher-v5: the target uniform in a disc (E r² = 0.02, Var r² = 0.0004/3), arm and speeds uniform', async () => {
    const { rows } = await starts('Reacher-v5', 1000);
    judge(
      rows.flatMap((r) => r.slice(0, 2)),
      'uniform',
      0.1,
    );
    judge(
      rows.flatMap((r) => r.slice(4, 6)),
      'uniform',
      0.005,
    );
    expect(rows.every((r) => r[6] === 0 && r[7] === 0)).toBe(true);
    const squares = rows.map((r) => (r[2] + 0.1) ** 2 + (r[3] - 0.1) ** 2);
    expect(Math.max(...squares)).toBeLessThan(0.04 + 1e-12);
    const z = zScore(Moments.of(squares).mean, 0.02, Math.sqrt(0.04 ** 2 / 12 / 1000));
    expect(Math.abs(z)).toBeLessThanOrEqual(4.5);
  });

  it('Pusher-v5: the puck uniform in its rectangle outside the circle, by its share left of −0.17', async () => {
    const { rows } = await starts('Pusher-v5', 1500);
    const pucks = rows.map((r) => r.slice(7, 9));
    for (const [x, y] of pucks) {
      expect(x > -0.3 && x < 0 && Math.abs(y) < 0.2 && Math.hypot(x, y) > 0.17).toBe(true);
    }
    // Area of the rectangle less the half disc; left of −0.17 the disc does not reach.
    const p = (0.13 * 0.4) / (0.3 * 0.4 - (Math.PI * 0.17 ** 2) / 2);
    const share = pucks.filter(([x]) => x < -0.17).length / pucks.length;
    expect(Math.abs(zScore(share, p, Math.sqrt((p * (1 - p)) / pucks.length)))).toBeLessThanOrEqual(4.5);
    expect(
      Math.abs(zScore(Moments.of(pucks.map(([, y]) => Math.sign(y))).mean, 0, 1 / Math.sqrt(1500))),
    ).toBeLessThanOrEqual(4.5);
    expect(
      rows.every((r) => r.slice(0, 7).every((v) => v === 0) && r.slice(9, 11).every((v) => v === 0)),
    ).toBe(true);
    judge(
      rows.flatMap((r) => r.slice(11, 18)),
      'uniform',
      0.005,
    );
  });
});

describe('memory', () => {
  it('a view never goes stale: after the heap grows it is taken anew', async () => {
    const env = await make('Hopper-v5');
    env.reset({ seed: 3 });
    const { simulation } = creature(env);
    const kept = simulation.qpos.now;
    const values = [...kept];
    // Other simulations until WebAssembly's memory has grown, which kills every view of it.
    const others: Environment[] = [];
    while (kept.length > 0 && others.length < 400) others.push(await make('Humanoid-v5'));
    expect(kept.length).toBe(0);
    expect([...simulation.qpos.now]).toEqual(values);
    const again = await make('Hopper-v5');
    again.reset({ seed: 3 });
    for (let t = 0; t < 20; t++) {
      const a = env.step([0.1, -0.2, 0.3]);
      const b = again.step([0.1, -0.2, 0.3]);
      expect(a.observation).toEqual(b.observation);
      expect(a.observation.every(Number.isFinite)).toBe(true);
    }
    for (const e of [...others, env, again]) e.close();
  });

  it('10,000 environments of all kinds made and closed leave memory flat, and no model behind', async () => {
    const before = compiledModels();
    // One of each stays: its model is compiled once, and its memory is everybody's.
    const probes = await Promise.all(IDS.map((id) => make(id)));
    const simulated = (): number => creature(probes[0]).simulation.qpos.now.buffer.byteLength;
    const held = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const round = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        const env = await make(IDS[i % IDS.length]);
        if (i % 1001 === 0) env.step(env.reset({ seed: i }) && new Float64Array(lengthOf(env.actionSpace)));
        env.close();
      }
    };
    await round(200);
    const start = [simulated(), held()];
    await round(10_000);
    expect(simulated()).toBe(start[0]);
    expect(held() - start[1]).toBeLessThan(100 * 10_000);
    for (const probe of probes) probe.close();
    expect(compiledModels()).toBe(before);
    // The model too: compiled and freed with its last user.
    for (let i = 0; i < 60; i++) {
      const env = await make('InvertedDoublePendulum-v5');
      expect(compiledModels()).toBe(before + 1);
      env.close();
      expect(compiledModels()).toBe(before);
    }
    const again = await make('InvertedPendulum-v5');
    expect(creature(again).simulation.qpos.now.buffer.byteLength).toBe(start[0]);
    again.close();
  });

  it('Live reads the field again only when its view died', () => {
    let reads = 0;
    const data = {
      get field() {
        reads++;
        return new Float64Array(3);
      },
    };
    const live = new Live(data as never, 'field');
    expect(live.now).toBe(live.now);
    expect(reads).toBe(1);
    structuredClone(live.now, { transfer: [live.now.buffer] });
    expect(live.now.length).toBe(3);
    expect(reads).toBe(2);
  });
});

describe('states and actions', () => {
  it('reset takes qpos and qvel or the full state; setState only the full one', async () => {
    const env = await make('Hopper-v5');
    const start = env.reset({ state: [0, 1.25, 0.01, 0, 0, 0, 0.1, 0, 0, 0, 0, 0] });
    expect(start.observation[0]).toBe(1.25);
    const full = env.getState();
    env.step([1, 1, 1]);
    expect(env.reset({ state: full }).observation).toEqual(start.observation);
    env.step([1, 1, 1]);
    env.setState(full);
    expect([...env.getState()]).toEqual([...full]);
    expect(() => env.setState([0, 1.25])).toThrow(FimError);
    expect(() => env.reset({ state: [1, 2, 3] })).toThrow(/12 \(qpos and qvel\)/);
    env.close();
  });

  it('an action outside the Box: MuJoCo clips the torque, the cost counts what was asked for', async () => {
    const env = await make('HalfCheetah-v5');
    const play = (size: number): [number, number[]] => {
      env.reset({ seed: 4 });
      const { reward, info } = env.step(new Float64Array(6).fill(size));
      return [reward + 0.1 * 6 * size ** 2, [...env.getState().slice(1, 19), info.x_velocity as number]];
    };
    const [one, far] = [play(1), play(3)];
    expect(far[1]).toEqual(one[1]);
    expect(Math.abs(far[0] - one[0])).toBeLessThanOrEqual(1e-6);
    env.close();
  });

  it('the cost of a float32 action is rounded like numpy’s', () => {
    // Recorded: float32(w) * np.sum(np.square(a)) with numpy 2.4 for a = float32(sin(1 … n)).
    const a = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i + 1));
    expect(controlCost(1e-3, a(3))).toBe(0.0015548100927844644);
    expect(controlCost(0.1, a(6))).toBe(0.3125168979167938);
    expect(controlCost(0.5, a(8))).toBe(2.267815113067627);
  });
});

describe('the optional package', () => {
  it('is asked for by name and version where it is missing', async () => {
    const error = await loadFrom(() =>
      Promise.reject(new Error("Cannot find package '@mujoco/mujoco'")),
    ).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FimError);
    expect((error as FimError).code).toBe('rl/mujoco-missing');
    expect((error as FimError).message).toContain(`npm install @mujoco/mujoco@${MUJOCO_VERSION}`);
  });

  it('is refused in another version', async () => {
    const other = { default: () => Promise.resolve({ mj_versionString: () => '3.3.8' }) };
    await expect(loadFrom(() => Promise.resolve(other))).rejects.toThrow(/3\.14\.0/);
  });

  it('has the names that the environments call, with the meanings they rely on', async () => {
    const mujoco = await loadMujoco();
    expect(mujoco.mj_versionString()).toBe(MUJOCO_VERSION);
    const simulation = await Simulation.of(hopper);
    expect([simulation.nq, simulation.nv, simulation.nu, simulation.nbody, simulation.timestep]).toEqual([
      6, 6, 3, 5, 0.002,
    ]);
    expect(simulation.body('foot')).toBe(4);
    for (const name of [
      'qpos',
      'qvel',
      'ctrl',
      'xpos',
      'xipos',
      'cinert',
      'cvel',
      'cfrcExt',
      'qfrcActuator',
      'qfrcConstraint',
      'geomXpos',
      'geomXmat',
    ] as const) {
      expect(simulation[name].now).toBeInstanceOf(Float64Array);
    }
    simulation.close();
    simulation.close();
  });
});
