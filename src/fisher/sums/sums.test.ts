/**
 * Sums as plain data: parts of any partition of the examples merge to the estimate of the whole, by every estimator and form; strangers
 * are refused by name; groups of examples add up; a file gives back every bit.
 */
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { range, sourceOf } from '../../../test/fisher/examples.js';
import { modelOf } from '../../../test/fisher/networks.js';
import { permutation, UniformStream } from '../../core/random.js';
import { tensor } from '../../core/tensor.js';
import { formatArrays, openArrays } from '../../data/arrays.js';
import { createSmallEngine } from '../../engine/small/index.js';
import { getLikelihood } from '../../likelihood/index.js';
import { denseNetwork } from '../../model/dense.js';
import { atPrecision, type Network } from '../../model/network.js';
import { estimateDiagonal } from '../diagonal.js';
import type { Estimator } from '../estimate.js';
import { ESTIMATORS } from '../estimators/table.js';
import { DEFAULT_GROUPS, groupOf } from '../example-groups.js';
import { estimateDense } from '../forms/dense/dense.js';
import type { ExampleSource } from '../source.js';
import { sumsFromArrays, sumsToArrays } from './arrays.js';
import { digestOfTensors } from './digests.js';
import { estimateFromSums } from './estimate.js';
import { denseSums, diagonalSums, layersSums } from './make.js';
import { groupSums, mergeSums, wholePart } from './merge.js';
import type { FisherSums, FormName } from '../forms/sums.js';

// The small engine computes inside the call: the runner is heard between tests.
afterEach(() => setImmediate());

const engine = createSmallEngine();
const { network, likelihood, x } = modelOf('dense categorical');
const n = x.shape[0];
const T = network.h.shape[1] as number;
const targets = likelihood.readTargets(
  tensor(
    'int32',
    [n],
    Array.from({ length: n }, (_, i) => i % T),
  ),
  n,
  T,
);
const weights = Float64Array.from({ length: n }, (_, i) => [0, 0.5, 1, 2][i % 4]);
const mix = new Map([...network.parameters.keys()].map((p) => [p, 0.3]));
const data = digestOfTensors(new Map([['x', x]]));
const common = {
  labels: 3,
  targets,
  seed: 5,
  population: 'data',
  populationSize: 40,
  data,
  batch: 4,
} as const;

interface Case {
  readonly estimator: Estimator;
  readonly error?: 'closed-form' | 'sampled';
  readonly weights?: Float64Array | undefined;
  readonly groups?: number;
  readonly batch?: number;
}

const MAKERS = {
  diagonal: (c: Case, source: ExampleSource) =>
    diagonalSums(engine, network, likelihood, source, { ...common, mix, ...c }),
  dense: (c: Case, source: ExampleSource) =>
    denseSums(engine, network, likelihood, source, {
      ...common,
      alpha: 0.3,
      stream: new UniformStream(5, `${ESTIMATORS[c.estimator].stream}/estimate`),
      ...c,
    }),
  layers: (c: Case, source: ExampleSource) =>
    layersSums(engine, network, likelihood, source, {
      ...common,
      formOf: (weight) => (weight === 'W1' ? 'kfac' : 'unit'),
      ...c,
    }),
} as const satisfies Record<FormName, (c: Case, source: ExampleSource) => Promise<FisherSums>>;

const FORM_NAMES = Object.keys(MAKERS) as FormName[];

const CASES = (Object.keys(ESTIMATORS) as Estimator[]).flatMap((estimator): Case[] => {
  const errors = ESTIMATORS[estimator].drawn ? (['closed-form', 'sampled'] as const) : ([undefined] as const);
  return errors.flatMap((error) =>
    [undefined, weights].map((w) => ({ estimator, ...(error ? { error } : {}), weights: w })),
  );
});

/** The cases of a form: second derivatives have no form by layers. */
const casesOf = (form: FormName) => CASES.filter((c) => form !== 'layers' || !ESTIMATORS[c.estimator].curved);

const named = (form: FormName) =>
  casesOf(form).map((c) => [`${c.estimator} ${c.error ?? ''}${c.weights ? ' weighted' : ''}`, c] as const);

