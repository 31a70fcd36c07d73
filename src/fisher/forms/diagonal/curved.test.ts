import { describe, expect, it } from 'vitest';
import { expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { smallNetwork } from '../../../../test/fisher/small-network.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { constant, ops as b } from '../../../graph/index.js';
import { tensor } from '../../../core/tensor.js';
import { getLikelihood } from '../../../likelihood/index.js';
import { seedOf, Z_LIMIT, zScore } from '../../../stats/ztest.js';
import { estimateDiagonal } from '../../diagonal.js';
import type { DiagonalEstimate } from '../../estimate.js';
import type { DiagonalOptions } from '../../options.js';
import { pooledWeights } from '../../closed-forms/pooled.js';
import { varianceProfile } from '../../closed-forms/profile.js';

const engine = createSmallEngine();
const families = {
  categorical: getLikelihood('categorical'),
  bernoulli: getLikelihood('bernoulli'),
  gaussian: getLikelihood('gaussian', { variance: 2 }),
  'mean and log σ': getLikelihood('gaussian-mv', {}, 'log-sd'),
};
const names = Object.keys(families) as (keyof typeof families)[];
const cases = (['type2', 'mix'] as const).flatMap((e) => names.map((f) => [e, f] as const));

/** A dense layer behind a masked one, whose weight is taken entry by entry. */
function masked(n: number) {
  const { network, x } = smallNetwork('tanh', 2, 6, n);
  const mask = constant(tensor('float64', [4, 3], [1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0]));
  const weight = network.parameters.get('fc1.weight')!;
  const z = b.matmul(network.inputs.get('x')!, b.transpose(b.mul(weight, mask), [1, 0]));
  const second = b.transpose(network.parameters.get('fc3.weight')!, [1, 0]);
  const h = b.matmul(
    b.tanh(b.add(z, network.parameters.get('fc1.bias')!)),
    b.slice(b.concat([second, second], 0), 0, 0, 4),
  );
  return { network: { ...network, h }, x };
}

/** Equal but for rounding, 0 included. */
const same = (got: number | null, want: number | null, tolerance: number): void =>
  expect(Math.abs((got ?? NaN) - (want ?? NaN))).toBeLessThanOrEqual(tolerance * Math.abs(want ?? NaN));

const nets = { dense: (n: number) => smallNetwork('tanh', 2, 6, n), masked };

describe.each(Object.keys(nets) as (keyof typeof nets)[])('type 2 and mixes, %s network', (net) => {
  it.each(net === 'dense' ? cases : cases.filter(([, f]) => f.startsWith('b')))(
    '%s, %s: unbiased, with the error it says',
    async (estimator, family) => {
      const likelihood = families[family];
      const { network, x } = nets[net](2);
      const run = (options: Partial<DiagonalOptions>): Promise<DiagonalEstimate> =>
        estimateDiagonal(engine, network, likelihood, sourceOf(x), {
          estimator,
          populationSize: 2,
          population: 'data',
          seed: seedOf(`${net} ${estimator} ${family}`),
          ...options,
        });
      const exact = await run({ estimator: 'exact' });
      const labels = 1200;
      const closed = await run({ labels });
      const sampled = await run({ labels, error: 'sampled', budget: 200_000 });
      const type1 = await run({ labels, estimator: 'type1' });
      const all = [exact, closed, sampled, type1].map((e) => e.tensors);
      const scale = Math.max(...all[3].flatMap((t) => [...t.labelError!]));
      all[0].forEach((truth, t) => {
        expectClose(all[2][t].fisher, all[1][t].fisher, 1e-11);
        all[1][t].fisher.forEach((v, i) => {
          const se = all[1][t].labelError![i];
          if (se <= 1e-9 * scale) expect(Math.abs(v - truth.fisher[i])).toBeLessThanOrEqual(1e-8 * scale);
          else {
            expect(Math.abs(zScore(v, truth.fisher[i], se))).toBeLessThanOrEqual(Z_LIMIT);
            expect(Math.abs(all[2][t].labelError![i] / se - 1)).toBeLessThan(0.5);
          }
        });
      });
      for (const [k, layer] of [exact.trace, ...exact.layers.map((l) => l.trace)].entries()) {
        const [mine, drawn] = [closed, sampled].map((e) => [e.trace, ...e.layers.map((l) => l.trace)][k]);
        const se = mine.labelError!;
        same(drawn.value, mine.value, 1e-11);
        if (se <= 1e-9 * scale) expect(Math.abs(mine.value - layer.value)).toBeLessThanOrEqual(1e-8 * scale);
        else {
          expect(Math.abs(zScore(mine.value, layer.value, se))).toBeLessThanOrEqual(Z_LIMIT);
          expect(Math.abs(drawn.labelError! / se - 1)).toBeLessThan(0.25);
        }
      }
    },
  );
});

describe('mixes', () => {
  it('with weight 1 is type 1 and with weight 0 type 2, label for label', async () => {
    const { network, x } = smallNetwork('sigmoid', 3, 2, 3);
    const likelihood = families.categorical;
    const run = (options: Partial<DiagonalOptions>) =>
      estimateDiagonal(engine, network, likelihood, sourceOf(x), {
        estimator: 'mix',
        populationSize: 3,
        labels: 4,
        ...options,
      });
    const all = (a: number) => new Map([...network.parameters.keys()].map((p) => [p, a]));
    for (const [a, estimator] of [
      [1, 'type1'],
      [0, 'type2'],
    ] as const) {
      for (const error of ['closed-form', 'sampled'] as const) {
        const mixed = await run({ mix: all(a), error });
        const own = await run({ estimator, error });
        mixed.tensors.forEach((t, i) => {
          expectClose(t.fisher, own.tensors[i].fisher, 1e-12);
          expectClose(t.labelError, own.tensors[i].labelError!, 1e-12);
          expectClose(t.standardError, own.tensors[i].standardError!, 1e-11);
        });
        same(mixed.trace.labelError, own.trace.labelError, 1e-11);
        same(mixed.trace.dataError, own.trace.dataError, 1e-9);
      }
    }
  });

  it('the pooled weights make the sum of a tensor least', async () => {
    const { network, x } = smallNetwork('sigmoid', 3, 2, 30);
    const likelihood = families.categorical;
    const options = { populationSize: 30 };
    const { all } = await varianceProfile(engine, network, likelihood, sourceOf(x));
    const weights = await pooledWeights(engine, network, likelihood, sourceOf(x), { populationSize: 30 });
    expect([...weights.keys()]).toEqual([...network.parameters.keys()]);
    const { tensors } = await estimateDiagonal(engine, network, likelihood, sourceOf(x), {
      ...options,
      estimator: 'mix',
    });
    const total = (v: Float64Array) => v.reduce((s, q) => s + q, 0);
    tensors.forEach((t, i) => {
      const mine = total(t.labelError!.map((s) => s * s * 30));
      const { type1, type2 } = all.tensors[i];
      expect(mine).toBeLessThanOrEqual(Math.min(total(type1), total(type2)) * 1.2);
    });
    // The last layer's type 2 has no variance, so its mix is type 2.
    expect(weights.get('fc3.weight')).toBeCloseTo(0, 12);
  });

  it('an interrupted estimate is one of the examples seen', async () => {
    const { network, x } = smallNetwork('tanh', 2, 2, 6);
    const controller = new AbortController();
    const estimate = await estimateDiagonal(engine, network, families.bernoulli, sourceOf(x), {
      estimator: 'type2',
      populationSize: 6,
      batch: 2,
      signal: controller.signal,
      onBatch: ({ examples, trace }) => {
        if (examples === 4 && Number.isFinite(trace().value)) controller.abort();
      },
    });
    expect([estimate.interrupted, estimate.examples]).toEqual([true, 4]);
  });
});
