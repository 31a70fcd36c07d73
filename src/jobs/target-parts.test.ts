/**
 * Parts of an estimate to a target error: the pilot decides the visits, the merge tops them up, and what comes out is what `runEstimate` gives,
 * whether the target is reached at once, by top-ups, by uniform visits after weighted ones, by more draws, or not at all.
 */
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { makeDataset } from '../data/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import type { DiagonalEstimate, FisherSums } from '../fisher/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';
import { runEstimate, type EstimateRequest, type EstimateSubject } from './estimate.js';
import { OutOfReach } from './out-of-reach.js';
import { decideEstimate, shardSums } from './shard.js';
import { settleTarget } from './target-parts.js';
import { expectSame } from '../../test/support/same-numbers.js';

afterEach(() => setImmediate());

const N = 5000;
const network = denseNetwork({ widths: [4, 6, 3], initialScale: 3, seed: 3, dtype: 'float64' });
const x = tensor(
  'float64',
  [N, 4],
  Float64Array.from({ length: N * 4 }, (_, i) => 2 * Math.sin(i * i)),
);
const exampleWeights = tensor(
  'float64',
  [N],
  Float64Array.from({ length: N }, (_, i) => [0, 1, 2, 0.5][i % 4]),
);
const inputs = new Map([['x', x]]);
const of = (dataset: EstimateSubject['dataset']): EstimateSubject => ({
  engine: createSmallEngine(),
  network,
  likelihood: getLikelihood('categorical'),
  dataset,
});
const subject = of(makeDataset({ source: 'sines', inputs }));
const weighted = of(makeDataset({ source: 'sines', inputs, exampleWeights }));

/** The estimate in one, and its answer. */
async function single(given: EstimateSubject, request: EstimateRequest) {
  try {
    return { estimate: await runEstimate(given, request), refusal: null };
  } catch (error) {
    if (!(error instanceof OutOfReach)) throw error;
    return { estimate: error.estimate, refusal: error };
  }
}

async function inParts(given: EstimateSubject, request: EstimateRequest, count: number) {
  const said: string[] = [];
  const decided = await decideEstimate(given, request);
  if (!decided) throw new Error('interrupted');
  const sums: FisherSums<'diagonal'>[] = [];
  for (let index = 0; index < count; index++) sums.push(await shardSums(given, decided, { index, count }));
  const settled = await settleTarget(given, decided, sums.reverse(), { say: (line) => said.push(line) });
  return { said, asked: decided, ...settled };
}

/** A run without a list of visits has no hash of it, or null. */
const expectSameEstimate = (got: DiagonalEstimate, want: DiagonalEstimate): void =>
  expectSame(
    { ...got, visitsHash: got.visitsHash ?? null },
    { ...want, visitsHash: want.visitsHash ?? null },
  );

const CASES: Record<string, EstimateRequest> = {
  'reached at once': { estimator: 'exact', targetError: 0.04, visits: 'uniform', groupSums: 8 },
  'by weighted visits': { estimator: 'exact', targetError: 0.03, visits: 'weighted' },
  'groups of inputs': { estimator: 'exact', targetError: 0.03, visits: 'weighted', groupSums: 8 },
  'groups of visits': {
    ...{ estimator: 'type1', targetError: 0.05, visits: 'weighted', groupSums: 8, population: 'data' },
  },
  'groups in the order of the file': { estimator: 'exact', targetError: 0.04, order: 'file', groupSums: 8 },
  'as it comes': { estimator: 'type1', targetError: 0.05 },
  'of the data, as it comes': { targetError: 0.02, population: 'data' },
  'a mix': { estimator: 'mix', targetError: 0.05, labels: 2 },
  'many visits, whose trails come in blocks': { estimator: 'exact', targetError: 0.0158, visits: 'uniform' },
  'weighted visits that end, then uniform ones': {
    estimator: 'type1',
    labels: 1,
    targetError: 0.0145,
    visits: 'weighted',
    examples: 900,
  },
  'more draws': { estimator: 'type1', targetError: 0.011, population: 'data', visits: 'uniform' },
  'out of reach': { estimator: 'exact', targetError: 0.001 },
};

describe('parts to a target error are the run in one', () => {
  it.each(Object.entries(CASES))('%s', async (name, request) => {
    const want = await single(subject, request);
    const found = await inParts(subject, request, 5);
    expectSameEstimate(found.estimate, want.estimate);
    expect(found.refusal?.(found.estimate).complaint).toEqual(want.refusal?.complaint);
    expect(found.asked.examples).toBeLessThanOrEqual(found.estimate.examples);
    // Terms are kept one by one below 2,000 visits, which the parts end before and the top-up passes.
    if (/blocks/.test(name))
      expect([found.asked.examples < 2000, found.estimate.examples > 2000]).toEqual([true, true]);
  });

  it('weighted examples', async () => {
    const request: EstimateRequest = { estimator: 'exact', targetError: 0.05 };
    const want = await single(weighted, request);
    expectSameEstimate((await inParts(weighted, request, 3)).estimate, want.estimate);
  });

  it('top-ups are made by the merge, and said', async () => {
    let topped = 0;
    for (let seed = 0; seed < 12; seed++) {
      const request: EstimateRequest = { estimator: 'type1', targetError: 0.04, visits: 'uniform', seed };
      const { asked, estimate, said } = await inParts(subject, request, 2);
      expectSameEstimate(estimate, (await single(subject, request)).estimate);
      if (estimate.examples === asked.examples) continue;
      topped++;
      expect(said.join()).toMatch(/visits more than the \d+ of the parts/);
    }
    expect(topped).toBeGreaterThan(0);
  });

  it('a single example has no pilot', async () => {
    const one = of(
      makeDataset({ source: 'one', inputs: new Map([['x', tensor('float64', [1, 4], [1, 2, 3, 4])]]) }),
    );
    const request: EstimateRequest = { estimator: 'exact', targetError: 0.1 };
    const want = await single(one, request);
    const found = await inParts(one, request, 1);
    expectSameEstimate(found.estimate, want.estimate);
    expect(found.refusal?.(found.estimate).complaint).toEqual(want.refusal?.complaint);
  });
});
