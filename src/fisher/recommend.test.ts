import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../test/fisher/examples.js';
import { tensor } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/index.js';
import { estimateDiagonal } from './diagonal.js';
import { chooseEstimator } from './choose.js';
import { estimatorCost } from './cost.js';
import { recommend } from './recommend.js';
import { measureVariances, pilotExamples, type Question } from './variance-pilot.js';

const law = getLikelihood('categorical');
const net = (widths: number[], activation: 'tanh' | 'relu' = 'tanh') =>
  denseNetwork({ widths, activation, seed: 1 });
const inputs = (n: number, width: number) =>
  tensor(
    'float32',
    [n, width],
    Float32Array.from({ length: n * width }, (_, i) => 1.5 * Math.sin(1 + i * 1.37)),
  );

describe('a recommendation', () => {
  const network = net([16, 32, 5]);

  it('is the least variance × cost, and lists the others by price', () => {
    const variances = { data: 1, label: { rademacher: 3, type1: 50 } };
    const { estimator, prices } = recommend(network, law, variances);
    expect(prices.map((p) => p.estimator)).toContain(estimator);
    for (const [i, p] of prices.entries()) {
      expect(p.price).toBe(p.variance * p.cost);
      if (i > 0) expect(p.price).toBeGreaterThanOrEqual(prices[i - 1].price);
    }
    expect(prices[0].estimator).toBe(estimator);
    const of = (e: string) => prices.find((p) => p.estimator === e)!;
    expect(of('rademacher').variance).toBe(2.5);
    expect(of('exact').cost).toBe(
      estimatorCost(network, law, { estimator: 'exact', labels: 0, error: 'none' }),
    );
  });

  it('goes by counts that are given, and never to type 2, which is exact with noise', () => {
    const variances = { data: 1, label: { rademacher: 1, type1: 1, type2: 0 } };
    expect(recommend(network, law, variances, { costs: { rademacher: 1 } }).estimator).toBe('rademacher');
    const { prices } = recommend(network, law, variances);
    const of = (e: string) => prices.find((p) => p.estimator === e)!;
    expect(of('type2').price).toBeGreaterThan(of('exact').price);
  });

  it('is exact where two signs take as long and leave more error', () => {
    const wide = net([784, 128, 128, 10], 'relu');
    const { estimator } = recommend(wide, law, { data: 1, label: { rademacher: 2, type1: 3 } });
    expect(estimator).toBe('exact');
  });
});

describe('the pilot', () => {
  const network = net([6, 12, 5]);
  const n = 60;
  const x = inputs(n, 6);

  it.each(['trace', 'entries'] as Question[])('finds the variances of closed forms: %s', async (question) => {
    const request = { question, examples: n };
    expect(pilotExamples(network, law, request)).toBe(n);
    const found = (await measureVariances(network, law, sourceOf(x), request))!;
    const run = (estimator: 'type1' | 'rademacher') =>
      estimateDiagonal(createSmallEngine(), network, law, sourceOf(x), {
        estimator,
        labels: 1,
        error: 'closed-form',
        populationSize: n,
      });
    for (const estimator of ['type1', 'rademacher'] as const) {
      const made = await run(estimator);
      if (question === 'trace') {
        expect(found.data / (n * made.trace.dataError! ** 2)).toBeCloseTo(1, 4);
        expect(found.label[estimator]! / (n * made.trace.labelError! ** 2)).toBeCloseTo(1, 4);
      } else {
        // Covering errors of entries are never below these.
        const sum = (of: (t: (typeof made.tensors)[number]) => Float64Array | null) =>
          made.tensors.reduce((s, t) => s + of(t)!.reduce((a, v) => a + n * v ** 2, 0), 0);
        expect(found.data).toBeCloseTo(
          sum((t) => t.dataError),
          3,
        );
        expect(found.label[estimator]! / sum((t) => t.labelError)).toBeCloseTo(1, 3);
      }
    }
  });

  it('costs a twentieth of what follows at most, and is left out where that is too little', () => {
    const many = net([64, 128, 1000]);
    expect(pilotExamples(many, law, { question: 'trace', examples: 500 })).toBe(0);
    const wide = net([784, 128, 128, 10], 'relu');
    const m = pilotExamples(wide, law, { question: 'trace', examples: 8192 });
    expect(m).toBeGreaterThanOrEqual(8);
    const cost = (e: 'rademacher' | 'type1', error: 'closed-form' | 'sampled') =>
      estimatorCost(wide, law, { estimator: e, labels: 2, error });
    expect(m * (cost('rademacher', 'closed-form') + cost('type1', 'closed-form'))).toBeLessThanOrEqual(
      0.05 * 8192 * cost('rademacher', 'sampled'),
    );
  });

  it('decides what is left open, and says by what', async () => {
    const variances = await measureVariances(network, law, sourceOf(x), { question: 'trace', examples: n });
    const chosen = chooseEstimator(network, law, { examples: n, variances });
    expect(chosen.estimator).toBe(recommend(network, law, variances!).estimator);
    expect(chosen.reasons[0]).toContain('least variance × operations');
  });
});
