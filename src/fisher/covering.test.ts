/**
 * Errors that cover entries, against the terms of every example by itself: the estimate of one example alone is its term, with the same
 * draws, and its label error the deviation of that term.
 */
import { describe, expect, it } from 'vitest';
import { range, sourceOf } from '../../test/fisher/examples.js';
import { firstRows, MODEL_NAMES, modelOf } from '../../test/fisher/networks.js';
import { matrixShape } from '../core/matrix-shape.js';
import { createSmallEngine } from '../engine/small/index.js';
import {
  type DiagonalEstimate,
  type DiagonalOptions,
  estimateDiagonal,
  type TensorEstimate,
} from './index.js';
import { widestSite } from './memory.js';

const n = 6;
const N = 9;
const engine = createSmallEngine();
const OMEGA = Float64Array.from({ length: n }, (_, i) => [0.5, 1, 2][i % 3]);

/** r_o c_i of the terms y[j][i] ≥ 0 of the entries of a tensor, divided by `divisor`. */
function coverOf(shape: readonly number[], terms: readonly ArrayLike<number>[], divisor: number): number[] {
  const [R, C] = matrixShape(shape);
  const entry = (o: number, i: number) => Math.max(...terms.map((y) => Math.abs(y[o * C + i])));
  const rows = Array.from({ length: R }, (_, o) => Math.max(...range(C).map((i) => entry(o, i))));
  const columns = Array.from({ length: C }, (_, i) => Math.max(...range(R).map((o) => entry(o, i))));
  const top = Math.max(...rows);
  return range(R * C).map((k) => ((rows[Math.floor(k / C)] || top) * (columns[k % C] || top)) / divisor ** 2);
}

const squares = (x: Float64Array | null): number[] => [...(x as Float64Array)].map((v) => v * v);

interface Asked {
  readonly estimator: 'exact' | 'type1' | 'type2' | 'mix' | 'rademacher';
  readonly error?: 'closed-form' | 'sampled';
  readonly labels?: number;
  readonly exactPairs?: number;
  readonly weighted?: boolean;
}

const CASES: Asked[] = [
  { estimator: 'exact' },
  { estimator: 'exact', weighted: true },
  { estimator: 'type1', error: 'closed-form', labels: 1 },
  { estimator: 'type1', error: 'sampled', labels: 3, weighted: true },
  { estimator: 'rademacher', error: 'sampled', labels: 2 },
  { estimator: 'rademacher', error: 'sampled', labels: 2, exactPairs: 1 },
  { estimator: 'rademacher', error: 'closed-form', labels: 2, weighted: true },
  { estimator: 'type2', error: 'closed-form', labels: 2 },
  { estimator: 'type2', error: 'sampled', labels: 2, weighted: true },
  { estimator: 'mix', error: 'sampled', labels: 2 },
];

const named = CASES.map((c) => [Object.values(c).join(' '), c] as const);

describe.each(MODEL_NAMES)('%s', (name) => {
  const { network, likelihood, x } = firstRows(modelOf(name), n);
  const width = widestSite(network);
  const mix = new Map([...network.parameters.keys()].map((p, i) => [p, [0.3, 1, 0][i % 3]]));
  const estimate = (
    { weighted, ...asked }: Asked,
    order: readonly number[],
    more: Pick<DiagonalOptions, 'populationSize' | 'population' | 'budget'>,
  ): Promise<DiagonalEstimate> =>
    estimateDiagonal(engine, network, likelihood, sourceOf(x, order), {
      ...{ labels: 2, batch: 4, seed: 3 },
      ...asked,
      ...(asked.estimator === 'mix' ? { mix } : {}),
      ...(weighted ? { weights: OMEGA } : {}),
      ...more,
    });
  const budget = { budget: width * 2 * 2 };

  it.each(named)('%s', async (_, asked) => {
    const one = await Promise.all(
      range(n).map((x) => estimate(asked, [x], { populationSize: 1, population: 'data' })),
    );
    const omega = (j: number) => (asked.weighted ? OMEGA[j] : 1);
    const total = range(n).reduce((s, j) => s + omega(j), 0);
    const scaled = (get: (t: TensorEstimate) => Float64Array | null, k: number) =>
      one.map((e, j) => (get(e.tensors[k]) as Float64Array).map((v) => omega(j) * v));
    for (const limit of [{}, budget]) {
      const sample = await estimate(asked, range(n), { populationSize: N, ...limit });
      const part = await estimate(asked, range(n), { populationSize: N, population: 'data', ...limit });
      const all = await estimate(asked, range(n), { populationSize: n, population: 'data', ...limit });
      sample.tensors.forEach((t, k) => {
        const terms = coverOf(
          t.shape,
          scaled((s) => s.fisher, k),
          total,
        );
        const drawn = asked.estimator !== 'exact';
        const deviations = drawn
          ? coverOf(
              t.shape,
              scaled((s) => s.labelError, k),
              total,
            )
          : null;
        const label = squares(t.labelError);
        const expected = [
          [t, squares(t.dataError), terms],
          [part.tensors[k], squares(part.tensors[k].dataError), terms],
          [all.tensors[k], label.map(() => 0), deviations ?? label.map(() => 0)],
        ] as const;
        expected.forEach(([made, data, cover], which) => {
          const got = squares(made.standardError);
          const top = Math.max(...got, 1e-30);
          got.forEach((v, i) => {
            // Of draws, the data part is clipped where the total is not: it is then known from above only.
            const least = label[i] + cover[i] + (data[i] === 0 ? -label[i] : data[i]);
            const most = label[i] + cover[i] + data[i];
            const clipped = asked.error === 'sampled' && which < 2 && data[i] === 0;
            expect(v, `${t.name}[${i}], population ${which}`).toBeLessThanOrEqual(most + 1e-9 * top);
            if (!clipped) expect(v, `${t.name}[${i}], ${which}`).toBeGreaterThanOrEqual(most - 1e-9 * top);
            else expect(v).toBeGreaterThanOrEqual(least - 1e-9 * top);
            if (which < 2) expect(v).toBeGreaterThan(0);
          });
        });
      });
    }
  });
});
