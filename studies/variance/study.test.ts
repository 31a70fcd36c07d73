import { mkdtempSync, readFileSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sequence, hashString, tensor } from 'fim/core';
import { makeDataset } from 'fim/data';
import { createSmallEngine } from 'fim/engine';
import { estimateDiagonal } from 'fim/fisher';
import { graph } from 'fim/graph';
import { CLASSES, type StudyData, digitsLikelihood, evaluateWith, labelled, sourceOf } from 'fim/jobs';
import { denseNetwork, parameterCount, withWeights } from 'fim/model';
import { openTasks } from 'fim/scale';
import { madeIn } from '../../test/support/made-in.js';
import type { Results } from '../face/piece.js';
import { flatWeights, StepJudge } from './evaluator.js';
import { exactParts } from './exact-parts.js';
import { gammaDraw, gammaDraws } from './gamma-draws.js';
import { USES_QUICK, usesPieces } from './uses.js';
import { trainingPieces, VARIANCE_QUICK, varianceResult, varianceSettings } from './variance.js';

const engine = createSmallEngine();
const WIDTH = 5;

/** Random inputs with classes. */
function made(n: number, name: string) {
  const random = new Sequence(hashString(name), 'study test');
  return makeDataset({
    source: name,
    inputs: new Map([
      [
        'x',
        tensor(
          'float64',
          [n, WIDTH],
          Float64Array.from({ length: n * WIDTH }, () => random.normal()),
        ),
      ],
    ]),
    targets: tensor(
      'uint8',
      [n],
      Uint8Array.from({ length: n }, () => random.integer(CLASSES)),
    ),
  });
}

const data: StudyData = {
  train: made(60, 'train'),
  test: made(30, 'test'),
  inputs: made(24, 'inputs'),
  source: 'made up',
  hash: 'none',
};
const network = denseNetwork({ widths: [WIDTH, 4, CLASSES], activation: 'tanh', seed: 1, dtype: 'float64' });
const folder = () => mkdtempSync(join(tmpdir(), 'fim-study-'));
const namesAndResults = (path: string) => {
  const there = openTasks(path);
  return there.plan.tasks.map(({ name }, index) => {
    const file = join(there.taskPath(index), 'result');
    return { name, file, text: readFileSync(file, 'utf8') };
  });
};

describe('exact parts', () => {
  it('with weights 1 have the label variance of the trace', async () => {
    const ones = new Float64Array(parameterCount(network)).fill(1);
    const parts = await exactParts(engine, network, data.inputs, ones);
    const { trace, tensors } = await estimateDiagonal(
      engine,
      network,
      digitsLikelihood,
      sourceOf(data.inputs),
      {
        estimator: 'type1',
        error: 'closed-form',
        populationSize: data.inputs.n,
      },
    );
    expect(Math.sqrt(parts.weightedVariance / data.inputs.n)).toBeCloseTo(trace.labelError as number, 12);
    const errors = tensors.flatMap((t) => [...(t.labelError as Float64Array)]);
    errors.forEach((e, i) => expect(Math.sqrt(parts.type1[i] / data.inputs.n)).toBeCloseTo(e, 12));
  });

  it('have the gradient of the loss, by central differences', async () => {
    const ones = new Float64Array(parameterCount(network)).fill(1);
    const { gradient } = await exactParts(engine, network, data.inputs, ones);
    const loss = async (change: (w: Float64Array) => void): Promise<number> => {
      const weights = new Map([...network.weights].map(([name, t]) => [name, t]));
      const w = Float64Array.from(weights.get('fc1.weight')?.data as Float64Array);
      change(w);
      weights.set('fc1.weight', tensor('float64', [4, WIDTH], w));
      const judge = withWeights(network, weights);
      const store = engine.store();
      for (const [name, t] of judge.weights) store.set(name, t);
      const program = await engine.compile(
        graph(Object.fromEntries([...judge.inputs, ...judge.parameters]), { h: judge.h }),
        { maxBatch: data.inputs.n, store },
      );
      const result = await evaluateWith(
        async (inputs, n) => {
          program.setInput('x', inputs.get('x') as Float64Array);
          await Promise.resolve(program.run(n));
          return program.output('h') as Float64Array;
        },
        digitsLikelihood,
        labelled(data.inputs, digitsLikelihood, CLASSES),
        { batch: data.inputs.n, dtype: 'float64', T: CLASSES },
      );
      return -result.logProbability;
    };
    for (const i of [0, 7, 19]) {
      const h = 1e-5;
      const difference = (await loss((w) => (w[i] += h))) - (await loss((w) => (w[i] -= h)));
      expect(gradient[i]).toBeCloseTo(difference / (2 * h), 8);
    }
  });
});

