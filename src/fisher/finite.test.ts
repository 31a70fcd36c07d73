import { describe, expect, test } from 'vitest';
import { tensor } from '../core/tensor.js';
import { batches } from '../data/batches.js';
import { makeDataset } from '../data/dataset.js';
import { createSmallEngine } from '../engine/index.js';
import { getLikelihood } from '../likelihood/index.js';
import { denseNetwork } from '../model/index.js';
import { atPrecision } from '../model/network.js';
import { estimateDiagonal, estimateMixed } from './diagonal.js';
import type { Estimator } from './estimate.js';
import type { ExampleSource } from './source.js';
import { estimateDense } from './forms/dense/dense.js';
import { varianceProfile } from './closed-forms/profile.js';
import { UniformStream } from '../core/random.js';

const N = 12;
const network = denseNetwork({ widths: [3, 4, 3], activation: 'relu', seed: 2 });

/** Rows of three inputs, the first times `scale`. */
function source(scale: number, n = N): ExampleSource {
  const data = Float32Array.from({ length: n * 3 }, (_, i) => Math.sin(i + 1) * (i % 3 === 0 ? scale : 1));
  const dataset = makeDataset({ source: 'made', inputs: new Map([['x', tensor('float32', [n, 3], data)]]) });
  return (batch, dtype) => batches(dataset, { batch, dtype, order: 'file' });
}
const nothing: ExampleSource = () => [];
const engine = createSmallEngine();
const categorical = getLikelihood('categorical');
const ESTIMATORS: readonly Estimator[] = ['exact', 'type1', 'type2', 'mix', 'rademacher'];

describe.each(ESTIMATORS)('%s', (estimator) => {
  const options = { estimator, labels: estimator === 'exact' ? 0 : 2, populationSize: N };

  test('is computed again in float64 where float32 overflows, and says so', async () => {
    const got = await estimateDiagonal(engine, network, categorical, source(1e12), options);
    const exact = atPrecision(network, 'float64');
    const want = await estimateDiagonal(engine, exact, categorical, source(1e12), options);
    expect(got.notes.join()).toMatch(/^computed again in float64: .* "fc1.weight"/);
    expect(got.dtype).toBe('float64');
    expect({ ...got, notes: [] }).toEqual(want);
    expect(got.tensors.every((t) => t.fisher.every(Number.isFinite))).toBe(true);
  });

  test('is computed again in float64 where float32 loses what is small', async () => {
    const wide = getLikelihood('gaussian', { variance: 1e300 });
    const got = await estimateDiagonal(engine, network, wide, source(1), options);
    expect(got.trace.value).not.toBe(0);
    expect(Math.abs(got.trace.value)).toBeLessThan(1e-295);
    expect(got.notes.join()).toContain('too small for float32');
  });

  test('says so before the examples are gone through again, and stops where the signal says', async () => {
    const heard: string[] = [];
    // The weights of a mix come from a pilot, which says so too.
    const pilot: unknown[] =
      estimator === 'mix' ? [expect.stringMatching(/^computing again in float64: /)] : [];
    const stop = new AbortController();
    const got = await estimateDiagonal(engine, network, categorical, source(1e12), {
      ...options,
      batch: 4,
      signal: stop.signal,
      say: (line) => heard.push(line),
      onBatch: ({ examples }) => {
        heard.push(String(examples));
        if (heard.length === 5 + pilot.length) stop.abort();
      },
    });
    expect(heard).toEqual([
      ...pilot,
      '4',
      '8',
      '12',
      expect.stringMatching(/^computing again in float64: .* "fc1.weight"/),
      '4',
    ]);
    expect([got.interrupted, got.examples]).toEqual([true, 4]);
  });

  test('stays as it is where nothing is lost', async () => {
    const got = await estimateDiagonal(engine, network, categorical, source(1), options);
    expect(got.notes).toEqual([]);
    expect(got.dtype).toBe('float32');
  });

  test('is refused where float64 does not hold it', async () => {
    const narrow = getLikelihood('gaussian', { variance: 1e-100 });
    await expect(estimateDiagonal(engine, network, narrow, source(1e35), options)).rejects.toMatchObject({
      code: 'fisher/not-finite',
      kind: 'bad-input',
    });
  });

  test('has no mean over no examples', async () => {
    await expect(estimateDiagonal(engine, network, categorical, nothing, options)).rejects.toMatchObject({
      code: 'fisher/no-examples',
    });
  });
});

describe.each(ESTIMATORS.slice(1))('%s', (estimator) => {
  test.each([0, -1, 1.5, NaN, Infinity])('has no %d draws', async (labels) => {
    const run = estimator === 'mix' || estimator === 'type2' ? estimateMixed : estimateDiagonal;
    await expect(
      run(engine, network, categorical, source(1), { estimator, populationSize: N, labels }),
    ).rejects.toMatchObject({
      code: 'fisher/draws',
    });
  });
});

test('the profile is finite, its bounds too', async () => {
  const { all, notes } = await varianceProfile(engine, network, categorical, source(1e12));
  expect(notes.join()).toContain('float64');
  for (const t of all.tensors)
    for (const values of [t.fisher, t.type1, t.type2, ...t.bounds1.values(), ...t.bounds2.values()])
      expect(values.every(Number.isFinite)).toBe(true);
  await expect(varianceProfile(engine, network, categorical, nothing)).rejects.toMatchObject({
    code: 'fisher/no-examples',
  });
});

test('the dense matrix is finite, and checks its draws', async () => {
  const stream = new UniformStream(0, 'test');
  const asked = { estimator: 'type1', labels: 2, stream } as const;
  const got = await estimateDense(engine, network, categorical, source(1e12), asked);
  expect(got.fisher.every(Number.isFinite)).toBe(true);
  expect(got.labelError?.every(Number.isFinite)).toBe(true);
  for (const labels of [0, 1.5])
    await expect(
      estimateDense(engine, network, categorical, source(1), { ...asked, labels }),
    ).rejects.toMatchObject({ code: 'fisher/draws' });
  await expect(estimateDense(engine, network, categorical, nothing, asked)).rejects.toMatchObject({
    code: 'fisher/no-examples',
  });
});

test('a tensor that is zero in truth is left alone', async () => {
  const weights = new Map(network.weights);
  weights.set('fc2.weight', tensor('float32', [3, 4], new Float32Array(12)));
  const dead = { ...network, weights };
  const got = await estimateDiagonal(engine, dead, categorical, source(1), {
    estimator: 'exact',
    populationSize: N,
  });
  expect(got.notes).toEqual([]);
  expect(got.dtype).toBe('float32');
});
