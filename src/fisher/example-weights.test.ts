import { describe, expect, it } from 'vitest';
import { smallNetwork } from '../../test/fisher/small-network.js';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { Sequence, UniformStream } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import { batches } from '../data/batches.js';
import { type Dataset, makeDataset, takeExamples } from '../data/dataset.js';
import { createSmallEngine } from '../engine/small/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { type EstimateRequest, runEstimate } from '../jobs/estimate.js';
import { estimateDiagonal } from './diagonal.js';
import type { DiagonalEstimate, Estimator } from './estimate.js';
import { readExampleWeights } from './example-weights.js';
import { WeightedMoments } from '../stats/weighted-moments.js';
import { estimateDense } from './forms/dense/dense.js';

const N = 9;
const T = 3;
const W = [0.5, 2, 1, 7, 0.25, 3, 1.5, 4, 0.125];
const { network, x } = smallNetwork('tanh', T, 4, N);
const categorical = getLikelihood('categorical');

const dataset = (weights: readonly number[] | null, n = N): Dataset =>
  makeDataset({
    source: 'x',
    inputs: new Map([['x', tensor('float64', [n, 3], x.data.slice(0, 3 * n) as Float64Array)]]),
    targets: tensor(
      'int64',
      [n],
      Array.from({ length: n }, (_, i) => i % T),
    ),
    exampleWeights: weights && tensor('float64', [n], weights),
  });

function run(
  data: Dataset,
  request: EstimateRequest,
  likelihood: Likelihood = categorical,
  subject: Network = network,
): Promise<DiagonalEstimate> {
  const targets = likelihood === categorical ? likelihood.readTargets(data.targets!, data.n, T) : null;
  const engine = createSmallEngine();
  return runEstimate(
    { engine, network: subject, likelihood, dataset: data, targets },
    { order: 'file', batch: 4, ...request },
  );
}

/** Each example alone: its f and 𝒱 of one draw, all entries in one row. */
async function singly(request: EstimateRequest, likelihood = categorical) {
  const rows: { f: number[]; label: number[]; trace: number; traceLabel: number }[] = [];
  for (let e = 0; e < N; e++) {
    const one = await estimateOne(e, request, likelihood);
    rows.push({
      f: one.tensors.flatMap((t) => [...t.fisher]),
      label: one.tensors.flatMap((t) => [...(t.labelError ?? t.fisher.map(() => 0))].map((v) => v ** 2)),
      trace: one.trace.value,
      traceLabel: (one.trace.labelError ?? 0) ** 2,
    });
  }
  return rows;
}

/** Example e of the whole set, visited alone, so that its draws are those it has among the others. */
function estimateOne(e: number, request: EstimateRequest, likelihood: Likelihood) {
  const only = W.map((_, i) => (i === e ? 1 : 0));
  return run(dataset(only), { ...request, population: 'data' }, likelihood);
}

/** Σωf/Σω, the label part Σω²v/(Σω)² and the data part n/(n−1)·Σω²(f − F)²/(Σω)². */
function weightedMean(f: readonly number[], v: readonly number[]) {
  const sum = W.reduce((s, w) => s + w, 0);
  const mean = f.reduce((s, y, i) => s + W[i] * y, 0) / sum;
  const spread = f.reduce((s, y, i) => s + (W[i] * (y - mean)) ** 2, 0);
  return {
    mean,
    label: v.reduce((s, y, i) => s + W[i] ** 2 * y, 0) / sum ** 2,
    data: ((N / (N - 1)) * spread) / sum ** 2,
  };
}

const near = (got: number, want: number) =>
  expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-10 * Math.abs(want) + 1e-15);

const gaussian = getLikelihood('gaussian', { variance: 0.5 });
const bernoulli = getLikelihood('bernoulli');

