import { describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import { Sequence } from '../../core/random.js';
import { tensor } from '../../core/tensor.js';
import { withWeights } from '../../model/index.js';
import { threeSource } from '../mujoco/three-source.js';
import {
  actorCritic,
  box,
  discrete,
  environment,
  listEnvironments,
  loadThree,
  make,
  playNetwork,
  playRandom,
  recordEpisode,
  watchPage,
} from '../index.js';
import { quaternion } from './scene.js';

const drawn = listEnvironments().filter((e) => e.family !== 'MuJoCo');

/** Checks that elements nest and close, and that no number is NaN. */
function wellFormed(svg: string): void {
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  const open: string[] = [];
  for (const [, close, name, self] of svg.matchAll(
    /<(\/?)([a-z]+)(?:\s+[a-z-]+="[^"<]*"|\s+viewBox="[^"]*")*\s*(\/?)>/gi,
  )) {
    if (close) expect(open.pop()).toBe(name);
    else if (!self) open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
}

describe('pictures', () => {
  it.each(drawn.map((e) => e.id))('%s draws every state of an episode, and draws what moves', async (id) => {
    const env = await make(id);
    const { frames, rewards, scene } = recordEpisode(env, playRandom(env.actionSpace, 5), {
      seed: 2,
      steps: 40,
    });
    expect(scene).toBeNull();
    expect(frames!.length).toBe(rewards.length + 1);
    for (const svg of frames!) wellFormed(svg);
    expect(new Set(frames).size).toBeGreaterThan(1);
  });

  it('a cart to the right is drawn to the right, an upright pole upright', async () => {
    const env = await make('CartPole-v1');
    const at = (state: number[]): number[] => {
      env.reset({ state });
      const [pole] = env.render()!.match(/<line[^>]*stroke-width="12"[^>]*>/) ?? [];
      return ['x1', 'y1', 'x2', 'y2'].map((k) => Number(new RegExp(` ${k}="([^"]*)"`).exec(pole ?? '')?.[1]));
    };
    expect(at([0, 0, 0, 0])).toEqual([300, 285, 300, 85]);
    expect(at([1, 0, 0, 0])).toEqual([400, 285, 400, 85]);
    expect(at([0, 0, Math.PI / 6, 0])[2]).toBe(400);
  });
});

describe('episodes', () => {
  it('end where the environment ends, or where asked', async () => {
    const env = await make('CartPole-v1', { maxSteps: 5 });
    expect(recordEpisode(env, () => 0, { steps: 3 })).toMatchObject({ end: 'stopped', rewards: [1, 1, 1] });
    let k = 0;
    expect(recordEpisode(env, () => k++ % 2)).toMatchObject({ end: 'truncated', rewards: [1, 1, 1, 1, 1] });
    const falls = await make('CartPole-v1');
    expect(recordEpisode(falls, () => 1).end).toBe('terminated');
  });

  it('of an environment without a picture are refused, with what to add', () => {
    const state = new Float64Array(1);
    const dull = environment('Dull-v0', {
      observationSpace: box([0], [1]),
      actionSpace: discrete(2),
      state,
      reset: () => {},
      step: () => {},
      observe: (out, at) => (out[at] = 0),
    });
    expect(() => recordEpisode(dull, () => 0)).toThrow(/render\(\): string/);
  });
});

describe('the page', () => {
  it('stands alone: nothing is loaded, and its data cannot end their element', async () => {
    const env = await make('CartPole-v1');
    const recording = recordEpisode(env, playRandom(env.actionSpace), { steps: 10 });
    const html = watchPage({ ...recording, id: 'x</script><b>"&' });
    expect(html).not.toContain('</script><b>');
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|src=|href=/);
    const data = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(html)![1];
    expect(JSON.parse(data)).toMatchObject({
      frames: recording.frames,
      rewards: recording.rewards,
      rate: 50,
    });
  });

  it('of a MuJoCo episode carries shapes, poses and three.js', async () => {
    const env = await make('HalfCheetah-v5');
    const recording = recordEpisode(env, playRandom(env.actionSpace), { steps: 4 });
    env.close();
    expect(recording.scene!.shapes.map((s) => s.type)).toEqual([
      'plane',
      ...new Array<string>(8).fill('capsule'),
    ]);
    expect(recording.scene!.follow).toBe(1);
    expect(recording.rate).toBeCloseTo(20, 12);
    const html = watchPage(recording, { core: 'export const a = "</script>";', module: 'm' });
    const text = /id="poses">([^<]*)</.exec(html)![1];
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const poses = new Float32Array(bytes.buffer);
    expect([...poses]).toEqual(recording.poses.flatMap((p) => [...p]));
    expect(html.match(/<\/script>/g)!.length).toBe(html.match(/<script/g)!.length);
    for (const p of recording.poses) {
      for (let i = 0; i < 9; i++) expect(Math.hypot(...p.slice(7 * i + 3, 7 * i + 7))).toBeCloseTo(1, 6);
    }
  });

  it('three.js is read from its package, or asked for by name', async () => {
    const { core, module } = await loadThree();
    expect(core).toContain('class Vector3');
    expect(module).toContain("from './three.core.js'");
    const missing = () =>
      threeSource(() => {
        throw new Error("Cannot find module 'three'");
      });
    expect(missing).toThrow(FimError);
    expect(missing).toThrow(/npm install three@0\.187\.0/);
  });
});

it('a quaternion turns as its matrix does', () => {
  const random = new Sequence(3, 'rotations');
  for (let k = 0; k < 200; k++) {
    const q = Array.from({ length: 4 }, () => random.normal());
    const size = Math.hypot(...q);
    const [x, y, z, w] = q.map((v) => v / size);
    const m = [
      1 - 2 * (y * y + z * z),
      2 * (x * y - z * w),
      2 * (x * z + y * w),
      2 * (x * y + z * w),
      1 - 2 * (x * x + z * z),
      2 * (y * z - x * w),
      2 * (x * z - y * w),
      2 * (y * z + x * w),
      1 - 2 * (x * x + y * y),
    ];
    const out = new Float32Array(4);
    quaternion(m, 0, out, 0);
    const same = out[0] * x + out[1] * y + out[2] * z + out[3] * w;
    expect(Math.abs(Math.abs(same) - 1)).toBeLessThanOrEqual(1e-6);
  }
});

describe('playing a network', () => {
  const space = box([-1, -1], [1, 1]);

  it('takes the largest logit, or the means clipped to the Box', () => {
    const { policy } = actorCritic({
      observationSpace: space,
      actionSpace: discrete(3),
      hidden: [],
      value: 'none',
    });
    const bias = (values: number[]) =>
      withWeights(policy, new Map([['policy/out.bias', tensor('float32', [values.length], values)]]));
    for (const best of [0, 1, 2]) {
      const act = playNetwork(bias([0, 1, 2].map((a) => (a === best ? 5 : 0))), {
        observationSpace: space,
        actionSpace: discrete(3),
      });
      expect(act(new Float32Array([0.1, -0.1]))).toBe(best);
    }
    const forces = box([-1, -1], [1, 1]);
    const gaussian = actorCritic({ observationSpace: space, actionSpace: forces, hidden: [], value: 'none' });
    const weights = new Map([['policy/out.bias', tensor('float32', [4], [0.5, 9, 0, 0])]]);
    const act = playNetwork(withWeights(gaussian.policy, weights), {
      observationSpace: space,
      actionSpace: forces,
    });
    expect(act(new Float32Array(2))).toEqual(Float64Array.of(0.5, 1));
  });

  it('refuses a network of another environment', () => {
    const { policy } = actorCritic({ observationSpace: space, actionSpace: discrete(3) });
    const play = () => playNetwork(policy, { observationSpace: space, actionSpace: discrete(2) });
    expect(play).toThrow(/reads 2 numbers and gives 2/);
  });
});
