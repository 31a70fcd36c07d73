import { mkdtempSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UniformStream, hashString, tensor } from 'fim/core';
import { createSmallEngine } from 'fim/engine';
import { estimateDense } from 'fim/fisher';
import { denseNetwork, withWeights } from 'fim/model';
import { openTasks } from 'fim/scale';
import { madeIn } from '../../test/support/made-in.js';
import {
  naturalGradient,
  TOY_KINDS,
  toyDescent,
  toyFisher,
  toyGradient,
  toyProblem,
  toyVariance,
  type ToySettings,
} from './toy.js';
import { toyStudy } from './toy-run.js';

const SETTINGS: ToySettings = { train: 16, test: 64, minibatch: 4, epochs: 3, learningRate: 0.01 };
const THETA = [0.4, -0.7] as const;

describe.each(TOY_KINDS)('%s', (kind) => {
  const problem = toyProblem(kind, 3, SETTINGS);
  const { likelihood } = problem;
  const x = problem.train.x.slice(0, 8);
  const indices = Uint32Array.of(0, 1, 2, 3);

  it.each([1, 2] as const)('takes the step of the dense estimate of type %d', async (type) => {
    const network = withWeights(
      denseNetwork({ widths: [2, 1], bias: false, dtype: 'float64' }),
      new Map([['fc1.weight', tensor('float64', [1, 2], THETA)]]),
    );
    const stream = new UniformStream(3, 'toy/fisher');
    const occurrence = Uint32Array.of(5, 5, 5, 5);
    const inputs = new Map([['x', tensor('float64', [4, 2], x)]]);
    const dense = await estimateDense(
      createSmallEngine(),
      network,
      likelihood,
      () => [{ n: 4, indices, occurrence, inputs }],
      { estimator: `type${type}`, stream },
    );
    const own = toyFisher(likelihood, x, THETA, type, { stream, examples: indices, occurrence: 5 });
    const [a, b, c, d] = dense.fisher;
    expect(b).toBe(c);
    [a, b, d].forEach((v, i) => expect(own[i]).toBeCloseTo(v, 13));

    const labels = { ...problem.train.labels, data: problem.train.labels.data.slice(0, 4) };
    const g = toyGradient(likelihood, x, THETA, labels);
    const step = naturalGradient(own, g);
    expect(a * step[0] + b * step[1]).toBeCloseTo(g[0], 11);
    expect(b * step[0] + d * step[1]).toBeCloseTo(g[1], 11);
  });

  it('states the variance that minibatches have', () => {
    const seed = hashString(`toy variance ${kind}`);
    const { test } = problem;
    for (const type of [1, 2] as const) {
      const stated = toyVariance(likelihood, test.x, THETA, type, 4);
      const R = 20_000;
      const pick = new UniformStream(seed, 'pick');
      const stream = new UniformStream(seed, 'labels');
      const batch = new Float64Array(8);
      const examples = new Uint32Array(4);
      let [sum, squares] = [0, 0];
      const mean = toyFisher(likelihood, test.x, THETA, 2, {
        stream,
        examples: Uint32Array.from({ length: test.n }, (_, i) => i),
        occurrence: 0,
      });
      for (let r = 0; r < R; r++) {
        for (let k = 0; k < 4; k++) {
          const at = Math.floor(pick.at(r, k, 0, 0) * test.n);
          examples[k] = 4 * r + k;
          batch.set(test.x.subarray(2 * at, 2 * at + 2), 2 * k);
        }
        const F = toyFisher(likelihood, batch, THETA, type, { stream, examples, occurrence: 0 });
        const error = (F[0] - mean[0]) ** 2 + 2 * (F[1] - mean[1]) ** 2 + (F[2] - mean[2]) ** 2;
        sum += error;
        squares += error ** 2;
      }
      const se = Math.sqrt((squares / R - (sum / R) ** 2) / R);
      expect(Math.abs(sum / R - stated) / se).toBeLessThan(4.5);
    }
  });
});

it('has for the regression the fourth moments of x: I = 1 and Var δ² = 2 at every θ', () => {
  const { likelihood, test } = toyProblem('regression', 0, SETTINGS);
  const mean = (f: (u: number, v: number) => number) => {
    let sum = 0;
    for (let k = 0; k < test.n; k++) sum += f(test.x[2 * k], test.x[2 * k + 1]) / test.n;
    return sum;
  };
  const squared = mean((u, v) => (u * u + v * v) ** 2);
  const centre = mean((u) => u * u) ** 2 + 2 * mean((u, v) => u * v) ** 2 + mean((_, v) => v * v) ** 2;
  for (const theta of [THETA, [5, 9] as const]) {
    expect(toyVariance(likelihood, test.x, theta, 1, 4)).toBeCloseTo((3 * squared - centre) / 4, 12);
    expect(toyVariance(likelihood, test.x, theta, 2, 4)).toBeCloseTo((squared - centre) / 4, 12);
  }
});

it('goes on from the results that are there and gives the same files, also of more seeds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fim-toy-'));
  const first = await madeIn(folder, toyStudy(SETTINGS, [0, 1]));
  const fileOf = (index: number) => join(openTasks(folder).taskPath(index), 'result');
  const files = () => [0, 1].map((index) => readFileSync(fileOf(index), 'utf8'));
  const before = files();
  const kept = statSync(fileOf(0), { bigint: true }).mtimeNs;
  unlinkSync(fileOf(1));
  expect(await madeIn(folder, toyStudy(SETTINGS, [0, 1]))).toEqual(first);
  expect(files()).toEqual(before);
  const more = await madeIn(folder, toyStudy(SETTINGS, [2, 1, 0]));
  expect(more?.seeds).toEqual([2, 1, 0]);
  expect(openTasks(folder).plan.tasks.map(({ name }) => name)).toEqual(['seed-0', 'seed-1', 'seed-2']);
  expect(await madeIn(folder, toyStudy(SETTINGS, [0, 1]))).toEqual(first);
  expect(statSync(fileOf(0), { bigint: true }).mtimeNs).toBe(kept);
  await expect(madeIn(folder, toyStudy({ ...SETTINGS, epochs: 4 }, [0]))).rejects.toThrow(/other work/);
});

it('is interrupted between two seeds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fim-toy-'));
  const stop = new AbortController();
  stop.abort();
  expect(await madeIn(folder, toyStudy(SETTINGS, [0]), { signal: stop.signal })).toBeNull();
});

it('starts both types at one place, with one path before the first difference', () => {
  const problem = toyProblem('regression', 7, SETTINGS);
  const [one, two] = [toyDescent(problem, SETTINGS, 1), toyDescent(problem, SETTINGS, 2)];
  expect(one.theta0[0]).toBe(two.theta0[0]);
  expect(one.loss[0]).toBe(two.loss[0]);
  expect(one.theta0[1]).not.toBe(two.theta0[1]);
  expect(two.loss).toHaveLength(SETTINGS.epochs + 1);
});
