import { describe, expect, it } from 'vitest';
import { UniformStream } from '../../core/random.js';
import { tensor } from '../../core/tensor.js';
import { batches, makeDataset } from '../../data/index.js';
import { createSmallEngine } from '../../engine/small/index.js';
import { outputs } from '../../likelihood/batch.js';
import { getLikelihood } from '../../likelihood/registry.js';
import { rootFor } from '../../likelihood/roots/index.js';
import { denseNetwork } from '../../model/dense.js';
import { ESTIMATORS } from '../estimators/table.js';
import type { Estimator } from '../estimate.js';
import { estimateDense } from '../forms/dense/dense.js';
import { drawVariance, drawVarianceCost } from './draw-variance.js';
import { meanMetric } from './metric.js';
import { ProxyMeter } from './meter.js';
import { proxiesOf, proxyVariance, type ProxyRequest } from './proxies.js';

const n = 6;
const network = denseNetwork({ widths: [3, 4, 3], initialScale: 2, seed: 5, dtype: 'float64' });
const x = tensor(
  'float64',
  [n, 3],
  Array.from({ length: n * 3 }, (_, i) => Math.sin(3 * i * i)),
);
const dataset = makeDataset({ source: 'six', inputs: new Map([['x', x]]) });
const source = (batch: number, dtype: 'float32' | 'float64') =>
  batches(dataset, { batch, dtype, order: 'file' });
const engine = createSmallEngine();

/** Settings for an estimator under a likelihood. */
function request(name: Estimator, family: string, more: Partial<ProxyRequest> = {}): ProxyRequest {
  const likelihood = getLikelihood(family, family === 'gaussian' ? { variance: 2 } : {});
  return {
    engine,
    network,
    likelihood,
    estimator: ESTIMATORS[name],
    root: rootFor(likelihood, 3),
    exactPairs: 0,
    draws: 1,
    targets: null,
    stream: new UniformStream(1, 'test'),
    source,
    few: source,
    count: n,
    indices: n,
    passes: 1e9,
    batch: 4,
    budget: 2 ** 20,
    ...more,
  };
}

describe('the metric', () => {
  it('is the mean of JJᵀ: with it tr(I(h)Ḡ) of one example is its exact trace', async () => {
    const likelihood = getLikelihood('categorical');
    for (let e = 0; e < n; e++) {
      const one = makeDataset({
        source: 'one',
        inputs: new Map([['x', tensor('float64', [1, 3], x.data.slice(3 * e, 3 * e + 3))]]),
      });
      const own = (batch: number, dtype: 'float32' | 'float64') => batches(one, { batch, dtype });
      const proxies = await proxiesOf(
        request('exact', 'categorical', { source: own, few: own, count: 1, indices: 1 }),
      );
      const dense = await estimateDense(engine, network, likelihood, own, {
        estimator: 'exact',
        stream: new UniformStream(1, 'dense'),
      });
      let trace = 0;
      for (let i = 0; i < dense.parameters; i++) trace += dense.fisher[i * (dense.parameters + 1)];
      expect(proxies?.values[0]).toBeCloseTo(trace, 12);
    }
  });

  it('does not depend on the batch', async () => {
    const likelihood = getLikelihood('categorical');
    const whole = await meanMetric(engine, network, likelihood, source, 2 ** 20);
    const parts = await meanMetric(engine, network, likelihood, source, 20);
    whole.gram?.forEach((v, i) => expect(parts.gram?.[i]).toBeCloseTo(v, 12));
  });
});

describe('the variance of one draw of δᵀḠδ', () => {
  const metric = {
    T: 3,
    gram: Float64Array.of(2, 0.5, -0.3, 0.5, 1, 0.2, -0.3, 0.2, 3),
  };
  const h = outputs(Float64Array.of(0.3, -1, 2, 1, 0, 0.2), 2, 3);
  const quadratic = (d: readonly number[]) => {
    let sum = 0;
    for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) sum += d[a] * metric.gram[a * 3 + b] * d[b];
    return sum;
  };
  const variance = (values: readonly number[], weights: readonly number[]) => {
    const mean = values.reduce((s, v, i) => s + weights[i] * v, 0);
    return values.reduce((s, v, i) => s + weights[i] * (v - mean) ** 2, 0);
  };

  it.each([0, 1])('of a label, row %i, by enumeration', (row) => {
    const z = Array.from(h.data.subarray(row * 3, row * 3 + 3), Math.exp);
    const total = z.reduce((s, v) => s + v, 0);
    const p = z.map((v) => v / total);
    const values = [0, 1, 2].map((c) => quadratic(p.map((v, a) => (a === c ? 1 : 0) - v)));
    expect(drawVariance(request('type1', 'categorical'), metric, h, row, row)).toBeCloseTo(
      variance(values, p),
      13,
    );
  });

  it.each([
    ['categorical', 0],
    ['categorical', 1],
    ['bernoulli', 0],
    ['bernoulli', 2],
    ['gaussian', 0],
  ] as const)('of signs, %s with %i exact pairs, by enumeration', (family, exactPairs) => {
    const of = request('rademacher', family, { exactPairs });
    const R = of.root.columnCount(3);
    const delta = new Float64Array(2 * R * 3);
    const w = new Float64Array(2 * R);
    of.root.columns(h, delta, w, { from: 0, count: R });
    const drawn = R - exactPairs;
    const values = Array.from({ length: 2 ** drawn }, (_, s) =>
      quadratic(
        [0, 1, 2].map((a) => {
          let sum = 0;
          for (let r = 0; r < drawn; r++)
            sum += ((s >> r) & 1 ? 1 : -1) * Math.sqrt(w[exactPairs + r]) * delta[(exactPairs + r) * 3 + a];
          return sum;
        }),
      ),
    );
    const even = values.map(() => 1 / values.length);
    expect(drawVariance(of, metric, h, 0, 0)).toBeCloseTo(variance(values, even), 12);
  });
});

