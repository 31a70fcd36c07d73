/**
 * Shards of an estimate: for every estimator, error and kind of visits, 1, 3 and 16 of them in any order merge to the estimate of the
 * single run, the coverage of its intervals included; what is missing or comes twice is named.
 */
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { permutation } from '../core/random.js';
import { makeDataset } from '../data/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import { estimateDense, type DiagonalEstimate, type FisherSums, mergeSums } from '../fisher/index.js';
import { ESTIMATORS } from '../fisher/estimators/table.js';
import { UniformStream } from '../core/random.js';
import { batches } from '../data/batches.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';
import { expectSame } from '../../test/support/same-numbers.js';
import { runEstimate, type EstimateRequest, type EstimateSubject } from './estimate.js';
import { mergeDenseShards } from './merge-shards.js';
import {
  type DecidedEstimate,
  decideEstimate,
  denseShardSums,
  mergeShards,
  missingSpans,
  shardSums,
} from './shard.js';

// The small engine computes inside the call: the runner is heard between tests.
afterEach(() => setImmediate());

const N = 300;
const network = denseNetwork({ widths: [4, 6, 3], initialScale: 3, seed: 3, dtype: 'float64' });
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
const weights = tensor(
  'float64',
  [N],
  Float64Array.from({ length: N }, (_, i) => [0, 1, 2, 0.5][i % 4]),
);
const inputs = new Map([['x', x]]);
const dataset = makeDataset({ source: 'sines', inputs, targets: y });
const weighted = makeDataset({ source: 'sines', inputs, targets: y, exampleWeights: weights });
const targets = likelihood.readTargets(y, N, 3);
const subject: EstimateSubject = { engine: createSmallEngine(), network, likelihood, dataset, targets };

const functionals = [
  {
    name: 'both signs',
    weights: new Map([['fc1.weight', Float64Array.from({ length: 24 }, (_, i) => (i % 3) - 1)]]),
  },
];
const quadratics = [{ name: 'along b2', weights: new Map([['fc2.bias', [1, -1, 2]]]) }];

const CASES: Record<string, EstimateRequest> = {
  exact: { estimator: 'exact', functionals, quadratics, largest: 3, groupSums: 20 },
  'exact of the data': { estimator: 'exact', population: 'data', level: 0.8 },
  'exact, file order': { estimator: 'exact', order: 'file' },
  empirical: { estimator: 'empirical' },
  'type 1, closed form': { estimator: 'type1', labels: 1, error: 'closed-form', functionals },
  'type 1, sampled': { estimator: 'type1', labels: 3, error: 'sampled', largest: 2 },
  signs: { estimator: 'rademacher', labels: 2, error: 'sampled', exactPairs: 1, groupSums: 8 },
  'signs on the kernel root': {
    estimator: 'rademacher',
    root: 'kernel',
    labels: 2,
    error: 'sampled',
    exactPairs: 1,
  },
  'signs, closed form': { estimator: 'rademacher', labels: 1, error: 'closed-form' },
  'type 2': { estimator: 'type2', functionals },
  mix: { estimator: 'mix' },
  'mix, whose pilot ends inside a group': { estimator: 'mix', groupSums: 7 },
  'chosen by cost': {},
  'some of the examples, uniformly': { estimator: 'exact', examples: 60, visits: 'uniform' },
  'some of the examples, weighted': { estimator: 'exact', examples: 60, visits: 'weighted' },
  'some, weighted, of the data': { estimator: 'type1', examples: 90, visits: 'weighted', population: 'data' },
  'some, as it comes': { estimator: 'rademacher', examples: 50 },
  'groups in the order of the file': { estimator: 'exact', order: 'file', groupSums: 8 },
  'groups of inputs': { estimator: 'exact', examples: 90, visits: 'weighted', groupSums: 9 },
  'groups of visits': {
    ...{ estimator: 'exact', examples: 90, visits: 'weighted', groupSums: 9, population: 'data' },
  },
  'groups of visits, with draws': {
    ...{ estimator: 'type1', labels: 2, error: 'sampled', examples: 250, visits: 'weighted', groupSums: 20 },
  },
  'by layers, groups in the order of the file': { estimator: 'auto', order: 'file', groupSums: 8 },
  'by layers': { estimator: 'auto', functionals, largest: 2, groupSums: 10 },
  'by layers, some of the data': { estimator: 'auto', examples: 80, population: 'data' },
};