/** Every number of a result, with its path. */
function numbersOf(value: unknown, path = ''): [string, number | null][] {
  if (typeof value === 'number' || value === null) return [[path, value]];
  if (ArrayBuffer.isView(value)) return [...(value as Float64Array)].map((v, i) => [`${path}[${i}]`, v]);
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, v]) => numbersOf(v, `${path}.${key}`));
}

/** Equal to 1e-12 of the largest number of the same array, or of the number itself. */
function expectSame(got: unknown, expected: unknown, tolerance = 1e-12): void {
  const [a, b] = [numbersOf(got), numbersOf(expected)];
  expect(a.map(([path]) => path)).toEqual(b.map(([path]) => path));
  const largest = new Map<string, number>();
  const array = (path: string) => path.replace(/(\[\d+\]|\.\d+)$/, '');
  for (const [path, v] of b)
    largest.set(array(path), Math.max(largest.get(array(path)) ?? 0, Math.abs(v ?? 0)));
  a.forEach(([path, v], i) => {
    const w = b[i][1];
    if (v === null || w === null) expect([path, v]).toEqual([path, w]);
    // A third moment loses more digits than a second, which a root takes half of.
    else {
      const scale = (largest.get(array(path)) ?? 0) * (path.endsWith('skewness') ? 100 : 1);
      expect(Math.abs(v - w), path).toBeLessThanOrEqual(tolerance * Math.max(scale, Math.abs(w)) + 1e-300);
    }
  });
}

/** n examples in k parts that a permutation deals out, of different sizes. */
function partsOf(k: number): number[][] {
  const order = permutation(n, 3, `parts ${k}`);
  const parts = Array.from({ length: k }, (): number[] => []);
  order.forEach((row, i) => parts[i < k ? i : (i * i) % k].push(row));
  return parts;
}

const freeze = (sums: FisherSums) =>
  JSON.stringify(
    sums.parts.map((p) =>
      Object.keys(p)
        .sort()
        .map((k) => [k, [...p[k]].map((v) => (Object.is(v, -0) ? '-0' : String(v)))]),
    ),
  );

describe.each(FORM_NAMES)('%s', (form) => {
  const make = MAKERS[form];

  it.each(named(form))('%s: parts merge to the whole, in any order', async (_, c) => {
    const whole = estimateFromSums(await make(c, sourceOf(x)));
    for (const k of [1, 4]) {
      const parts = await Promise.all(partsOf(k).map((rows) => make(c, sourceOf(x, rows))));
      const before = parts.map(freeze);
      const left = parts.reduce((a, b) => mergeSums(a as never, b as never));
      const right = parts.reduceRight((a, b) => mergeSums(b as never, a as never));
      expectSame(estimateFromSums(left), whole);
      expectSame(estimateFromSums(right), whole);
      expect(parts.map(freeze), 'sums that were merged are as they were').toEqual(before);
    }
  });

  it.each(named(form))('%s: groups of examples add up to the whole', async (_, c) => {
    const [plain, apart] = [await make(c, sourceOf(x)), await make({ ...c, groups: 4 }, sourceOf(x))];
    expect(apart.parts).toHaveLength(4);
    expectSame(estimateFromSums(apart), estimateFromSums(plain));
    // Each group is the sums of its own examples, whatever else was in the run.
    const of = groupOf({ count: 4, seed: 5 });
    for (let g = 0; g < 4; g++) {
      const rows = range(n).filter((i) => of(i) === g);
      expect(apart.parts[g].counts[0]).toBe(rows.filter((i) => !c.weights || c.weights[i] > 0).length);
      if (apart.parts[g].counts[0] === 0) continue;
      expectSame(estimateFromSums(groupSums(apart, [g])), estimateFromSums(await make(c, sourceOf(x, rows))));
    }
    const rest = groupSums(apart, [1, 2, 3]);
    const without = range(n).filter((i) => of(i) !== 0);
    expectSame(estimateFromSums(rest), estimateFromSums(await make(c, sourceOf(x, without))));
  });

  it('a file gives back every bit', async () => {
    for (const c of casesOf(form).filter(({ error }) => error !== 'sampled')) {
      const sums = await make({ ...c, groups: 3 }, sourceOf(x));
      for (const format of ['npz', 'safetensors'] as const) {
        const { arrays, manifest } = sumsToArrays(sums);
        const back = sumsFromArrays(
          openArrays(formatArrays(format, arrays, manifest, 'sums'), `sums.${format}`),
        );
        expect(back).toEqual(sums);
        expect(freeze(back)).toBe(freeze(sums));
      }
    }
  });

  it('of two sums that differ in anything, the merge says in what', async () => {
    const source = sourceOf(x);
    const c: Case = { estimator: 'type1', error: 'closed-form' };
    const one = (await make(c, source)) as FisherSums;
    const other = async (more: Partial<Case> & Record<string, unknown>) => make({ ...c, ...more }, source);
    const strangers: [FisherSums, RegExp][] = [
      [await other({ estimator: 'rademacher' }), /estimator/],
      [await other({ labels: 2 }), /draws per example/],
      [await other({ error: 'sampled' }), /source of the label error/],
      [await other({ data: 'another' }), /the data/],
      [await other({ data: null }), /the data/],
      [await other({ weights }), /the weights of the examples/],
      [await other({ visits: 'in the order of the file' }), /the visits/],
      [await other({ populationSize: 41 }), /the size of the data set/],
      [await other({ groups: 5 }), /the groups of examples/],
    ];
    for (const [stranger, words] of strangers) {
      expect(() => mergeSums(one, stranger)).toThrow(words);
      expect(() => mergeSums(stranger, one)).toThrow(
        expect.objectContaining({ code: 'fisher/sums-differ' }) as Error,
      );
    }
  });
});