describe('a weighted estimate against its definition', () => {
  it.each([
    ['exact', {}, categorical],
    ['exact', {}, gaussian],
    ['type1', { labels: 3, error: 'closed-form' }, categorical],
    ['type1', { labels: 3, error: 'closed-form' }, bernoulli],
    ['type1', { labels: 3, error: 'sampled' }, categorical],
    ['rademacher', { labels: 2, error: 'closed-form' }, categorical],
    ['rademacher', { labels: 2, error: 'sampled' }, bernoulli],
    ['type2', { labels: 2, error: 'closed-form' }, categorical],
    ['type2', { labels: 2, error: 'closed-form' }, bernoulli],
    ['type2', { labels: 2, error: 'sampled' }, categorical],
    ['empirical', {}, categorical],
  ] as const)('%s %o', async (estimator: Estimator, more, likelihood) => {
    const request = { estimator, ...more };
    const e = await run(dataset(W), request, likelihood);
    // Closed forms take the spread of the exact values, not of the estimates.
    const closed = 'error' in more && more.error === 'closed-form';
    const rows = await singly(request, likelihood);
    const centres = closed ? await singly({ estimator: 'exact' }, likelihood) : rows;
    const sampled = 'error' in more && more.error === 'sampled';
    const check = (
      got: { value: number; label: number | null; data: number | null; total?: number | null },
      of: (r: (typeof rows)[number]) => number,
      label: (r: (typeof rows)[number]) => number,
    ) => {
      near(got.value, weightedMean(rows.map(of), []).mean);
      const want = weightedMean(centres.map(of), rows.map(label));
      if (sampled) {
        if ('total' in got) near(got.total as number, want.data);
        near(got.label as number, want.label);
        near(got.data as number, Math.max(0, want.data - want.label));
        return;
      }
      near(got.data as number, want.data);
      near(got.label ?? 0, want.label);
      if ('total' in got) near(got.total as number, want.data + want.label);
    };
    const square = (y: number | null) => (y === null ? null : y * y);
    const { value, labelError, dataError, standardError } = e.trace;
    check(
      { value, label: square(labelError), data: square(dataError), total: square(standardError) },
      (r) => r.trace,
      (r) => r.traceLabel,
    );
    const all = (pick: (t: (typeof e.tensors)[number]) => Float64Array | null) =>
      e.tensors.flatMap((t) => [...(pick(t) ?? t.fisher.map(() => 0))]);
    // The total of an entry covers it (stats/peaks).
    const [fisher, label, data] = [all((t) => t.fisher), all((t) => t.labelError), all((t) => t.dataError)];
    for (let i = 0; i < fisher.length; i++) {
      check(
        { value: fisher[i], label: label[i] ** 2, data: data[i] ** 2 },
        (r) => r.f[i],
        (r) => r.label[i],
      );
    }
    expect(e.effectiveExamples).toBeCloseTo(
      W.reduce((s, w) => s + w, 0) ** 2 / W.reduce((s, w) => s + w * w, 0),
      10,
    );
  });

  it('whatever the batch, in chunks and in any order', async () => {
    const one = await run(dataset(W), { estimator: 'exact' });
    for (const request of [{ batch: 1 }, { batch: 9 }, { order: 'seed', seed: 5 }] as const) {
      const e = await run(dataset(W), { estimator: 'exact', ...request });
      near(e.trace.value, one.trace.value);
      near(e.trace.standardError as number, one.trace.standardError as number);
      near(e.trace.skewness as number, one.trace.skewness as number);
      e.tensors.forEach((t, i) => t.dataError?.forEach((v, j) => near(v, one.tensors[i].dataError![j])));
    }
    near(
      one.trace.skewness as number,
      skewnessOf((await singly({ estimator: 'exact' })).map((r) => r.trace)),
    );
  });

  it('with the columns in chunks, and with parts merged', async () => {
    const { weights } = readExampleWeights(W, N, 'w');
    for (const [estimator, error] of [
      ['exact', 'closed-form'],
      ['type1', 'closed-form'],
      ['rademacher', 'closed-form'],
    ] as const) {
      const [whole, chunked] = await Promise.all(
        [undefined, 40].map((budget) =>
          estimateDiagonal(
            createSmallEngine(),
            network,
            categorical,
            (batch, dtype) => batches(dataset(W), { batch, dtype, order: 'file' }),
            {
              estimator,
              error,
              labels: 2,
              populationSize: N,
              weights: weights!,
              ...(budget ? { budget } : {}),
            },
          ),
        ),
      );
      near(chunked.trace.standardError as number, whole.trace.standardError as number);
      chunked.tensors.forEach((t, i) => {
        t.dataError!.forEach((v, j) => near(v, whole.tensors[i].dataError![j]));
        t.labelError!.forEach((v, j) => near(v, whole.tensors[i].labelError![j]));
      });
    }
    const parts = [0, 1, 2].map((part) => {
      const m = new WeightedMoments();
      W.forEach((w, i) => i % 3 === part && m.addTerm(w * i, w));
      return m;
    });
    const merged = parts.reduce((m, p) => m.merge(p), new WeightedMoments());
    const { mean, data } = weightedMean(
      W.map((_, i) => i),
      [],
    );
    near(merged.mean, mean);
    near(merged.sampleVariance / N, data);
    near(merged.skewness / Math.sqrt(N), skewnessOf(W.map((_, i) => i)));
  });

  it('by layer (auto) and as a mix', async () => {
    const exact = await run(dataset(W), { estimator: 'exact' });
    const auto = await run(dataset(W), { estimator: 'auto' });
    if (auto.layers.every((l) => l.estimator === 'exact')) near(auto.trace.value, exact.trace.value);
    expect(auto.effectiveExamples).toBe(exact.effectiveExamples);
    const mix = await run(dataset(W), { estimator: 'mix', labels: 2000, error: 'closed-form' });
    expect(Math.abs(mix.trace.value - exact.trace.value)).toBeLessThan(5 * (mix.trace.labelError as number));
    near(mix.trace.dataError as number, exact.trace.dataError as number);
  });

  it('the dense form has the same diagonal and errors', async () => {
    const { weights } = readExampleWeights(W, N, 'w');
    const e = await run(dataset(W), { estimator: 'type1', labels: 2, error: 'closed-form' });
    const dense = await estimateDense(
      createSmallEngine(),
      network,
      categorical,
      (batch, dtype) => batches(dataset(W), { batch, dtype, order: 'file' }),
      { estimator: 'type1', labels: 2, stream: new UniformStream(0, 'type1/estimate'), weights: weights! },
    );
    const P = dense.parameters;
    e.tensors
      .flatMap((t) => [...t.fisher].map((f, i) => [f, t.labelError![i], t.dataError![i]]))
      .forEach(([f, label, data], i) => {
        near(dense.fisher[i * (P + 1)], f);
        near(dense.labelError![i * (P + 1)], label);
        near(dense.dataError![i * (P + 1)], data);
      });
  });
});