async function shardsOf(of: EstimateSubject, request: EstimateRequest, count: number) {
  const decided = await decideEstimate(of, request);
  if (!decided) throw new Error('interrupted');
  const sums: FisherSums<'diagonal'>[] = [];
  for (let index = 0; index < count; index++) sums.push(await shardSums(of, decided, { index, count }));
  return { decided, sums };
}

/** In an order of their own. */
const shuffled = <T>(all: readonly T[]): T[] =>
  Array.from(permutation(all.length, 5, 'shards'), (i) => all[i]);

describe('shards merge to the single run', () => {
  it.each(Object.entries(CASES))('%s', async (_, request) => {
    const single = await runEstimate(subject, request);
    for (const count of [1, 3, 16]) {
      const { decided, sums } = await shardsOf(subject, request, count);
      expectSame(mergeShards(shuffled(sums), { decided }), single);
      if (count === 3) await setImmediate();
    }
  });

  it.each([
    ['exact', { estimator: 'exact', groupSums: 10 }],
    ['type 1', { estimator: 'type1', labels: 2, population: 'data' }],
    ['by layers', { estimator: 'auto', groupSums: 10 }],
  ] as [string, EstimateRequest][])('weighted examples, %s', async (_, request) => {
    const of = { ...subject, dataset: weighted };
    const single = await runEstimate(of, request);
    const { sums } = await shardsOf(of, request, 5);
    expectSame(mergeShards(shuffled(sums)), single);
  });

  it.each(Object.keys(ESTIMATORS) as (keyof typeof ESTIMATORS)[])(
    'the whole matrix, %s',
    async (estimator) => {
      const request: EstimateRequest = { estimator, labels: 2, seed: 4, examples: 48, visits: 'uniform' };
      const of = { ...subject, dataset: makeDataset({ source: 'few', inputs: new Map([['x', rows(48)]]) }) };
      const decided = await decideEstimate(of, request);
      if (!decided) throw new Error('interrupted');
      const { labels, error } = decided;
      const single = await estimateDense(
        of.engine,
        network,
        likelihood,
        (batch, dtype) => batches(of.dataset, { batch, dtype, seed: 4 }),
        {
          ...{ estimator, labels: Math.max(1, labels), targets, batch: 64 },
          ...(error === 'none' ? {} : { error }),
          stream: new UniformStream(4, `${ESTIMATORS[estimator].stream}/estimate`),
        },
      );
      for (const count of [1, 3, 16]) {
        const sums: FisherSums<'dense'>[] = [];
        for (let index = 0; index < count; index++)
          sums.push(await denseShardSums(of, decided, { index, count }));
        expectSame(mergeDenseShards(shuffled(sums)), single);
      }
    },
  );

  it('population and level are chosen at the merge', async () => {
    const request = { estimator: 'type1', labels: 2, error: 'sampled' } as const;
    const { sums } = await shardsOf(subject, request, 4);
    const single = await runEstimate(subject, { ...request, population: 'data', level: 0.9 });
    expectSame(mergeShards(sums, { population: 'data', level: 0.9 }), single);
  });

  it('trails of many terms come in blocks of the same size', async () => {
    const many = 4500;
    const data = Float64Array.from({ length: many * 4 }, (_, i) => Math.sin(i * i));
    const of = {
      ...subject,
      dataset: makeDataset({ source: 'many', inputs: new Map([['x', tensor('float64', [many, 4], data)]]) }),
    };
    const single = await runEstimate(of, { estimator: 'exact' });
    const { sums } = await shardsOf(of, { estimator: 'exact' }, 7);
    const merged = mergeShards(shuffled(sums));
    expect(merged.trace.expectedCoverage).toBe(single.trace.expectedCoverage);
    expectSame(merged, single);
  });
});

