import { describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import { Sequence } from '../../core/random.js';
import { tensor } from '../../core/tensor.js';
import { withWeights } from '../../model/index.js';
import { themeCss } from '../../report/theme.js';
import { threeSource } from '../mujoco/three-source.js';
import {
  actorCritic,
  box,
  discrete,
  environment,
  listEnvironments,
  loadRasteriser,
  loadThree,
  make,
  pictures,
  playNetwork,
  playRandom,
  recordEpisode,
  watchPage,
} from '../index.js';
import { cameraAt, drawScene } from './draw-scene.js';
import { hull, outline, plus } from './outline.js';
import { axes, quaternion, type Shape } from './scene.js';
import { viewOf } from './view.js';

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
  it('draws the return so far, and has the colours of a report', async () => {
    const env = await make('CartPole-v1');
    const recording = recordEpisode(env, playRandom(env.actionSpace), { steps: 10 });
    const html = watchPage({ ...recording, rewards: [1, -2, 3] });
    const path = /id="sum" d="M([^"]*)"/.exec(html)![1];
    const points = path.split('L').map((pair) => pair.split(' ').map(Number));
    // Sums 0, 1, −1, 2 in a box of 728 × 64 with 4 to spare above and below.
    expect(points.map(([x]) => x)).toEqual([0, 242.7, 485.3, 728]);
    expect(points.map(([, y]) => y)).toEqual([41.3, 22.7, 60, 4]);
    expect(html).toContain('return so far, -1 to 2');
    const tokens = (text: string) => new Set(text.match(/--fim-[a-z0-9]+:#[0-9a-f]{6}/g));
    const theme = tokens(themeCss(':root'));
    for (const token of tokens(html)) expect(theme).toContain(token);
    expect(tokens(html).size).toBeGreaterThanOrEqual(12);
  });

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

describe('frames without a browser', () => {
  const random = new Sequence(7, 'frames');
  const turn = (): number[] => {
    const q = Array.from({ length: 4 }, () => random.normal());
    return q.map((v) => v / Math.hypot(...q));
  };
  const solid = (type: Shape['type'], size: [number, number, number]): Shape => ({
    type,
    size,
    rgba: [0.8, 0.4, 0.2, 1],
  });
  const SOLIDS = [
    solid('sphere', [0.3, 0, 0]),
    solid('capsule', [0.1, 0.5, 0]),
    solid('cylinder', [0.2, 0.4, 0]),
    solid('box', [0.1, 0.3, 0.2]),
  ];
  /** The farthest that a solid reaches from its centre along a unit vector: its support function. */
  const reach = ({ type, size: [a, b, c] }: Shape, e: readonly number[][], d: readonly number[]): number => {
    const [x, y, z] = e.map((axis) => Math.abs(axis[0] * d[0] + axis[1] * d[1] + axis[2] * d[2]));
    if (type === 'sphere') return a;
    if (type === 'capsule') return a + b * z;
    return type === 'box' ? a * x + b * y + c * z : a * Math.hypot(x, y) + b * z;
  };
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((s, v, k) => s + v * b[k], 0);

  it('an outline reaches as far as the solid, in every direction across the view', () => {
    for (const shape of SOLIDS) {
      for (let k = 0; k < 20; k++) {
        const e = axes(turn(), 0);
        const [across, , view] = axes(turn(), 0);
        const centre = [1, -2, 0.5];
        const points = outline(shape, centre, e, view);
        const far = Math.max(...points.map((p) => dot(plus(p, centre, -1), across)));
        const truth = reach(shape, e, across);
        // Inside the solid, and short of it by no more than an arc's height of a ring of 24 points.
        expect(far).toBeLessThanOrEqual(truth + 1e-12);
        expect(far).toBeGreaterThanOrEqual(truth - shape.size[0] * (1 - Math.cos(Math.PI / 24)) - 1e-12);
      }
    }
  });

  it('a hull holds every point, turns one way, and its corners are points', () => {
    const points = Array.from({ length: 60 }, () => [random.normal(), random.normal()] as const);
    const corners = hull(points);
    expect(corners.every((c) => points.includes(c))).toBe(true);
    corners.forEach((p, i) => {
      const q = corners[(i + 1) % corners.length];
      for (const r of points) {
        expect((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])).toBeGreaterThanOrEqual(-1e-12);
      }
    });
  });

  it('the camera shows its target in the middle, and what is near the larger', () => {
    const camera = cameraAt([1, 2, 3], 5);
    camera.pixel([1, 2, 3]).forEach((v, k) => expect(v).toBeCloseTo([364, 220][k], 9));
    expect(camera.depth([1, 2, 3])).toBeCloseTo(5, 12);
    // Up is up, and at the target half the height is seen under half the angle.
    const up = camera.pixel([1, 2, 3.5]);
    expect(up[0]).toBeCloseTo(364, 9);
    expect(up[1]).toBeLessThan(220);
    const width = (p: number[]): number => camera.pixel(plus(p, [0.1, 0, 0]))[0] - camera.pixel(p)[0];
    expect(width([1, 1, 3])).toBeGreaterThan(width([1, 3, 3]));
    expect(width([1, 2, 3])).toBeGreaterThan(0);
    // Half before and half behind the camera: the part before it; all behind: nothing.
    const square = [
      [1, 2, 3],
      [2, 2, 3],
      [2, -50, 3],
      [1, -50, 3],
    ];
    expect(camera.polygon(square)).toMatch(/^M[^NI]*Z$/);
    expect(camera.polygon(square.map((p) => plus(p, [0, -60, 0])))).toBe('');
  });

  it('the view holds every shape: the box around them by their support functions', () => {
    const poses = SOLIDS.map(() => [random.normal(), random.normal(), random.normal(), ...turn()]);
    const side = (k: number, sign: number): number => {
      const along = [0, 1, 2].map((j) => Number(j === k));
      return Math.max(...SOLIDS.map((s, i) => sign * poses[i][k] + reach(s, axes(poses[i], 3), along)));
    };
    const { centre, far } = viewOf({ shapes: SOLIDS, follow: -1 }, poses.flat());
    [0, 1, 2].forEach((k) => expect(centre[k]).toBeCloseTo((side(k, 1) - side(k, -1)) / 2, 12));
    const diagonal = Math.hypot(...[0, 1, 2].map((k) => side(k, 1) + side(k, -1)));
    expect(far).toBeCloseTo(1.15 * diagonal + 0.2, 12);
  });

  it.each(
    listEnvironments()
      .filter((e) => e.family === 'MuJoCo')
      .map((e) => e.id),
  )('%s: a picture for the start and each step, wherever it is', async (id) => {
    const env = await make(id);
    const recording = recordEpisode(env, playRandom(env.actionSpace, 2), { steps: 3 });
    env.close();
    const drawn = [...pictures(recording)];
    expect(drawn).toHaveLength(recording.rewards.length + 1);
    for (const svg of drawn) wellFormed(svg);
    expect(new Set(drawn).size).toBe(drawn.length);
    const scene = recording.scene!;
    const view = viewOf(scene, recording.poses[0]);
    // A world away the picture is the same: the camera and the floor go along (by whole pairs of squares).
    const moved = recording.poses[1].slice();
    for (let i = 0; i < scene.shapes.length; i++) if (scene.shapes[i].type !== 'plane') moved[7 * i] += 512;
    if (scene.follow < 0) return;
    const numbers = (svg: string): number[] => (svg.match(/-?\d+\.\d/g) ?? []).map(Number);
    const [here, there] = [recording.poses[1], moved].map((p) => numbers(drawScene(scene, p, view)));
    expect(there).toHaveLength(here.length);
    const off = there.map((v, k) => Math.abs(v - here[k]));
    // Poses are float32: 512 m away they are known to 3e-5 m, which is a fifth of a pixel at most; ends of the floor lie far outside.
    expect(off.filter((d) => d > 0.5).length).toBeLessThan(off.length / 50);
  });

  it('pixels: the size of the picture, its colours in place; the package is asked for by name', async () => {
    const png = await loadRasteriser();
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2" viewBox="0 0 4 2"><rect width="4" height="2" fill="#102030"/></svg>';
    const size = (bytes: Uint8Array): number[] => {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      return [view.getUint32(16), view.getUint32(20)];
    };
    expect(size(png(svg))).toEqual([4, 2]);
    expect(size(png(svg, 3))).toEqual([12, 6]);
    expect(png(svg)).toEqual(png(svg));
    expect(png(svg)).not.toEqual(png(svg.replace('#102030', '#102031')));
    const missing = loadRasteriser(() => Promise.reject(new Error("Cannot find package '@resvg/resvg-js'")));
    await expect(missing).rejects.toThrow(/npm install @resvg\/resvg-js@2\.6\.2/);
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