describe('what does not belong together', () => {
  const sumsOf = (of: Network, options: Record<string, unknown> = {}, l = likelihood) =>
    diagonalSums(engine, of, l, sourceOf(x), { estimator: 'exact', populationSize: n, ...options });

  it('another network, other parameters, another precision, another likelihood, other labels', async () => {
    const sums = await sumsOf(network);
    const [name, first] = [...network.weights][0];
    const moved = tensor(
      'float64',
      first.shape,
      Array.from(first.data as Float64Array, (v, i) => (i === 0 ? v + 2 ** -40 : v)),
    );
    const trained = { ...network, weights: new Map([...network.weights, [name, moved]]) };
    expect(() => mergeSums(sums, sums)).not.toThrow();
    expect(() => mergeSums(sums, { ...sums, form: 'dense' } as never)).toThrow(/the form/);
    await expect(sumsOf(trained).then((s) => mergeSums(sums, s))).rejects.toThrow(/the parameters θ/);
    const single = await sumsOf(atPrecision(network, 'float32'));
    expect(() => mergeSums(sums, single)).toThrow(/the graph of the network|the precision/);
    const bernoulli = await sumsOf(network, {}, getLikelihood('bernoulli'));
    expect(() => mergeSums(sums, bernoulli)).toThrow(/likelihood/);
    const fixed = {
      ...network,
      parameters: new Map([...network.parameters].slice(1)),
      fixed: new Map([[name, network.parameters.get(name)!]]),
    };
    await expect(sumsOf(fixed).then((s) => mergeSums(sums, s))).rejects.toThrow(/the graph of the network/);
    const drawn = (seed: number) => sumsOf(network, { estimator: 'type1', seed });
    const [five, six] = [await drawn(5), await drawn(6)];
    expect(() => mergeSums(five, six)).toThrow(/seed/);
    const turned = { ...targets, data: Float64Array.from(targets.data, (v) => (v + 1) % T) };
    const [a, b] = await Promise.all(
      [targets, turned].map((t) => sumsOf(network, { estimator: 'empirical', targets: t })),
    );
    expect(() => mergeSums(a, b)).toThrow(/the labels of the data/);
  });

  it('networks of the same making have the same digests, activations tell them apart', async () => {
    const make = (activation: 'tanh' | 'relu') =>
      denseNetwork({ widths: [3, 4, 3], activation, dtype: 'float64', seed: 2 });
    const digests = async (of: Network) => (await sumsOf(of)).digests;
    expect(await digests(make('tanh'))).toEqual(await digests(make('tanh')));
    expect((await digests(make('relu'))).network).not.toBe((await digests(make('tanh'))).network);
    expect((await digests(make('relu'))).parameters).toBe((await digests(make('tanh'))).parameters);
  });

  it('a file of another kind, and a group that is not there', async () => {
    const sums = await sumsOf(network);
    const { arrays, manifest } = sumsToArrays(sums);
    const open = (m: Record<string, unknown> | null) =>
      openArrays(formatArrays('npz', arrays, m, 'a'), 'a.npz');
    for (const m of [null, { kind: 'weights' }, { ...manifest, version: 0 }])
      expect(() => sumsFromArrays(open(m))).toThrow(
        expect.objectContaining({ code: 'fisher/sums-file' }) as Error,
      );
    for (const groups of [[], [1], [-1]])
      expect(() => groupSums(sums, groups)).toThrow(
        expect.objectContaining({ code: 'fisher/groups' }) as Error,
      );
    for (const groups of [0, 1.5, 1e6])
      await expect(sumsOf(network, { groups })).rejects.toMatchObject({ code: 'fisher/groups' });
  });
});