/** Skewness of Σ ω(f − F). */
function skewnessOf(f: readonly number[]): number {
  const { mean } = weightedMean(f, []);
  const u = f.map((y, i) => W[i] * (y - mean));
  return u.reduce((s, y) => s + y ** 3, 0) / u.reduce((s, y) => s + y * y, 0) ** 1.5;
}

describe('weights that say nothing new', () => {
  const requests: EstimateRequest[] = [
    { estimator: 'exact', order: 'seed', seed: 3 },
    { estimator: 'type1', labels: 2, error: 'sampled', examples: 6, order: 'seed' },
    { estimator: 'mix', labels: 2, population: 'data', examples: 5, order: 'seed' },
  ];
  const figures = ({ trace, tensors, examples, populationSize, warnings, layers }: DiagonalEstimate) => ({
    trace,
    tensors,
    examples,
    populationSize,
    warnings,
    layers,
  });

  it.each(requests)('equal ones give the numbers without, bit for bit: %o', async (request) => {
    const plain = figures(await run(dataset(null), request));
    for (const w of [1, 0.1, 1e-310, 1e300]) {
      expect(figures(await run(dataset(new Array<number>(N).fill(w)), request))).toEqual(plain);
    }
  });

  it('a factor on all of them changes nothing but rounding', async () => {
    const one = await run(dataset(W), { estimator: 'exact' });
    for (const c of [1e-200, 3, 1e200]) {
      const e = await run(dataset(W.map((w) => c * w)), { estimator: 'exact' });
      near(e.trace.value, one.trace.value);
      near(e.trace.standardError as number, one.trace.standardError as number);
    }
  });

  it('a weight of 0 leaves an example out: errors, intervals and populations are those of the others', async () => {
    const kept = [0, 2, 3, 5, 8];
    const few = takeExamples(dataset(null), Uint32Array.from(kept), 'kept');
    for (const population of ['data', 'distribution'] as const) {
      const request = { estimator: 'exact', population } as const;
      const out = W.map((_, i) => (kept.includes(i) ? 2 : 0));
      expect(figures(await run(dataset(out), request))).toEqual(figures(await run(few, request)));
    }
    const alone = await run(dataset(W.map((w, i) => (i === 3 ? w : 0))), { estimator: 'exact' });
    expect([alone.examples, alone.trace.standardError]).toEqual([1, null]);
  });
});

it('weights that are none are refused', () => {
  const code = (raw: number[]) => complaintOf(() => readExampleWeights(raw, 3, 'w')).code;
  for (const raw of [
    [1, 2],
    [1, 2, 3, 4],
    [1, -1, 2],
    [1, NaN, 2],
    [1, Infinity, 2],
    [0, 0, 0],
  ]) {
    expect(code(raw)).toBe('data/example-weights');
  }
});

it('the standard error is that of the ratio: mean of SE² over simulated samples against their spread', () => {
  // f and ω of a skewed law and correlated, n = 400: F̂ is asymptotically normal around E ωf / E ω.
  const rng = new Sequence(11, 'ratio');
  const n = 400;
  const R = 2000;
  const means: number[] = [];
  let claimed = 0;
  for (let r = 0; r < R; r++) {
    const m = new WeightedMoments();
    for (let i = 0; i < n; i++) {
      const z = rng.normal();
      const w = Math.exp(0.5 * z);
      m.addTerm(w * (1 + 0.5 * z + rng.normal() ** 2), w);
    }
    means.push(m.mean);
    claimed += m.sampleVariance / n / R;
  }
  // E ωf/E ω = 2 + ½·½ by the tilt of z to mean ½.
  const mean = means.reduce((s, m) => s + m, 0) / R;
  const variance = means.reduce((s, m) => s + (m - mean) ** 2, 0) / (R - 1);
  expect(Math.abs(mean - 2.25)).toBeLessThan(4.5 * Math.sqrt(variance / R) + 2 / n);
  // The sample variance of 2,000 values is known to about √(2/R) = 3 %.
  expect(Math.abs(claimed / variance - 1)).toBeLessThan(4.5 * Math.sqrt(2 / R) + 0.01);
});