const rows = (n: number) => tensor('float64', [n, 4], x.data.slice(0, n * 4));

describe('groups of examples', () => {
  it('add up to the whole, each the mean of its own examples', async () => {
    const e = await runEstimate(subject, { estimator: 'exact', groupSums: 20 });
    const plain = await runEstimate(subject, { estimator: 'exact' });
    const { groupSums, ...rest } = e;
    expectSame(rest, plain);
    expect(groupSums?.examples).toEqual(new Float64Array(20).fill(15));
    const order = permutation(N, 0, 'order');
    for (const { name, fisher } of plain.tensors) {
      const sums = groupSums?.tensors.get(name) as Float64Array;
      fisher.forEach((f, i) => {
        let sum = 0;
        for (let g = 0; g < 20; g++) sum += sums[g * fisher.length + i];
        expect(sum / N).toBeCloseTo(f, 12);
      });
    }
    // The third group alone, as an estimate of its examples.
    const own = Array.from(order.slice(30, 45));
    const some = tensor(
      'float64',
      [15, 4],
      own.flatMap((i) => Array.from(x.data.subarray(4 * i, 4 * i + 4))),
    );
    const alone = await runEstimate(
      { ...subject, dataset: makeDataset({ source: 'group', inputs: new Map([['x', some]]) }) },
      { estimator: 'exact' },
    );
    const W1 = alone.tensors[0];
    const sums = groupSums?.tensors.get(W1.name) as Float64Array;
    expectSame(
      sums.slice(2 * W1.fisher.length, 3 * W1.fisher.length),
      W1.fisher.map((f) => 15 * f),
    );
  });
});

it.each([
  ['in the order of the file', { order: 'file' }],
  ['of inputs', { examples: 90, visits: 'weighted' }],
  ['of visits', { examples: 90, visits: 'weighted', population: 'data' }],
  ['of visits of some, as it comes', { examples: 60, batch: 7 }],
] as [string, EstimateRequest][])('groups %s leave the estimate as it is', async (_, request) => {
  const plain = await runEstimate(subject, { estimator: 'exact', ...request });
  const { groupSums, ...rest } = await runEstimate(subject, {
    estimator: 'exact',
    ...request,
    groupSums: 8,
  });
  expect(groupSums?.count).toBe(8);
  expectSame(rest, plain);
});

it('groups of weighted visits are those of one population, which the merge says', async () => {
  const request = { estimator: 'exact', examples: 90, visits: 'weighted', groupSums: 9 } as const;
  const { decided, sums } = await shardsOf(subject, request, 2);
  const { groupSums, notes } = mergeShards(sums, { decided, population: 'data' });
  expect([groupSums, notes]).toEqual([
    undefined,
    [
      'sums by group of examples: left out, since those of weighted visits were made for the population distribution',
    ],
  ]);
});

it('parts in other groups merge without them, and say so', async () => {
  const [twenty, eight, none] = await Promise.all(
    [20, 8, undefined].map(async (groupSums) => {
      const { sums } = await shardsOf(subject, { estimator: 'exact', groupSums }, 2);
      return sums;
    }),
  );
  const { groupSums, notes, ...rest } = mergeShards([twenty[0], twenty[1]]);
  expect([groupSums?.count, notes]).toEqual([20, []]);
  for (const parts of [
    [twenty[0], eight[1]],
    [eight[0], twenty[1]],
    [twenty[0], none[1]],
    [none[0], twenty[1]],
  ]) {
    const { notes: said, ...plain } = mergeShards(parts);
    expect(said).toEqual([expect.stringMatching(/by group of examples: left out/)]);
    expectSame(plain, rest);
  }
});

