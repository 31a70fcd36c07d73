/**
 * Ranges of parameters: for every estimator and kind of visits, ranges and totals over parts of the visits come to the single run, with every
 * bit of its arrays and figures where the visits are not cut.
 */
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { makeDataset } from '../data/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import { type FisherSums, joinRanges } from '../fisher/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';
import { expectSame } from '../../test/support/same-numbers.js';
import { runEstimate, type EstimateRequest, type EstimateSubject } from './estimate.js';
import { mergedShards } from './merge-shards.js';
import { type RangeOf, rangesOf } from './ranges.js';
import { decideEstimate, mergeShards, shardSums } from './shard.js';

afterEach(() => setImmediate());

const N = 240;
const network = denseNetwork({ widths: [4, 7, 5, 3], initialScale: 3, seed: 3, dtype: 'float64' });
const likelihood = getLikelihood('categorical');
const x = tensor(
  'float64',
  [N, 4],
  Float64Array.from({ length: N * 4 }, (_, i) => 2 * Math.sin(i * i)),
);
const y = tensor(
  'int32',
  [N],
  Int32Array.from({ length: N }, (_, i) => (i * i) % 3),
);
const dataset = makeDataset({ source: 'sines', inputs: new Map([['x', x]]), targets: y });
const targets = likelihood.readTargets(y, N, 3);
const subject: EstimateSubject = { engine: createSmallEngine(), network, likelihood, dataset, targets };

const functionals = [
  {
    name: 'both signs',
    weights: new Map([['fc1.weight', Float64Array.from({ length: 28 }, (_, i) => (i % 3) - 1)]]),
  },
];
const quadratics = [
  {
    name: 'along two layers',
    weights: new Map([
      ['fc1.bias', [1, 0, 0, 2, 0, 0, 0]],
      ['fc3.bias', [1, -1, 2]],
    ]),
  },
];

const CASES: Record<string, EstimateRequest> = {
  exact: { estimator: 'exact', functionals, quadratics, largest: 3, groupSums: 8 },
  'exact, in little memory': { estimator: 'exact', functionals, largest: 3, memory: 30_000 },
  'exact, in float32': { estimator: 'exact', population: 'data' },
  empirical: { estimator: 'empirical' },
  'type 1, closed form': { estimator: 'type1', labels: 1, error: 'closed-form', functionals },
  'type 1, sampled': { estimator: 'type1', labels: 3, error: 'sampled', largest: 2 },
  signs: { estimator: 'rademacher', labels: 2, error: 'sampled', exactPairs: 1 },
  'signs, closed form': { estimator: 'rademacher', labels: 1, error: 'closed-form', quadratics },
  'signs on the kernel root': { estimator: 'rademacher', root: 'kernel', labels: 2, error: 'sampled' },
  'type 2': { estimator: 'type2', functionals },
  mix: { estimator: 'mix' },
  'by layers': { estimator: 'auto', functionals, groupSums: 8 },
  'weighted visits': { estimator: 'exact', examples: 90, visits: 'weighted', groupSums: 9 },
  'weighted visits with draws': { estimator: 'type1', examples: 90, visits: 'weighted', population: 'data' },
};

async function inRanges(of: EstimateSubject, request: EstimateRequest, shards: number, count: number) {
  const decided = await decideEstimate(of, request);
  if (!decided) throw new Error('interrupted');
  const names: RangeOf[] = [null, ...rangesOf(of.network, count)];
  const all: FisherSums<'diagonal'>[] = [];
  for (const range of names) {
    const parts: FisherSums<'diagonal'>[] = [];
    for (let index = 0; index < shards; index++)
      parts.push(await shardSums(of, decided, { index, count: shards }, {}, range));
    all.push(mergedShards(parts));
  }
  return { all, estimate: mergeShards([joinRanges(all.reverse())], { decided }) };
}

describe('ranges of parameters', () => {
  it.each(Object.entries(CASES))('%s', async (name, request) => {
    const of = /float32/.test(name)
      ? { ...subject, network: denseNetwork({ widths: [4, 7, 5, 3], initialScale: 3, seed: 3 }) }
      : subject;
    const single = await runEstimate(of, request);
    for (const count of [1, 2, 3]) {
      const { estimate } = await inRanges(of, request, 1, count);
      // The same batches by the same operations.
      if (/exact/.test(name) && !/memory/.test(name)) expect(estimate).toEqual(single);
      else expectSame(estimate, single);
    }
    // Sums of float32 batches that end elsewhere agree to 1e-6 alone.
    if (!/float32/.test(name)) expectSame((await inRanges(of, request, 3, 2)).estimate, single);
  });

  it('hold the entries of their own parameters alone', async () => {
    const { all } = await inRanges(subject, { estimator: 'exact' }, 1, 3);
    const entries = all.map(({ parts }) =>
      Object.keys(parts[0]).filter((key) => key.startsWith('value/mean/')),
    );
    expect(entries.reverse()).toEqual([
      [],
      ['value/mean/fc1.weight', 'value/mean/fc1.bias'],
      ['value/mean/fc2.weight', 'value/mean/fc2.bias'],
      ['value/mean/fc3.weight', 'value/mean/fc3.bias'],
    ]);
  });

  it('are equal in numbers of parameters as far as layers allow, each with a layer', () => {
    const sizes = (widths: number[], count: number) =>
      rangesOf(denseNetwork({ widths, dtype: 'float64' }), count).map((names) => names.length / 2);
    expect(sizes([10, 10, 10, 10, 10], 2)).toEqual([2, 2]);
    expect(sizes([100, 50, 2, 2, 2], 3)).toEqual([1, 1, 2]);
    expect(sizes([2, 2, 2, 2, 100], 4)).toEqual([1, 1, 1, 1]);
    expect(() => rangesOf(network, 4)).toThrow(/from 1 to 3/);
    expect(() => rangesOf(network, 0)).toThrow(expect.objectContaining({ code: 'estimate/ranges' }) as Error);
  });

  it('do not join with what is missing, comes twice or is of other draws', async () => {
    const request: EstimateRequest = { estimator: 'type1', labels: 1 };
    const { all } = await inRanges(subject, request, 1, 3);
    const other = (await inRanges(subject, { ...request, seed: 7 }, 1, 3)).all;
    const whole = [
      await shardSums(subject, (await decideEstimate(subject, request))!, { index: 0, count: 1 }),
    ];
    const [first, ...rest] = all;
    const cases: [FisherSums<'diagonal'>[], RegExp][] = [
      [rest, /none with fc/],
      [[first, ...all], /in two of them/],
      [all.slice(0, 3), /ranges alone/],
      [[other[0], ...rest], /other settings, data or visits/],
      [whole, /sums of all of them/],
    ];
    for (const [sums, words] of cases) expect(() => joinRanges(sums)).toThrow(words);
    expect(() => mergedShards([first, rest[0]])).toThrow(
      expect.objectContaining({ code: 'fisher/sums-differ' }) as Error,
    );
  });
});
