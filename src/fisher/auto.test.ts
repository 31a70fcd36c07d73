import { describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { batches, makeDataset } from '../data/index.js';
import { Sequence } from '../core/random.js';
import { createSmallEngine } from '../engine/index.js';
import { getLikelihood } from '../likelihood/index.js';
import { denseNetwork } from '../model/index.js';
import { estimateByLayer, estimateDiagonal, type ExampleSource, type LayerChoice } from './index.js';

const n = 60;
const rng = new Sequence(3, 'auto');
const network = denseNetwork({ widths: [5, 6, 4, 3], dtype: 'float64', seed: 2, initialScale: 2 });
const likelihood = getLikelihood('categorical');
const x = tensor(
  'float64',
  [n, 5],
  Float64Array.from({ length: n * 5 }, () => rng.normal()),
);
const dataset = makeDataset({ source: 'auto test', inputs: new Map([['x', x]]) });
const source: ExampleSource = (batch, dtype) => batches(dataset, { batch, dtype, seed: 1 });
const options = { seed: 5, populationSize: n, batch: 16 };

const choose = (estimators: readonly LayerChoice['estimator'][]): LayerChoice[] =>
  estimators.map((estimator, l) => ({
    name: `fc${l + 1}`,
    parameters: [`fc${l + 1}.weight`, `fc${l + 1}.bias`],
    estimator,
    reason: '',
  }));

const byLayer = (estimators: readonly LayerChoice['estimator'][]) =>
  estimateByLayer(createSmallEngine(), network, likelihood, source, choose(estimators), options);

const whole = (estimator: 'exact' | 'type1' | 'rademacher') =>
  estimateDiagonal(createSmallEngine(), network, likelihood, source, {
    ...options,
    estimator,
    labels: 2,
    error: 'sampled',
  });

describe('a different estimator for each layer', () => {
  it.each(['exact', 'type1', 'rademacher'] as const)('all by %s is that estimator', async (estimator) => {
    const auto = await byLayer([estimator, estimator, estimator]);
    const one = await whole(estimator);
    expect(auto.estimator).toBe('auto');
    expect(auto.trace.value).toBeCloseTo(one.trace.value, 12);
    expect(auto.trace.standardError).toBeCloseTo(one.trace.standardError as number, 12);
    expect(auto.trace.labelError).toBeCloseTo(one.trace.labelError as number, 12);
    auto.tensors.forEach((t, k) => expect(t.fisher).toEqual(one.tensors[k].fisher));
  });

  it('takes each layer from its own estimator, and its total from the examples of all', async () => {
    const auto = await byLayer(['type1', 'rademacher', 'exact']);
    const parts = await Promise.all((['type1', 'rademacher', 'exact'] as const).map(whole));
    auto.layers.forEach((layer, l) => {
      expect(layer.trace.value).toBeCloseTo(parts[l].layers[l].trace.value, 12);
      expect(layer.trace.standardError).toBeCloseTo(parts[l].layers[l].trace.standardError as number, 12);
    });
    const sum = auto.layers.reduce((s, l) => s + l.trace.value, 0);
    expect(auto.trace.value).toBeCloseTo(sum, 12);
    // Label errors of independent streams add; data errors of one example's layers are correlated and do not.
    const label = auto.layers.reduce((s, l) => s + (l.trace.labelError as number) ** 2, 0);
    expect((auto.trace.labelError as number) ** 2).toBeCloseTo(label, 12);
    const independent = auto.layers.reduce((s, l) => s + (l.trace.standardError as number) ** 2, 0);
    expect((auto.trace.standardError as number) ** 2).not.toBeCloseTo(independent, 6);
  });
});