describe('what does not make a whole', () => {
  const request: EstimateRequest = { estimator: 'type1', labels: 2, seed: 7 };
  const codeOf = (code: string) => expect.objectContaining({ code }) as Error;

  it('missing, twice, none, of another kind', async () => {
    const { sums } = await shardsOf(subject, request, 4);
    expect(missingSpans(sums)).toEqual([]);
    const some = [sums[3], sums[0]];
    expect(missingSpans(some)).toEqual([[75, 225]]);
    expect(() => mergeShards(some)).toThrow(/75 to 224/);
    const partial: DiagonalEstimate = mergeShards(some, { partial: true });
    expect(partial.examples).toBe(150);
    expect(() => mergeShards([...sums, sums[1]])).toThrow(/visits 75 to 149 twice/);
    expect(() => mergeShards([])).toThrow(codeOf('estimate/no-shards'));
    expect(() => mergeShards([{ ...sums[0], visited: null }])).toThrow(codeOf('estimate/no-shards'));
  });

  it('other weights, seed, likelihood, number of visits, totals', async () => {
    const { sums } = await shardsOf(subject, request, 2);
    const other = denseNetwork({ widths: [4, 6, 3], initialScale: 3, seed: 4, dtype: 'float64' });
    const strangers: [EstimateSubject, EstimateRequest, RegExp][] = [
      [{ ...subject, network: other }, request, /the parameters θ/],
      [subject, { ...request, seed: 8 }, /seed/],
      [
        { ...subject, dataset: makeDataset({ source: 'x', inputs: new Map([['x', rows(299)]]) }) },
        request,
        /the data/,
      ],
      [subject, { ...request, order: 'file' }, /the visits/],
      [subject, { ...request, functionals }, /the weights of the entries/],
      [subject, { ...request, largest: 2 }, /what was asked for/],
      [subject, { ...request, root: 'class' }, /the root of the signs/],
    ];
    for (const [of, asked, words] of strangers) {
      const { sums: theirs } = await shardsOf(of, asked, 2);
      expect(() => mergeSums(sums[0], theirs[1])).toThrow(words);
      await setImmediate();
    }
  });

  it('decided on another network or other data', async () => {
    const decided = await decideEstimate(subject, request);
    if (!decided) throw new Error('interrupted');
    const few = { ...subject, dataset: makeDataset({ source: 'few', inputs: new Map([['x', rows(200)]]) }) };
    await expect(shardSums(few, decided, { index: 0, count: 2 })).rejects.toThrow(
      codeOf('estimate/stranger'),
    );
    const labelled = { ...subject, targets: likelihood.readTargets(y, N, 3) };
    const empirical = await decideEstimate(labelled, { estimator: 'empirical' });
    const rolled = tensor(
      'int32',
      [N],
      Int32Array.from({ length: N }, (_, i) => (i * i + 1) % 3),
    );
    const others: [EstimateSubject, RegExp][] = [
      [{ ...subject, targets: likelihood.readTargets(rolled, N, 3) }, /the labels of the data/],
      [{ ...subject, targets: null }, /the labels of the data/],
      [{ ...subject, dataset: weighted }, /the weights of the examples/],
    ];
    for (const [of, words] of others)
      await expect(shardSums(of, empirical as DecidedEstimate, { index: 0, count: 2 })).rejects.toThrow(
        words,
      );
    for (const part of [
      { index: 4, count: 4 },
      { index: -1, count: 4 },
      { from: 5, to: 301 },
      { from: 5, to: 4 },
    ])
      await expect(shardSums(subject, decided, part)).rejects.toThrow(codeOf('estimate/shard'));
  });

  it('weights of a mix that another machine made are the same to rounding', async () => {
    const { sums } = await shardsOf(subject, { estimator: 'mix' }, 2);
    const by = (step: number): FisherSums<'diagonal'> => {
      const mix = Object.entries(sums[1].settings.mix as Record<string, number>);
      return {
        ...sums[1],
        settings: { ...sums[1].settings, mix: Object.fromEntries(mix.map(([p, w]) => [p, w + step])) },
      };
    };
    expect(mergeSums(sums[0], by(1e-13)).settings.mix).toEqual(sums[0].settings.mix);
    expect(() => mergeSums(sums[0], by(1e-9))).toThrow(/the weights of the mix/);
  });

  it('weighted visits without what was decided', async () => {
    const { sums } = await shardsOf(subject, { estimator: 'exact', examples: 40, visits: 'weighted' }, 2);
    expect(() => mergeShards(sums)).toThrow(codeOf('estimate/decided'));
  });
});
