/**
 * Mistakes that a reader would make. Each is built on purpose, and the check that the right quantity passes must fail for it.
 */
import { describe, expect, it } from 'vitest';
import { range, sourceOf } from '../../test/fisher/examples.js';
import { expectedFigure, figuresOf, worstDeviation } from '../../test/fisher/figures.js';
import { figureLaw } from '../../test/fisher/laws.js';
import { firstRows, type Model, model, modelOf } from '../../test/fisher/networks.js';
import { repeatedEstimates } from '../../test/fisher/repeats.js';
import { estimateMoments, sampledLabelSquare, spreadOver } from '../../test/fisher/sampled.js';
import { ZTests } from '../../test/fisher/ztests.js';
import { createSmallEngine } from '../engine/small/index.js';
import { N, ops as b } from '../graph/index.js';
import {
  type Draws,
  getLikelihood,
  type Labels,
  type Likelihood,
  type Outputs,
} from '../likelihood/index.js';
import { Moments, seedOf } from '../stats/index.js';
import { type DiagonalEstimate, type DiagonalOptions, estimateDiagonal } from './index.js';

/** The likelihood with some of its methods replaced. */
const mutated = (of: Likelihood, methods: Partial<Likelihood>): Likelihood =>
  Object.assign(Object.create(of) as Likelihood, methods);

function estimate({ network, likelihood, x }: Model, options: Omit<DiagonalOptions, 'populationSize'>) {
  const all = { populationSize: x.shape[0], ...options };
  return estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(x), all);
}

/** Exact values against the enumerated law. */
function checkValues(right: Model, e: DiagonalEstimate): void {
  const law = figureLaw(right.network, right.likelihood, right.x, 'labels');
  const figures = figuresOf(e);
  const worst = worstDeviation(
    law,
    (q) => figures.get(q)!.value,
    (m) => expectedFigure(m, 0).value,
  );
  expect(worst).toBeLessThan(1e-10);
}

/** Closed-form errors of type 1 with K labels against the enumerated law. */
function checkErrors(right: Model, e: DiagonalEstimate, change = { label: 1, data: 1 }): void {
  const law = figureLaw(right.network, right.likelihood, right.x, 'labels');
  const figures = figuresOf(e);
  const label = worstDeviation(
    law,
    (q) => figures.get(q)!.labelError! * change.label,
    (m) => Math.sqrt(expectedFigure(m, e.labels).label),
  );
  const data = worstDeviation(
    law,
    (q) => figures.get(q)!.dataError! * change.data,
    (m) => Math.sqrt(expectedFigure(m, e.labels).data),
  );
  expect(Math.max(label, data)).toBeLessThan(1e-10);
}

describe('values', () => {
  it('1/N twice', async () => {
    const right = modelOf('dense categorical');
    checkValues(right, await estimate(right, { estimator: 'exact' }));
    const likelihood = mutated(right.likelihood, {
      columns(h, out, weights, span) {
        right.likelihood.columns(h, out, weights, span);
        const count = h.n * (span?.count ?? h.T);
        for (let i = 0; i < count; i++) weights[i] /= h.n;
      },
    });
    const wrong = await estimate({ ...right, likelihood }, { estimator: 'exact' });
    expect(() => checkValues(right, wrong)).toThrow();
  });

  it('σ⁴ for σ²', async () => {
    const right = modelOf('dense gaussian');
    const variance = Number(right.likelihood.options.variance);
    expect(variance).not.toBe(1);
    checkValues(right, await estimate(right, { estimator: 'exact' }));
    const squared = getLikelihood('gaussian', { variance: variance ** 2 });
    const wrong = await estimate({ ...right, likelihood: squared }, { estimator: 'exact' });
    expect(() => checkValues(right, wrong)).toThrow();
  });

  it('the natural parameter’s I = σ² for an output that is a mean', async () => {
    const right = modelOf('dense gaussian');
    const inverse = getLikelihood('gaussian', { variance: 1 / Number(right.likelihood.options.variance) });
    const wrong = await estimate({ ...right, likelihood: inverse }, { estimator: 'exact' });
    expect(() => checkValues(right, wrong)).toThrow();
  });

  it('one class’s residual without its mean: e_c for e_c − p', async () => {
    const right = modelOf('dense categorical');
    const likelihood = mutated(right.likelihood, {
      columns(h, out, weights, span) {
        right.likelihood.columns(h, out, weights, span);
        const { from, count } = span ?? { from: 0, count: h.T };
        for (let i = 0; i < h.n * count * h.T; i++) {
          out[i] = +(i % h.T === from + (Math.floor(i / h.T) % count));
        }
      },
    });
    const wrong = await estimate({ ...right, likelihood }, { estimator: 'exact' });
    expect(() => checkValues(right, wrong)).toThrow();
  });

  it('sum of squares over the uses of a tied weight', async () => {
    const right = modelOf('tied autoencoder');
    checkValues(right, await estimate(right, { estimator: 'exact' }));
    // The two uses as two parameters of the same numbers, their squares added.
    const { W, ...rest } = { W: [3, 4], b: [4], c: [3] };
    const untied = model('untied', right.likelihood, [N, 3], { W, ...rest, V: W }, (x, p) =>
      b.add(b.matmul(b.tanh(b.add(b.matmul(x, p.W), p.b)), b.transpose(p.V, [1, 0])), p.c),
    );
    const weights = new Map([...right.network.weights, ['V', right.network.weights.get('W')!]]);
    const apart = await estimate(
      { ...right, network: { ...untied.network, weights } },
      { estimator: 'exact' },
    );
    const of = (name: string) => apart.tensors.find((t) => t.name === name)!;
    const summed = apart.tensors
      .filter((t) => t.name !== 'V')
      .map((t) => ({
        ...t,
        fisher: t.name === 'W' ? t.fisher.map((v, i) => v + of('V').fisher[i]) : t.fisher,
      }));
    expect(() => checkValues(right, { ...apart, tensors: summed })).toThrow();
  });
});