it('the KL of a step is Σ p log p/q, 0 of no step', async () => {
  const judge = await StepJudge.compile(engine, network, digitsLikelihood, data.inputs);
  const P = parameterCount(network);
  expect(await judge.divergence(new Float64Array(P))).toBe(0);
  // A step of the last bias alone by v moves every h by v.
  const step = new Float64Array(P);
  const v = Float64Array.from({ length: CLASSES }, (_, a) => 0.1 * a);
  step.set(v, P - CLASSES);
  const flat = flatWeights(network);
  const x = data.inputs.inputs.get('x')?.data as Float64Array;
  let expected = 0;
  for (let e = 0; e < data.inputs.n; e++) {
    const z = Array.from({ length: 4 }, (_, o) => {
      let s = flat[4 * WIDTH + o];
      for (let i = 0; i < WIDTH; i++) s += flat[o * WIDTH + i] * x[e * WIDTH + i];
      return Math.tanh(s);
    });
    const from = 5 * 4;
    const h = Array.from({ length: CLASSES }, (_, a) =>
      z.reduce((sum, zo, o) => sum + flat[from + 4 + a * 4 + o] * zo, flat[P - CLASSES + a]),
    );
    const softmax = (values: number[]) => {
      const all = values.map(Math.exp);
      const total = all.reduce((s, w) => s + w, 0);
      return all.map((w) => w / total);
    };
    const [p, q] = [softmax(h), softmax(h.map((u, a) => u + v[a]))];
    expected += p.reduce((s, w, a) => s + w * Math.log(w / q[a]), 0) / data.inputs.n;
  }
  expect(await judge.divergence(step)).toBeCloseTo(expected, 12);
});

it('Gamma draws have the mean and variance that was asked', () => {
  for (const shape of [0.3, 1, 7]) {
    const random = new Sequence(hashString(`gamma ${shape}`), 'gamma');
    const R = 20_000;
    let [sum, squares] = [0, 0];
    for (let r = 0; r < R; r++) {
      const x = gammaDraw(shape, random);
      sum += x / R;
      squares += (x - shape) ** 2 / R;
    }
    expect(Math.abs(sum - shape) / Math.sqrt(shape / R)).toBeLessThan(4.5);
    // Var (x − k)² = κ4 + 2κ2² = 6k + 2k².
    expect(Math.abs(squares - shape) / Math.sqrt((6 * shape + 2 * shape ** 2) / R)).toBeLessThan(4.5);
  }
  const none = gammaDraws(Float64Array.of(0, 2), Float64Array.of(1, 0), new Sequence(0, 'none'));
  expect([...none]).toEqual([0, 2]);
});

it('the digits study and the uses go on to the same files', async () => {
  const path = folder();
  const study = { ...VARIANCE_QUICK, seeds: [0], epochs: 1, batch: 20 };
  const uses = {
    ...USES_QUICK,
    architecture: { name: 'tanh', activation: 'tanh' as const, hidden: [4] },
    seeds: [0],
    repeats: 2,
  };
  const trainings = trainingPieces(engine, study, data);
  const used = usesPieces(engine, uses, study, data);
  const both = {
    settings: varianceSettings(study, data),
    pieces: [...trainings, ...used],
    assemble: (results: Results) => [varianceResult(study, data, results.of(trainings)), results.of(used)],
  };
  const first = await madeIn(path, both);
  const before = namesAndResults(path);
  for (const { file } of before.filter(({ name }) => /relu|uses/.test(name))) unlinkSync(file);
  expect(await madeIn(path, both)).toEqual(first);
  expect(namesAndResults(path)).toEqual(before);
});
