/** One recommendation: whoever gives it, on the same examples it is the same, and nothing else has less variance for less work. */
import { beforeAll, describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { batches, makeDataset } from '../data/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import { adviseEstimator, estimateDiagonal, estimatorCost, type ExampleSource } from '../fisher/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';
import { runEstimate } from './estimate.js';
import { planEstimate } from './plan.js';
import { varianceReport } from './variance-report.js';

const engine = createSmallEngine();

interface Case {
  readonly widths: readonly number[];
  readonly scale?: number;
  readonly activation?: 'tanh' | 'relu';
  readonly law?: 'categorical' | 'bernoulli' | 'gaussian';
  readonly n?: number;
  /** A layer's own total may have another best price than the whole's. */
  readonly mixed?: boolean;
}

function subjectOf({ widths, scale = 1, activation = 'tanh', law = 'categorical', n = 300 }: Case) {
  const network = denseNetwork({ widths: [...widths], initialScale: scale, seed: 3, activation });
  const x = Float32Array.from({ length: n * widths[0] }, (_, i) => 1.5 * Math.sin(1 + i * i));
  const inputs = new Map([['x', tensor('float32', [n, widths[0]], x)]]);
  const likelihood = getLikelihood(law, law === 'gaussian' ? { variance: 1 } : {});
  return { engine, network, likelihood, dataset: makeDataset({ source: 'sines', inputs }) };
}

const CASES: readonly (readonly [string, Case])[] = [
  ['mild softmax', { widths: [6, 16, 5] }],
  ['near-certain softmax', { widths: [6, 16, 5], scale: 5 }],
  ['deep softmax', { widths: [16, 24, 24, 10], scale: 2, mixed: true }],
  ['ReLU softmax', { widths: [16, 32, 10], scale: 3, activation: 'relu' }],
  ['Bernoulli', { widths: [6, 12, 4], law: 'bernoulli' }],
  ['Gaussian', { widths: [6, 12, 3], law: 'gaussian' }],
  ['T = 2', { widths: [6, 12, 2] }],
  ['T = 100', { widths: [6, 12, 100], n: 100 }],
  ['T = 100, near-certain', { widths: [6, 12, 100], scale: 8, n: 100 }],
];

describe.each(CASES)('%s', (_, given) => {
  const subject = subjectOf(given);
  const { network, likelihood, dataset } = subject;
  const n = dataset.n;
  const source: ExampleSource = (batch, dtype) => batches(dataset, { batch, dtype, order: 'seed', seed: 0 });
  let advised = '';
  let report: Awaited<ReturnType<typeof varianceReport>>;
  beforeAll(async () => {
    const options = { examples: n, goal: { target: 0.1, level: 0.95 } };
    report = await varianceReport({ engine, network, likelihood }, source, options);
    advised = report.advice.whole.estimator;
  });

  it('an estimate, a plan and a profile of the variance recommend one estimator', async () => {
    const said: string[] = [];
    const made = await runEstimate(subject, {}, { say: (line) => said.push(line) });
    expect(made.estimator).toBe(advised);
    expect(said).toContain(`estimator ${advised}: ${report.advice.whole.reason}`);
    let clock = 0;
    const plan = await planEstimate(subject, {
      ...{ targetError: 0.5, population: 'distribution', seed: 0, order: 'seed', batch: 256 },
      now: () => (clock += 0.001),
    });
    expect(plan?.recommended).toBe(advised);
  });

  it('`auto` and a profile say the same of every layer, and what they say of the whole', async () => {
    const said: string[] = [];
    const { layers } = await runEstimate(subject, { estimator: 'auto' }, { say: (line) => said.push(line) });
    layers.forEach(({ name, estimator }, i) => {
      const { estimator: own, reason } = report.advice.layers[i];
      expect(estimator).toBe(own);
      expect(said).toContain(`${name}: ${own} (${reason})`);
    });
    const others = layers.filter(({ estimator }) => estimator !== advised);
    expect(others.length > 0).toBe(given.mixed ?? false);
    expect(others.length).toBeLessThan(layers.length);
  });

  it('nothing else takes less work for less error', async () => {
    const found = await Promise.all(
      (['exact', 'rademacher', 'type1'] as const).map(async (estimator) => {
        const drawn = estimator !== 'exact';
        const labels = drawn ? 2 : 0;
        const { trace } = await estimateDiagonal(engine, network, likelihood, source, {
          ...{ estimator, populationSize: n, batch: 20 },
          ...(drawn ? { labels, error: 'closed-form' as const } : {}),
        });
        const error = drawn ? 'sampled' : 'none';
        return {
          estimator,
          variance: (trace.standardError as number) ** 2,
          cost: estimatorCost(network, likelihood, { estimator, labels, error }),
        };
      }),
    );
    const chosen = found.find((f) => f.estimator === advised)!;
    for (const { variance, cost } of found)
      expect(cost < chosen.cost && variance < chosen.variance).toBe(false);
  });
});

it('784-128-128-10 on 8,192 inputs: exact columns, which take no longer than two signs and leave less error', () => {
  const network = denseNetwork({ widths: [784, 128, 128, 10], activation: 'relu', seed: 1 });
  const likelihood = getLikelihood('categorical');
  // Two signs and one label add variance, however little.
  for (const added of [0.01, 0.3, 3]) {
    const variances = { data: 1, label: { rademacher: added, type1: 10 * added } };
    const { estimator } = adviseEstimator(network, likelihood, { examples: 8192, variances });
    expect(estimator).toBe('exact');
  }
});