describe('errors in closed form', () => {
  const right = modelOf('dense bernoulli');
  const n = right.x.shape[0];
  const asked = { estimator: 'type1', labels: 3, error: 'closed-form' } as const;

  it.each([
    ['n for n − 1', { label: 1, data: Math.sqrt((n - 1) / n) }],
    ['label variance divided by n once', { label: Math.sqrt(n), data: 1 }],
    ['label variance divided by n three times', { label: 1 / Math.sqrt(n), data: 1 }],
    ['K forgotten', { label: Math.sqrt(3), data: 1 }],
  ])('%s', async (_, change) => {
    const e = await estimate(right, asked);
    checkErrors(right, e);
    expect(() => checkErrors(right, e, change)).toThrow();
  });

  it('the variance of independent signs for that of labels: c = 0', async () => {
    const components = {
      ...right.likelihood.components!,
      fourth: (_: Outputs, out: { fill(v: number): void }) => out.fill(0),
    };
    const likelihood = mutated(right.likelihood, { components });
    const wrong = await estimate({ ...right, likelihood }, asked);
    expect(() => checkErrors(right, wrong)).toThrow();
  });
});

describe('draws', () => {
  const right = firstRows(modelOf('dense categorical'), 8);
  const R = 600;
  const law = figureLaw(right.network, right.likelihood, right.x, 'labels');

  /** Values unbiased, with the spread that the enumerated law has. */
  async function checkDraws(likelihood: Likelihood, seed: number): Promise<void> {
    const asked = { estimator: 'type1', labels: 1, error: 'closed-form', seed, repeats: R } as const;
    const figures = (await repeatedEstimates({ ...right, likelihood }, asked)).map(figuresOf);
    const z = new ZTests();
    for (const q of law.quantities) {
      const m = law.moments(q);
      const values = figures.map((f) => f.get(q.name)!.value);
      const moments = estimateMoments(m, 1);
      const spread = spreadOver(R, moments);
      z.mean(`value ${q.name}`, values, moments, moments.mean);
      z.one(`spread ${q.name}`, Moments.of(values).sampleVariance, spread.mean, spread.variance, 0);
    }
    if (z.failed.length > 0) throw new Error(z.failed.join('\n'));
  }

  const sampler = (draw: (h: Outputs, draws: Draws, labels: Labels) => void): Likelihood =>
    mutated(right.likelihood, { sample: draw });

  it('one label for the whole batch, the same labels every time, labels of no network', async () => {
    const { likelihood } = right;
    const seed = seedOf(expect.getState().currentTestName!);
    await checkDraws(likelihood, seed);
    const shared = sampler((h, draws, labels) =>
      likelihood.sample(h, { ...draws, examples: range(h.n).fill(0) }, labels),
    );
    await expect(checkDraws(shared, seed)).rejects.toThrow('spread');
    const again = sampler((h, draws, labels) =>
      likelihood.sample(h, { ...draws, occurrences: null }, labels),
    );
    await expect(checkDraws(again, seed)).rejects.toThrow('spread');
    const uniform = sampler((h, draws, labels) =>
      likelihood.sample({ ...h, data: new Float64Array(h.data.length) }, draws, labels),
    );
    await expect(checkDraws(uniform, seed)).rejects.toThrow('value');
  });

  it('K/(K − 1) forgotten', async () => {
    const K = 2;
    const seed = seedOf(expect.getState().currentTestName!);
    const asked = { estimator: 'type1', labels: K, error: 'sampled', seed, repeats: R } as const;
    const figures = (await repeatedEstimates(right, asked)).map(figuresOf);
    const check = (factor: number) => {
      const z = new ZTests();
      for (const q of law.quantities) {
        const squares = figures.map((f) => factor * f.get(q.name)!.labelError! ** 2);
        z.mean(q.name, squares, sampledLabelSquare(law.moments(q), K), 0);
      }
      expect(z.failed).toEqual([]);
    };
    check(1);
    expect(() => check((K - 1) / K)).toThrow();
  });
});