describe('an estimate from sums', () => {
  const options = { estimator: 'type1', labels: 2, seed: 9, populationSize: n } as const;

  it('is the estimate, figure for figure; population and level are chosen afterwards', async () => {
    const sums = await diagonalSums(engine, network, likelihood, sourceOf(x), options);
    for (const more of [{}, { population: 'data', level: 0.8 } as const]) {
      const direct = await estimateDiagonal(engine, network, likelihood, sourceOf(x), {
        ...options,
        ...more,
      });
      expect(estimateFromSums(sums, more)).toEqual(direct);
    }
    const stream = new UniformStream(9, 'type1/estimate');
    const dense = await denseSums(engine, network, likelihood, sourceOf(x), { ...options, stream });
    const direct = await estimateDense(engine, network, likelihood, sourceOf(x), {
      ...options,
      population: n,
      stream,
    });
    expect(estimateFromSums(dense, { population: 'data' })).toEqual(direct);
    // Twice the same: an estimate spends nothing of its sums.
    expect(estimateFromSums(dense, { population: 'data' })).toEqual(direct);
  });

  it('the group of an example depends on its index and the seed alone', () => {
    const of = groupOf({ count: DEFAULT_GROUPS, seed: 1 });
    const sizes = new Array<number>(DEFAULT_GROUPS).fill(0);
    for (let i = 0; i < 20000; i++) sizes[of(i)]++;
    // 1,000 each, with a standard deviation of 31.
    for (const size of sizes) expect(Math.abs(size - 1000)).toBeLessThan(160);
    expect(range(50).map(of)).toEqual(range(50).map(groupOf({ count: DEFAULT_GROUPS, seed: 1 })));
    expect(range(50).map(of)).not.toEqual(range(50).map(groupOf({ count: DEFAULT_GROUPS, seed: 2 })));
  });

  it('what float32 does not hold is computed again in float64, and merges with what it does', async () => {
    const scaled = atPrecision(network, 'float32');
    const big = {
      ...scaled,
      weights: new Map(
        [...scaled.weights].map(([p, t]) => [
          p,
          p === 'b2' ? t : { ...t, data: (t.data as Float32Array).map((v) => v * (p === 'W2' ? 1e25 : 1)) },
        ]),
      ),
    };
    const gaussian = getLikelihood('gaussian', { variance: 1 });
    const run = (rows: number[]) =>
      diagonalSums(engine, big, gaussian, sourceOf(x, rows), { estimator: 'exact', populationSize: n });
    const [a, b] = [await run(range(n).slice(0, 5)), await run(range(n).slice(5))];
    const merged = estimateFromSums(mergeSums(a, b));
    expect(merged.dtype).toBe('float64');
    expect(merged.notes.join()).toContain('computed again in float64');
    expectSame(
      merged.tensors.map((t) => t.fisher),
      (
        await estimateDiagonal(engine, big, gaussian, sourceOf(x), { estimator: 'exact', populationSize: n })
      ).tensors.map((t) => t.fisher),
    );
  });

  it('is plain data: it survives a structured clone', async () => {
    const sums = await diagonalSums(engine, network, likelihood, sourceOf(x), { ...options, groups: 2 });
    const clone = structuredClone(sums);
    expect(clone).toEqual(sums);
    expect(estimateFromSums(clone)).toEqual(estimateFromSums(sums));
    expect(Object.keys(wholePart(clone))).toEqual(Object.keys(sums.parts[0]));
  });
});
