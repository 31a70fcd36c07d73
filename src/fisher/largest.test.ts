import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../test/fisher/examples.js';
import { firstRows, MODEL_NAMES, modelOf } from '../../test/fisher/networks.js';
import { createSmallEngine } from '../engine/small/index.js';
import { marginGroups } from './forms/diagonal/margins.js';
import { estimateByLayer } from './auto.js';
import { type DiagonalOptions, estimateDiagonal } from './index.js';
import { largestEntries } from './largest.js';
import { widestSite } from './memory.js';

const engine = createSmallEngine();

/** Which rows and columns are outputs: W [in, out] or its transpose, by the model. */
const DENSE: Partial<Record<(typeof MODEL_NAMES)[number], Record<string, boolean>>> = {
  'dense categorical': { W1: false, W2: true },
  'dense bernoulli': { W1: false, W2: true },
  'dense gaussian': { W1: false, W2: true },
  'rank-3 Linear': { V: false },
  'positions in rows': { V: false },
  'masked weight': { V: false },
  embedding: { V: false },
};

describe.each(MODEL_NAMES)('%s: sums along rows and columns of dense weights', (name) => {
  const { network, likelihood, x } = firstRows(modelOf(name), 5);
  const dense = DENSE[name] ?? {};
  const width = widestSite(network);

  /** The sums that are to be, each with the weights of its entries. */
  const wanted = Object.entries(dense).flatMap(([p, transposed]) => {
    const [rows, columns] = network.parameters.get(p)!.shape as number[];
    const one = (kind: 'outputs' | 'inputs', place: number) => ({
      ...{ p, kind, place },
      weights: new Map([
        [
          p,
          Float64Array.from({ length: rows * columns }, (_, i) => {
            const [row, column] = [Math.floor(i / columns), i % columns];
            return +(place === ((kind === 'outputs') === transposed ? row : column));
          }),
        ],
      ]),
    });
    const [outputs, inputs] = transposed ? [rows, columns] : [columns, rows];
    return [
      ...Array.from({ length: outputs }, (_, o) => one('outputs', o)),
      ...Array.from({ length: inputs }, (_, i) => one('inputs', i)),
    ];
  });
  const functionals = wanted.map(({ p, kind, place, weights }) => ({
    name: `${p} ${kind} ${place}`,
    weights,
  }));

  const estimators = ['exact', 'type1', 'rademacher', 'type2', 'mix'] as const;
  const asked = estimators.flatMap((estimator) =>
    (['closed-form', 'sampled'] as const).flatMap((error) =>
      [undefined, width * 8, 1].map((budget) => [estimator, error, budget] as const),
    ),
  );

  it.each(asked)(
    '%s, errors %s, budget %s: as weights 0 and 1 give them',
    async (estimator, error, budget) => {
      const options: DiagonalOptions = {
        ...{ estimator, error, labels: 2, populationSize: 5, batch: 3, functionals, largest: 3 },
        ...(estimator === 'rademacher' ? { exactPairs: 1 } : {}),
        ...(budget ? { budget } : {}),
        ...(estimator === 'mix' ? { weights: Float64Array.of(1, 2, 0.5, 1, 3) } : {}),
      };
      const e = await estimateDiagonal(engine, network, likelihood, sourceOf(x), options);
      expect(Object.keys(e.sums!)).toEqual(Object.keys(dense));
      for (const [i, { p, kind, place }] of wanted.entries()) {
        const [got, want] = [e.sums![p][kind][place], e.functionals![i]];
        for (const key of ['value', 'labelError', 'dataError', 'standardError'] as const)
          expect(Math.abs(got[key]! - want[key]!), `${want.name} ${key}`).toBeLessThan(1e-9 * e.trace.value);
      }
      expect(marginGroups(network)).toHaveLength(wanted.length);
    },
  );

  it('by layer: the same values and errors', async () => {
    const run = { estimator: 'exact', populationSize: 5, largest: 2 } as const;
    const plain = await estimateDiagonal(engine, network, likelihood, sourceOf(x), run);
    const choices = plain.layers.map((l) => ({ ...l, estimator: 'exact' as const, reason: '' }));
    const e = await estimateByLayer(engine, network, likelihood, sourceOf(x), choices, {
      populationSize: 5,
      largest: 2,
    });
    for (const [p, { outputs, inputs }] of Object.entries(plain.sums!))
      [...outputs, ...inputs].forEach((f, i) => {
        const got = [...e.sums![p].outputs, ...e.sums![p].inputs][i];
        expect(got.value).toBeCloseTo(f.value, 10);
        expect(got.standardError).toBeCloseTo(f.standardError!, 10);
      });
  });
});

describe('the largest entries', () => {
  const tensor = (name: string, shape: number[], fisher: number[]) => ({
    ...{ name, shape, fisher: Float64Array.from(fisher) },
    standardError: Float64Array.from(fisher, (v) => v / 2),
  });
  const tensors = [tensor('a', [2, 3], [1, 5, 2, 5, 0, 3]), tensor('b', [2], [4, 6]), tensor('c', [], [5])];

  it('are in order, of equal ones the first, with place, error and interval', () => {
    const all = largestEntries(tensors, 5);
    expect(all.map(({ name, index, value }) => [name, index, value])).toEqual([
      ['b', [1], 6],
      ['a', [0, 1], 5],
      ['a', [1, 0], 5],
      ['c', [], 5],
      ['b', [0], 4],
    ]);
    expect(all[0].standardError).toBe(3);
    expect(all[0].interval![0]).toBeCloseTo(6 - 1.96 * 3, 2);
    expect(all[0].interval![1]).toBeCloseTo(6 + 1.96 * 3, 2);
    expect(largestEntries(tensors, 100)).toHaveLength(9);
  });
});

it('sums of a weight whose name every object knows', async () => {
  const { network, likelihood, x } = firstRows(modelOf('dense categorical'), 5);
  const named = <T>(map: ReadonlyMap<string, T>) =>
    new Map([...map].map(([name, v]) => [name === 'W1' ? '__proto__' : name, v] as const));
  const odd = { ...network, parameters: named(network.parameters), weights: named(network.weights) };
  const options: DiagonalOptions = { estimator: 'exact', populationSize: 5, largest: 2 };
  const [own, plain] = [
    await estimateDiagonal(engine, odd, likelihood, sourceOf(x), options),
    await estimateDiagonal(engine, network, likelihood, sourceOf(x), options),
  ];
  expect(Object.entries(own.sums ?? {})).toEqual(
    Object.entries(plain.sums ?? {}).map(([name, sums]) => [name === 'W1' ? '__proto__' : name, sums]),
  );
});
