/** Batches over two threads: the bits of one, whatever estimator, form and engine; signals, errors and memory as with one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UniformStream } from '../../src/core/random.js';
import { tensor } from '../../src/core/tensor.js';
import { makeDataset } from '../../src/data/index.js';
import { createEngine } from '../../src/engine/index.js';
import type { Engine, EngineName } from '../../src/engine/types.js';
import { estimateDense, estimateDiagonal, estimateLayers } from '../../src/fisher/index.js';
import { runEstimate } from '../../src/jobs/estimate.js';
import { getLikelihood } from '../../src/likelihood/registry.js';
import { denseNetwork } from '../../src/model/dense.js';
import { sourceOf } from './examples.js';
import { fixture } from './fixtures.js';

const N = 330;
const network = denseNetwork({ widths: [4, 8, 4], initialScale: 3, seed: 3, dtype: 'float32' });
const x = tensor(
  'float32',
  [N, 4],
  Float32Array.from({ length: N * 4 }, (_, i) => 2 * Math.sin(i * i)),
);
const dataset = makeDataset({ source: 'sines', inputs: new Map([['x', x]]) });
const likelihood = getLikelihood('categorical');
const BATCH = 16;

/** What an estimate holds, without the progress of its making. */
const bits = (e: object): unknown => JSON.parse(JSON.stringify(e, (_, v: unknown) => plain(v)));
const plain = (v: unknown): unknown =>
  v instanceof Map ? [...v] : ArrayBuffer.isView(v) ? Array.from(v as Float64Array) : v;

const lenet = fixture('digits-lenet', 'float32');
const mlp = fixture('digits-mlp-tanh', 'float32');
const request = { batch: BATCH, population: 'data' } as const;
const job = (engine: Engine) => ({ engine, network, likelihood, dataset });

/** Each by an engine. */
const CASES: Readonly<Record<string, (engine: Engine) => Promise<object>>> = {
  'exact, with sums of groups': (e) => runEstimate(job(e), { ...request, estimator: 'exact', groupSums: 5 }),
  'labels, closed form': (e) => runEstimate(job(e), { ...request, estimator: 'type1', labels: 2 }),
  signs: (e) => runEstimate(job(e), { ...request, estimator: 'rademacher', labels: 3, error: 'sampled' }),
  'type 2': (e) => runEstimate(job(e), { ...request, estimator: 'type2', labels: 2 }),
  auto: (e) => runEstimate(job(e), { ...request, estimator: 'auto' }),
  'weighted visits': (e) =>
    runEstimate(job(e), { ...request, estimator: 'type1', visits: 'weighted', examples: 100 }),
  'a target': (e) =>
    runEstimate(job(e), { ...request, estimator: 'type1', population: 'distribution', targetError: 0.15 }),
  convolutions: (e) =>
    estimateDiagonal(e, lenet.network, lenet.likelihood, sourceOf(lenet.x), {
      estimator: 'exact',
      populationSize: lenet.n,
      batch: 8,
    }),
  'Kronecker factors': (e) =>
    estimateLayers(e, mlp.network, mlp.likelihood, sourceOf(mlp.x), {
      estimator: 'type1',
      labels: 2,
      populationSize: mlp.n,
      batch: BATCH,
    }),
  'the whole matrix': (e) =>
    estimateDense(e, network, likelihood, sourceOf(x), {
      estimator: 'rademacher',
      labels: 2,
      batch: BATCH,
      stream: new UniformStream(1, 'dense'),
    }),
};

describe.each(['small', 'ort'] as const)('%s', (name: EngineName) => {
  let one: Engine;
  let two: Engine;
  beforeAll(async () => {
    one = (await createEngine({ engine: name })).engine;
    two = (await createEngine({ engine: name, threads: 2 })).engine;
  });
  afterAll(() => {
    one.dispose();
    two.dispose();
  });

  it.each(Object.keys(CASES))('%s: the same bits', async (key) => {
    const [a, b] = [await CASES[key](one), await CASES[key](two)];
    expect(bits(b)).toEqual(bits(a));
  });

  it('a signal leaves a whole number of batches, the first', async () => {
    const stop = new AbortController();
    let batches = 0;
    const cut = await estimateDiagonal(two, network, likelihood, sourceOf(x), {
      estimator: 'exact',
      populationSize: N,
      batch: BATCH,
      signal: stop.signal,
      onBatch: () => {
        if (++batches === 3) stop.abort();
      },
    });
    expect(cut.interrupted).toBe(true);
    expect(cut.examples % BATCH).toBe(0);
    expect(cut.examples).toBeLessThan(N);
    const rows = Array.from({ length: cut.examples }, (_, i) => i);
    const first = await estimateDiagonal(one, network, likelihood, sourceOf(x, rows), {
      estimator: 'exact',
      populationSize: N,
      batch: BATCH,
    });
    expect(bits(cut.tensors)).toEqual(bits(first.tensors));
  });

  it('an example whose output is not finite is named, though later batches are under way', async () => {
    const odd = tensor(
      'float32',
      [N, 4],
      x.data.map((v, i) => (i === 4 * 100 ? Infinity : v)),
    );
    const run = (e: Engine) =>
      estimateDiagonal(e, network, likelihood, sourceOf(odd), {
        estimator: 'exact',
        populationSize: N,
        batch: BATCH,
      });
    const message = await run(one).catch((error: Error) => error.message);
    expect(message).toMatch(/must be finite/);
    await expect(run(two)).rejects.toThrow(message as string);
    // The threads are there for the next.
    expect(await CASES['labels, closed form'](two)).toBeDefined();
  });

  it('goes one batch at a time, and says so, where two exceed the memory', async () => {
    const tight = { ...request, estimator: 'exact', batch: 256, budget: 256 * 8 * 4 } as const;
    const run = (e: Engine) =>
      estimateDiagonal(e, network, likelihood, sourceOf(x), { ...tight, populationSize: N });
    const [a, b] = [await run(one), await run(two)];
    expect(b.notes.join()).toMatch(/one batch at a time/);
    expect(bits(b.tensors)).toEqual(bits(a.tensors));
  });
});

describe('threads', () => {
  it('that are none, or meant for a runtime of one’s own, are refused', async () => {
    await expect(createEngine({ threads: 0 })).rejects.toMatchObject({ code: 'engine/threads' });
    await expect(createEngine({ threads: 2, module: {} as never })).rejects.toMatchObject({
      code: 'engine/threads',
    });
  });

  it('that have ended say so', async () => {
    const { engine } = await createEngine({ engine: 'small', threads: 2 });
    engine.dispose();
    await expect(CASES['labels, closed form'](engine)).rejects.toMatchObject({ code: 'engine/thread' });
  });
});
