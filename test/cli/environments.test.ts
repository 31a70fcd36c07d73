import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { memoryIo } from '../../src/cli/io.js';
import { tensor } from '../../src/core/tensor.js';
import { graph } from '../../src/graph/index.js';
import { exportModel } from '../../src/graph/onnx/index.js';
import { networkToOnnx, withWeights } from '../../src/model/index.js';
import {
  type Action,
  actorCritic,
  type ActorCriticOptions,
  describeSpace,
  listEnvironments,
  make,
} from '../../src/rl/index.js';
import { fim } from './fim.js';

const folder = mkdtempSync(join(tmpdir(), 'fim-environments-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

/** Width and height of a PNG file. */
function pngSize(path: string): [number, number] {
  const bytes = readFileSync(path);
  expect([...bytes.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

interface Watched {
  steps: number;
  return: number;
  end: string;
  page: string;
  frames: { folder: string; count: number } | null;
}

async function watched(...words: string[]): Promise<Watched> {
  const { code, out, err } = await fim(['watch', ...words, '--json', '--quiet']);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Watched;
}

/** A linear policy: h = weight · observation + bias. */
async function linearPolicy(
  id: string,
  weight: readonly number[],
  bias: readonly number[],
  more: Partial<ActorCriticOptions> = {},
) {
  const env = await make(id);
  const { observationSpace, actionSpace } = env;
  env.close();
  const { policy, likelihood } = actorCritic({
    observationSpace,
    actionSpace,
    hidden: [],
    value: 'none',
    ...more,
  });
  const values = new Map<string, readonly number[]>([
    ['policy/out.weight', weight],
    ['policy/out.bias', bias],
  ]);
  const weights = new Map(
    [...values].map(([name, v]) => [name, tensor('float32', policy.weights.get(name)!.shape, [...v])]),
  );
  return { network: withWeights(policy, weights), likelihood };
}

/** Return and length of the episode of `act` itself. */
async function played(id: string, seed: number, act: (observation: ArrayLike<number>) => Action) {
  const env = await make(id);
  let { observation } = env.reset({ seed });
  let total = 0;
  while (env.running) {
    const r = env.step(act(observation));
    observation = r.observation;
    total += r.reward;
  }
  const { steps } = env;
  env.close();
  return { steps, return: total };
}

describe('fim envs', () => {
  it('lists every environment with spaces, limits and thresholds', async () => {
    const { code, out } = await fim(['envs', '--json']);
    expect(code).toBe(0);
    const { environments } = JSON.parse(out) as { environments: Record<string, unknown>[] };
    expect(environments).toEqual(
      listEnvironments().map((e) => ({
        id: e.id,
        family: e.family,
        summary: e.summary,
        observation: describeSpace(e.observationSpace),
        action: describeSpace(e.actionSpace),
        maxSteps: e.maxSteps,
        threshold: e.threshold,
      })),
    );
    const cart = environments.find((e) => e.id === 'CartPole-v1');
    expect(cart).toMatchObject({ action: 'Discrete(2)', maxSteps: 500, threshold: 475 });
  });

  it('as a table: a row each, whole in 80 columns', async () => {
    const { out } = await fim(['envs'], { columns: 80 });
    const lines = out.trimEnd().split('\n');
    for (const { id } of listEnvironments())
      expect(lines.filter((l) => l.startsWith(`${id} `))).toHaveLength(1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(out).not.toContain('…');
    expect(out).toMatch(/^CartPole-v1 +Box\(4\) +Discrete\(2\) +500 +475$/m);
    expect(out).toMatch(/^Humanoid-v5 +Box\(348\) +Box\(17\) ±0\.4 +1000 +–$/m);
    expect(out).toMatch(/^Reacher-v5 +Box\(10\) +Box\(2\) ±1 +50 +−3\.75$/m);
  });
});

describe('fim watch', () => {
  it('writes an episode as a page that stands alone', async () => {
    const path = file('episode.html');
    const { code, out } = await fim(['watch', 'FrozenLake-v1', '--out', path, '--seed', '3']);
    expect(code).toBe(0);
    expect(out).toMatch(/steps, return/);
    const page = readFileSync(path, 'utf8');
    expect(page).toMatch(/svg/);
    expect(page).not.toMatch(/src="http/);
  });

  it('writes a PNG for the start and for each step, of drawn environments and of MuJoCo', async () => {
    const cart = await watched(
      'CartPole-v1',
      '--out',
      file('c.html'),
      '--frames',
      file('cart'),
      '--seed',
      '1',
    );
    const names = Array.from({ length: cart.steps + 1 }, (_, k) => `frame-${String(k).padStart(4, '0')}.png`);
    expect(cart.frames).toEqual({ folder: file('cart'), count: cart.steps + 1 });
    expect(readdirSync(file('cart')).sort()).toEqual(names);
    for (const name of names) expect(pngSize(join(file('cart'), name))).toEqual([600, 400]);
    const bytes = names.map((n) => readFileSync(join(file('cart'), n)).toString('base64'));
    expect(new Set(bytes).size).toBe(names.length);

    const args = ['InvertedPendulum-v5', '--out', file('p.html'), '--frames', file('pendulum')];
    const pendulum = await watched(...args);
    expect(pendulum.end).toBe('terminated');
    expect(pngSize(join(file('pendulum'), 'frame-0000.png'))).toEqual([728, 440]);
    expect(readFileSync(file('p.html'), 'utf8')).toContain('three-core');
  });

  it('leaves no frames of a longer episode behind a shorter one', async () => {
    mkdirSync(file('mixed'));
    writeFileSync(join(file('mixed'), 'frame-0600.png'), 'of another');
    const { code, err } = await fim([
      ...['watch', 'CartPole-v1', '--out', file('mixed.html'), '--frames', file('mixed')],
    ]);
    expect(code).toBe(2);
    expect(err).toContain('frame-0600.png');
    expect(existsSync(file('mixed.html'))).toBe(false);
    expect(readdirSync(file('mixed'))).toEqual(['frame-0600.png']);
  });

  it('says before it plays that a folder is none, or is missing', async () => {
    writeFileSync(file('a-file'), '');
    const wrong = await fim(['watch', 'CartPole-v1', '--out', file('w.html'), '--frames', file('a-file')]);
    expect(wrong.code).toBe(3);
    expect(wrong.err).toMatch(/a-file.*\n?.*names a folder/);
    const missing = await fim(['watch', 'CartPole-v1', '--out', file('nowhere/w.html')]);
    expect(missing.code).toBe(3);
    expect(missing.err).toContain('mkdir -p');
  });

  it('stops writing frames when it is interrupted, keeping what is whole', async () => {
    const stop = new AbortController();
    const frames = file('stopped');
    const { code } = await fim(['watch', 'Acrobot-v1', '--out', file('stopped.html'), '--frames', frames], {
      signal: stop.signal,
      slow: true,
      onWord: () => stop.abort(),
    });
    expect(code).toBe(130);
    const names = readdirSync(frames);
    expect(names.length).toBeGreaterThan(0);
    expect(names.length).toBeLessThan(400);
    for (const name of names) expect(pngSize(join(frames, name))).toEqual([500, 500]);
  });

  it('refuses an environment that there is not, naming those that there are', async () => {
    const { code, err } = await fim(['watch', 'CartPole-v2']);
    expect(code).toBe(2);
    expect(err).toContain('CartPole-v1');
  });
});

describe('fim watch --policy', () => {
  it('takes the largest logit: the episode of the same rule played by hand', async () => {
    // Pushes to where the pole falls: logit 1 is θ + θ̇, logit 0 nothing.
    const { network, likelihood } = await linearPolicy('CartPole-v1', [0, 0, 0, 0, 0, 0, 1, 1], [0, 0]);
    writeFileSync(file('cart.onnx'), networkToOnnx(network, likelihood));
    const got = await watched('CartPole-v1', '--policy', file('cart.onnx'), '--out', file('x.html'));
    const truth = await played('CartPole-v1', 0, (o) => (o[2] + o[3] > 0 ? 1 : 0));
    expect({ steps: got.steps, return: got.return }).toEqual(truth);
    expect(truth.steps).toBeGreaterThan(100);
  });

  it.each([
    ['σ the same in every state', 'independent', [0, 0, -1]],
    ['σ of the network', 'network', [0, 0, -1, 1, 1, 1]],
  ] as const)('takes the means clipped to the Box, of means and log σ: %s', async (_, sigma, weight) => {
    const { network, likelihood } = await linearPolicy('Pendulum-v1', weight, [0.5, -3], { sigma });
    writeFileSync(file('pendulum.onnx'), networkToOnnx(network, likelihood));
    const got = await watched('Pendulum-v1', '--policy', file('pendulum.onnx'), '--out', file('x.html'));
    const truth = await played('Pendulum-v1', 0, (o) => [Math.min(2, Math.max(-2, Math.fround(0.5 - o[2])))]);
    expect({ steps: got.steps, return: got.return }).toEqual(truth);
  });

  it('reads a file without metadata: means alone, in an environment on MuJoCo', async () => {
    const { network } = await linearPolicy('InvertedPendulum-v5', [0, 2, 0, 0.25, 0, 0, 0, 0], [0, 0], {
      sigma: 'network',
    });
    const inputs = Object.fromEntries([...network.inputs, ...network.parameters, ...network.fixed]);
    writeFileSync(
      file('plain.onnx'),
      exportModel(graph(inputs, { h: network.h }), { parameters: network.weights, metadata: {} }),
    );
    const args = ['InvertedPendulum-v5', '--policy', file('plain.onnx'), '--out', file('x.html')];
    const got = await watched(...args);
    const f = Math.fround;
    const truth = await played('InvertedPendulum-v5', 0, (o) => [f(2 * f(o[1]) + f(0.25 * f(o[3])))]);
    expect({ steps: got.steps, return: got.return }).toEqual(truth);
  });

  it('refuses a policy of another environment, saying what fits', async () => {
    const { network, likelihood } = await linearPolicy('CartPole-v1', [0, 0, 0, 0, 0, 0, 1, 1], [0, 0]);
    writeFileSync(file('cart.onnx'), networkToOnnx(network, likelihood));
    const { code, err } = await fim([
      'watch',
      'Acrobot-v1',
      '--policy',
      file('cart.onnx'),
      '--out',
      file('no.html'),
    ]);
    expect(code).toBe(3);
    expect(err).toMatch(/6 numbers/);
    expect(existsSync(file('no.html'))).toBe(false);
    const none = await fim(['watch', 'Acrobot-v1', '--policy', file('none.onnx')]);
    expect(none.code).toBe(3);
    expect(none.err).toContain('none.onnx');
  });
});

describe('fim bench-env', () => {
  /** A clock that moves a quarter of a second whenever it is read. */
  async function bench(...words: string[]) {
    let t = 0;
    const io = { ...memoryIo(), now: () => (t += 0.25) };
    const code = await runCli(['bench-env', ...words], {
      io,
      version: '0.0.0',
      signal: new AbortController().signal,
    });
    return { code, out: io.out(), err: io.err() };
  }

  it('says the median and the best of five runs', async () => {
    const { code, out } = await bench('CartPole-v1', '--json');
    expect(code).toBe(0);
    const { env, median, best, runs } = JSON.parse(out) as {
      env: string;
      median: number;
      best: number;
      runs: { steps: number; milliseconds: number; stepsPerSecond: number; episodes: number }[];
    };
    expect(env).toBe('CartPole-v1');
    expect(runs).toHaveLength(5);
    // Four readings after the first make a second: blocks of 16, 32, 64 and 128 steps.
    for (const r of runs) expect(r).toMatchObject({ steps: 240, milliseconds: 1000, stepsPerSecond: 240 });
    expect([median, best]).toEqual([240, 240]);
    expect((await bench('CartPole-v1')).out).toMatch(
      /^CartPole-v1: 240 steps\/s \(median of 5; best 240\)\n$/,
    );
  });

  it('refuses what is no environment', async () => {
    const { code, err } = await bench('Pendulum');
    expect(code).toBe(2);
    expect(err).toContain('Pendulum-v1');
  });

  it('interrupted before it has measured, says nothing', async () => {
    const io = memoryIo();
    const code = await runCli(['bench-env', 'CartPole-v1'], {
      io,
      version: '0.0.0',
      signal: AbortSignal.abort(),
    });
    expect([code, io.out()]).toEqual([130, '']);
  });
});
