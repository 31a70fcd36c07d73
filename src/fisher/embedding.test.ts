/**
 * Diagonals of networks with an embedding, whose scores are held at the rows that an example picks, against those of the same networks with the
 * table behind a product with ones, whose scores are formed in full.
 */
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../test/fisher/examples.js';
import { model } from '../../test/fisher/networks.js';
import { tensor, type Tensor } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { createOrtEngine } from '../engine/ort/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import { constant, input, N, ops as b, type Value } from '../graph/index.js';
import { getLikelihood } from '../likelihood/index.js';
import type { Network } from '../model/network.js';
import { sitesOf } from '../model/sites.js';
import { entryScores, siteScores } from '../scores/second/site-scores.js';
import { type DiagonalOptions, estimateDiagonal } from './index.js';
import { budgetOf, planMemory, planSites, widestSite } from './memory.js';

const ONES = constant(tensor('float64', [7, 3], new Float64Array(21).fill(1)));

/** Ids −7 … 6 of seven rows, from the start and from the end. */
function idsOf(x: Value): Value {
  const bound = (v: number) => b.scalar(v, 'float64');
  return b.cast(b.maximum(b.minimum(b.scale(x, 3), bound(6)), bound(-7)), 'int64');
}

/** Rows that two look-ups of five ids pick, past a smooth node; `table` is what they look up in. */
const twice = (table: (E: Value) => Value) =>
  model('embedding', getLikelihood('categorical'), [N, 5], { E: [7, 3], V: [3, 4] }, (x, p) => {
    const rows = b.reduceSum(b.tanh(b.gather(table(p.E), idsOf(x), 0)), [1]);
    const first = b.reshape(b.slice(x, 1, 0, 1), [N]);
    return b.matmul(b.add(rows, b.square(b.gather(table(p.E), idsOf(first), 0))), p.V);
  });

const held = twice((E) => E);
const full = twice((E) => b.mul(E, ONES));

const forms = ({ h, parameters }: Network) => sitesOf([h], [...parameters.values()]).map((s) => s.form);

describe('an embedding looked up twice', () => {
  it('is held at its rows, the other in full', () => {
    expect(forms(held.network)).toEqual(['embedding', 'dense']);
    expect(forms(full.network)).toEqual(['fallback', 'dense']);
  });

  const [exact, sampled, signs, two] = [
    { estimator: 'exact' },
    { estimator: 'type1', labels: 2, error: 'sampled' },
    { estimator: 'rademacher', labels: 1, error: 'closed-form' },
    { estimator: 'type2', labels: 2, error: 'closed-form' },
  ] as const;
  const closed = { estimator: 'type1', labels: 2, error: 'closed-form' } as const;
  const cut = { budget: widestSite(held.network) * 3 };
  it.each([
    ['small', createSmallEngine, exact],
    ['small', createSmallEngine, { ...exact, ...cut }],
    ['small', createSmallEngine, closed],
    ['small', createSmallEngine, { ...closed, ...cut }],
    ['small', createSmallEngine, sampled],
    ['small', createSmallEngine, signs],
    ['small', createSmallEngine, { ...signs, ...cut }],
    ['small', createSmallEngine, two],
    ['ort', createOrtEngine, exact],
    ['ort', createOrtEngine, signs],
  ] as const)('by %s %#: values and errors', async (_, engine, options) => {
    const run = async ({ network, likelihood, x }: typeof held) => {
      const all: DiagonalOptions = { ...{ populationSize: 40, batch: 6, seed: 3 }, ...options };
      return estimateDiagonal(await engine(), network, likelihood, sourceOf(x), all);
    };
    const [got, want] = [await run(held), await run(full)];
    got.tensors.forEach((t, i) => {
      for (const key of ['fisher', 'labelError', 'dataError', 'standardError'] as const)
        close(t[key] ?? [], want.tensors[i][key] ?? []);
    });
    expect(got.tensors[0].fisher.some((f) => f > 0)).toBe(true);
    for (const key of ['value', 'labelError', 'dataError', 'standardError'] as const)
      close([got.trace[key] ?? 0], [want.trace[key] ?? 0]);
  });
});

describe('30,000 rows of 64', () => {
  const [V, D, S] = [30_000, 64, 16];
  const x = input('x', 'int64', [N, S]);
  const [E, W] = [input('E', 'float32', [V, D]), input('W', 'float32', [D, 10])];
  const network: Network = {
    inputs: new Map([['x', x]]),
    h: b.matmul(b.tanh(b.reduceMean(b.gather(E, x, 0), [1])), W),
    parameters: new Map([
      ['E', E],
      ['W', W],
    ]),
    fixed: new Map(),
    weights: new Map(),
  };

  it('take the numbers of the rows that are picked, not those of the table', () => {
    expect(widestSite(network)).toBe(V * D);
    expect([widestSite(network, 'neurons'), widestSite(network, 'pieces')]).toEqual([S * D, S * D]);
  });

  it('32 examples and ten columns at once fit beside the sums into 300 MB', () => {
    const budget = budgetOf(network, 300e6);
    const plan = { chunk: 10, batch: 32 };
    expect(planMemory(network, 10, 32, 1, budget, 'pieces')).toEqual(plan);
    expect(planMemory(network, 10, 32, 2, budget, 'neurons')).toEqual(plan);
    // Second derivatives: fewer examples, so that the neurons move in sixteen pieces at most.
    expect(planSites(network, 11, 32, budget, 'neurons').batch).toBeGreaterThanOrEqual(16);
    // In full, the scores of one example and column alone are larger than the arrays of both plans.
    expect(planMemory(network, 10, 32, 1, budget)).toEqual({ chunk: 1, batch: 1 });
  });
});

describe('second derivatives of an embedding', () => {
  const { network, x } = held;
  const E = network.parameters.get('E')!;
  const ct = input('ct', 'float64', [N, 2, 4]);
  const n = x.shape[0];
  const numbers = Float64Array.from({ length: n * 8 }, (_, i) => Math.sin(i + 1));
  const bind = new Map<Value, Tensor>([
    [network.inputs.get('x')!, x],
    [ct, tensor('float64', [n, 2, 4], numbers)],
    ...[...network.parameters].map(([p, v]) => [v, network.weights.get(p)!] as const),
  ]);
  const seeds = constant(
    tensor(
      'float64',
      [21, 21],
      Float64Array.from({ length: 441 }, (_, i) => +(i % 22 === 0)),
    ),
  );
  const { second: want } = entryScores(network.h, E, ct, seeds);

  it.each([2, 3, 7, 100])(
    'along the rows that are picked, %d at a time: those along all entries',
    (chunk) => {
      const { structured, entries } = siteScores(network.h, [E], ct, chunk);
      expect(entries).toEqual([]);
      const [got, all] = evaluate([structured[0].second!.explicit(), want!], bind, n);
      expect(got.shape).toEqual([n, 2, 7, 3]);
      close(Array.from(got.data, Number), Array.from(all.data, Number));
    },
  );

  it('of more pieces than a graph is to have: along all entries', () => {
    expect(siteScores(network.h, [E], ct, 1).entries).toEqual([E]);
  });
});

/** Within 1e-12 of the largest. */
function close(got: ArrayLike<number>, want: ArrayLike<number>): void {
  const scale = Math.max(...Array.from(want).map(Math.abs));
  expect(got.length).toBe(want.length);
  Array.from(want).forEach((w, i) => expect(Math.abs(got[i] - w)).toBeLessThanOrEqual(1e-12 * scale));
}
