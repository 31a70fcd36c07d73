import { beforeAll, describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { tensor } from '../core/tensor.js';
import { makeDataset } from '../data/index.js';
import { openDataset, openNetwork } from '../disk/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import type { DiagonalEstimate } from '../fisher/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';
import { runEstimate, type EstimateRequest } from './estimate.js';

// Sure of most inputs and unsure of a few.
const N = 400;
const network = denseNetwork({ widths: [4, 8, 4], initialScale: 4, seed: 3, dtype: 'float64' });
const x = Float64Array.from({ length: N * 4 }, (_, i) => 2 * Math.sin(i * i));
const dataset = makeDataset({ source: 'sines', inputs: new Map([['x', tensor('float64', [N, 4], x)]]) });
const likelihood = getLikelihood('categorical');
const engine = createSmallEngine();
/** Lets the test runner be heard between two estimates. */
const turn = () => new Promise((resolve) => setImmediate(resolve));
async function run(request: EstimateRequest) {
  await turn();
  return runEstimate({ engine, network, likelihood, dataset }, { population: 'data', ...request });
}

let truth: DiagonalEstimate;
beforeAll(async () => {
  truth = await run({ estimator: 'exact' });
});

const entry = (e: DiagonalEstimate) => e.tensors[0].fisher[5];

/** Estimates by seed: z of the mean, rms error over the truth, mean SE² over mean squared error. */
async function repeated(request: EstimateRequest, repeats: number) {
  let [sum, squares, variances, entries, entrySquares, entryVariances] = [0, 0, 0, 0, 0, 0];
  for (let seed = 0; seed < repeats; seed++) {
    const e = await run({ examples: 40, visits: 'weighted', seed, ...request });
    const error = e.trace.value - truth.trace.value;
    sum += error;
    squares += error ** 2;
    variances += (e.trace.standardError as number) ** 2;
    const own = entry(e) - entry(truth);
    entries += own;
    entrySquares += own ** 2;
    entryVariances += (e.tensors[0].labelError?.[5] ?? 0) ** 2 + (e.tensors[0].dataError?.[5] ?? 0) ** 2;
  }
  return {
    z: sum / Math.sqrt(squares),
    entryZ: entries / Math.sqrt(entrySquares),
    rms: Math.sqrt(squares / repeats) / truth.trace.value,
    ratio: variances / squares,
    entryRatio: entryVariances / entrySquares,
  };
}

describe('weighted visits', () => {
  it.each([
    ['exact', { estimator: 'exact' }],
    ['signs', { estimator: 'rademacher', labels: 2, error: 'sampled' }],
    ['signs in closed form', { estimator: 'rademacher', labels: 1, error: 'closed-form' }],
    ['labels', { estimator: 'type1', labels: 2, error: 'sampled' }],
    ['type 2', { estimator: 'type2', labels: 1, error: 'closed-form' }],
  ] as const)(
    'by %s are unbiased for trace and entries, with errors of the right size',
    async (_, request) => {
      const { z, entryZ, ratio, entryRatio } = await repeated(request, 100);
      expect(Math.abs(z)).toBeLessThan(4);
      expect(Math.abs(entryZ)).toBeLessThan(4);
      // A mean of 100 squares of skewed errors is known to about a fifth.
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
      expect(entryRatio).toBeGreaterThan(0.3);
      expect(entryRatio).toBeLessThan(3);
    },
  );

  it('have a fraction of the error of as many uniform ones', async () => {
    const weighted = await repeated({ estimator: 'exact' }, 60);
    const uniform = await repeated({ estimator: 'exact', visits: 'uniform' }, 60);
    expect(weighted.rms).toBeLessThan(0.6 * uniform.rms);
  });

  it('for a distribution the error holds that of the N examples themselves', async () => {
    const all = await run({ estimator: 'exact', population: 'distribution' });
    let variances = 0;
    for (let seed = 0; seed < 60; seed++) {
      const [d, f] = await Promise.all(
        (['distribution', 'data'] as const).map((population) =>
          run({ estimator: 'exact', visits: 'weighted', examples: 60, seed, population }),
        ),
      );
      expect(d.trace.value).toBe(f.trace.value);
      variances += ((d.trace.standardError as number) ** 2 - (f.trace.standardError as number) ** 2) / 60;
    }
    const own = (all.trace.standardError as number) ** 2;
    expect(variances).toBeGreaterThan(0.85 * own);
    expect(variances).toBeLessThan(1.15 * own);
  });

  it('say how many examples they are, and repeat by the seed in whatever batches', async () => {
    const one = await run({ estimator: 'type1', visits: 'weighted', examples: 60, seed: 4 });
    const two = await run({ estimator: 'type1', visits: 'weighted', examples: 60, seed: 4, batch: 7 });
    expect(one).toMatchObject({ visits: 'weighted', examples: 60 });
    expect(one.distinctExamples).toBeLessThan(60);
    expect(one.visitsHash).toMatch(/^[0-9a-f]{16}/);
    expect(two.visitsHash).toBe(one.visitsHash);
    expect(two.trace.value).toBeCloseTo(one.trace.value, 10);
    expect(two.trace.standardError).toBeCloseTo(one.trace.standardError as number, 10);
  });

  it('to all examples visit each once: no error of a finite population', async () => {
    const all = await run({ estimator: 'exact', visits: 'weighted', examples: N });
    expect(all).toMatchObject({ visits: 'uniform', distinctExamples: N });
    expect(all.trace.standardError).toBe(0);
    const most = await run({ estimator: 'exact', visits: 'weighted', examples: N - 40 });
    expect((most.trace.standardError as number) / most.trace.value).toBeLessThan(0.01);
  });

  it('are refused in the order of the file', async () => {
    await expect(
      run({ estimator: 'exact', visits: 'weighted', order: 'file', examples: 40 }),
    ).rejects.toMatchObject({
      code: 'estimate/visits',
    });
  });

  it('auto takes them where they gain, says why, and keeps to uniform ones nearly all', async () => {
    const said: string[] = [];
    const subject = { engine, network, likelihood, dataset };
    const few = await runEstimate(
      subject,
      { estimator: 'exact', examples: 40 },
      { say: (line) => said.push(line) },
    );
    expect(few.visits).toBe('weighted');
    expect(said.join()).toMatch(/visits weighted.*30 weighted visits have [\d.]+ % of the variance/);
    const most = await runEstimate(subject, { estimator: 'exact', examples: N - 2 });
    expect(most.visits).toBe('uniform');
  });

  it('auto looks at the trace, whatever else is asked for, and a target names its list', async () => {
    const said = async (more: Partial<EstimateRequest>) => {
      const lines: string[] = [];
      const request = { estimator: 'exact', examples: 40, ...more } as const;
      await runEstimate({ engine, network, likelihood, dataset }, request, {
        say: (line) => lines.push(line),
      });
      return lines.filter((line) => line.startsWith('visits'));
    };
    expect(await said({ largest: 3 })).toEqual(await said({}));
    const target = await run({ estimator: 'exact', targetError: 0.2, visits: 'weighted' });
    expect(target.visits).toBe('weighted');
    expect(target.visitsHash).toMatch(/^[0-9a-f]{16}$/);
  });

  it('a proxy that is the same of every example means uniform visits', async () => {
    const e = await runEstimate(
      {
        engine,
        network: denseNetwork({ widths: [4, 4], dtype: 'float64' }),
        likelihood: getLikelihood('gaussian', { variance: 1 }),
        dataset,
      },
      { estimator: 'exact', examples: 40 },
    );
    expect(e.visits).toBe('uniform');
  });
});

describe('the proxy rule', () => {
  it('covers from ten uniform visits to a trained network', async () => {
    const folder = new URL('../../test/fixtures/models/digits-mlp-tanh/', import.meta.url);
    const path = (name: string) => fileURLToPath(new URL(name, folder));
    const trained = await openNetwork(path('model.onnx'), { likelihood: 'categorical' });
    const digits = await openDataset(path('data.npz'), trained.network);
    const subject = { engine, network: trained.network, likelihood, dataset: digits };
    const { value } = (await runEstimate(subject, { estimator: 'exact', population: 'data' })).trace;
    let covered = 0;
    let foretold = 0;
    const repeats = 100;
    for (let seed = 0; seed < repeats; seed++) {
      const request = {
        estimator: 'exact',
        population: 'data',
        visits: 'uniform',
        examples: 10,
        seed,
      } as const;
      await turn();
      const { interval, expectedCoverage } = (await runEstimate(subject, request)).trace;
      const [low, high] = interval as [number, number];
      if (low <= value && value <= high) covered += 1 / repeats;
      foretold += (expectedCoverage as number) / repeats;
    }
    expect(covered).toBeGreaterThan(0.95 - 4 * Math.sqrt((0.95 * 0.05) / repeats));
    expect(Math.abs(foretold - covered)).toBeLessThan(0.1);
  });
});

// Of a Gaussian with a known variance every example has the same proxy: nothing is known of those that were not visited, and nothing to
// be afraid of.
describe.each([0.3, 0.5, 7])(
  'a proxy that is the same for all, under a Gaussian of variance %d',
  (sigma2) => {
    it.each(['data', 'distribution'] as const)(
      'leaves the expected coverage of %s near the level',
      async (population) => {
        const gaussian = getLikelihood('gaussian', { variance: sigma2 });
        const subject = { engine, network, likelihood: gaussian, dataset };
        const request = { estimator: 'exact', population, visits: 'uniform', examples: 30 } as const;
        const { trace } = await runEstimate(subject, request);
        expect(trace.expectedCoverage).toBeGreaterThan(0.9);
        expect(trace.expectedCoverage).toBeLessThan(0.99);
      },
    );
  },
);