describe('the variance of one draw where there are many outputs', () => {
  const T = 900;
  const wide = outputs(
    Float64Array.from({ length: T }, (_, a) => 3 * Math.sin(7 * a)),
    1,
    T,
  );
  const identity = { T, gram: null };

  it('of a label, by the squared lengths of its columns', () => {
    const p = Array.from(wide.data, Math.exp);
    const total = p.reduce((s, v) => s + v, 0);
    const own = p.map((v) => v / total);
    const squares = own.reduce((s, v) => s + v * v, 0);
    const values = own.map((v) => 1 - 2 * v + squares);
    const mean = values.reduce((s, v, c) => s + own[c] * v, 0);
    const variance = values.reduce((s, v, c) => s + own[c] * (v - mean) ** 2, 0);
    const of = request('type1', 'categorical');
    expect(drawVariance(of, identity, wide, 0, 0) / variance).toBeCloseTo(1, 10);
    const columns = {
      ...of,
      likelihood: Object.create(of.likelihood, {
        squaredLengths: { value: undefined },
      }) as typeof of.likelihood,
    };
    expect(drawVariance(columns, identity, wide, 0, 0) / variance).toBeCloseTo(1, 10);
  });

  // 64 draws have a relative error of about √(2/64) = .18; 40 rows bring it to .03.
  const ROWS = 40;
  const byDraws = (of: ProxyRequest): number => {
    expect(drawVarianceCost(of, identity)).toBeLessThan(2e7);
    let sum = 0;
    for (let index = 0; index < ROWS; index++) sum += drawVariance(of, identity, wide, 0, index);
    return sum / ROWS;
  };

  it('of signs, by draws: 2(tr I² − Σ ‖r_k‖⁴)', () => {
    const likelihood = getLikelihood('categorical');
    const of = request('rademacher', 'categorical', { root: rootFor(likelihood, T) });
    const information = new Float64Array(T * T);
    likelihood.information(wide, information);
    const K = of.root.columnCount(T);
    const [columns, w] = [new Float64Array(K * T), new Float64Array(K)];
    of.root.columns(wide, columns, w, { from: 0, count: K });
    let exact = information.reduce((s, v) => s + v * v, 0);
    for (let k = 0; k < K; k++)
      exact -= (w[k] * columns.subarray(k * T, (k + 1) * T).reduce((s, v) => s + v * v, 0)) ** 2;
    expect(Math.abs(byDraws(of) / (2 * exact) - 1)).toBeLessThan(4 * 0.03);
  });

  it('of labels of many outputs, by draws: Σ pq(1 − 2p)²', () => {
    const of = request('type1', 'bernoulli');
    let exact = 0;
    for (const h of wide.data) {
      const p = 1 / (1 + Math.exp(-h));
      exact += p * (1 - p) * (1 - 2 * p) ** 2;
    }
    expect(Math.abs(byDraws(of) / exact - 1)).toBeLessThan(4 * 0.03);
  });
});

describe('what the proxies say of the visits', () => {
  it('the variance over all, of a uniform visit and of a weighted one, by hand', async () => {
    const proxies = await proxiesOf(request('type1', 'categorical', { draws: 2 }));
    if (!proxies) throw new Error('interrupted');
    const a = Array.from(proxies.values);
    const v = Array.from(proxies.drawVariances);
    const mean = a.reduce((s, t) => s + t, 0) / n;
    const spread = a.reduce((s, t) => s + (t - mean) ** 2, 0) / (n - 1);
    expect(proxyVariance(proxies)).toBeCloseTo(spread + v.reduce((s, t) => s + t, 0) / n / 2, 12);
    const u = Float64Array.from(a, (_, i) => 1 / (n * ((i + 1) / 21)));
    const second = a.reduce((s, t, i) => s + (u[i] * (t * t + v[i] / 2)) / n, 0);
    expect(proxyVariance(proxies, u)).toBeCloseTo(second - mean ** 2, 12);
  });

  it('A_j is of the columns themselves, in whatever chunks they are made', async () => {
    const of = request('type1', 'categorical', { draws: 5 });
    const proxies = await proxiesOf(of);
    if (!proxies) throw new Error('interrupted');
    const columns = of.estimator.columns({ ...of, outputs: 3 });
    const batch = {
      h: outputs(
        Float64Array.from({ length: 12 }, (_, i) => Math.cos(i)),
        4,
        3,
      ),
      indices: [0, 1, 2, 3],
      occurrence: null,
    };
    const whole = new ProxyMeter(proxies);
    const parts = new ProxyMeter(proxies);
    const fill = (meter: ProxyMeter, from: number, count: number) =>
      meter
        .watch(columns)
        .fill(batch, { from, count }, new Float64Array(4 * count * 3), new Float64Array(4 * count));
    fill(whole, 0, 5);
    // The last run overlaps the one before, and all runs come twice.
    for (let pass = 0; pass < 2; pass++) for (const from of [0, 2, 3]) fill(parts, from, 2);
    whole.settle(batch);
    parts.settle(batch);
    whole.amounts.forEach((A, j) => expect(parts.amounts[j]).toBeCloseTo(A, 12));
    expect(whole.facts.visited).toEqual([0, 1, 2, 3]);
  });
});
