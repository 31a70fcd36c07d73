import { describe, expect, it } from 'vitest';
import { deviation, expectClose } from '../../test/fisher/close.js';
import { range, sourceOf } from '../../test/fisher/examples.js';
import { fixture } from '../../test/fisher/fixtures.js';
import { modelOf } from '../../test/fisher/networks.js';
import { castTensor, tensor } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { input } from '../graph/index.js';
import { getLikelihood } from '../likelihood/index.js';
import { denseNetwork } from '../model/dense.js';
import { atPrecision } from '../model/network.js';
import { type DiagonalEstimate, type DiagonalOptions, estimateDiagonal } from './index.js';
import { accumulateDiagonal } from './forms/diagonal/accumulation.js';
import { groupsOf } from './forms/diagonal/groups.js';
import { jobOf } from './job.js';
import { loop } from './loop.js';

const categorical = getLikelihood('categorical');

describe('data errors that float32 sums cannot tell', () => {
  const single = denseNetwork({ widths: [3, 4, 3], initialiser: 'torch', seed: 3 });
  const n = 40;
  // Inputs that hardly differ: variance/mean² about 1e-8.
  const x = tensor(
    'float32',
    [n, 3],
    Array.from({ length: 3 * n }, (_, i) => 1 + 1e-4 * Math.sin(7 * i)),
  );
  const run = (dtype: 'float32' | 'float64') => {
    const options = { estimator: 'type1', error: 'closed-form', populationSize: n, batch: 16 } as const;
    const network = atPrecision(single, dtype);
    return estimateDiagonal(createSmallEngine(), network, categorical, sourceOf(x), options);
  };

  it('are taken in float64, within one pass over the examples', async () => {
    let passes = 0;
    const options = { estimator: 'exact', populationSize: n, batch: 16 } as const;
    const source = sourceOf(x);
    const seen: number[] = [];
    const once = await estimateDiagonal(
      createSmallEngine(),
      single,
      categorical,
      (batch, dtype) => (passes++, source(batch, dtype)),
      {
        ...options,
        onBatch: ({ examples, estimate }) => seen.push(examples, estimate().tensors[0].dataError![0]),
      },
    );
    expect(passes).toBe(1);
    expect(seen.slice(-2)).toEqual([n, once.tensors[0].dataError![0]]);
  });

  it('are as those of float64', async () => {
    const [low, high] = [await run('float32'), await run('float64')];
    low.tensors.forEach((t, i) => {
      expectClose(t.dataError, high.tensors[i].dataError!, 1e-3, `data error of ${t.name}`);
      expectClose(t.labelError, high.tensors[i].labelError!, 1e-4, `label error of ${t.name}`);
    });
  });

  it('which is needed: from the sums alone they are noise', async () => {
    const source = sourceOf(x);
    const options = { estimator: 'exact', populationSize: n, batch: 16 } as const;
    const job = await jobOf(createSmallEngine(), single, categorical, source, options);
    const form = accumulateDiagonal(job, { groups: groupsOf(single) });
    await loop([{ job, forms: [form] }], source);
    const { tensors } = form.sums[0].spread;
    for (const t of tensors.values()) expect(t.f.cancellation(2 ** -24), t.name).toBeGreaterThan(1e-3);
    const high = await run('float64');
    for (const t of high.tensors) {
      const s2 = tensors.get(t.name)!.f.sampleVariance();
      const raw = s2.map((v) => Math.sqrt(v / n));
      expect(deviation(raw, t.dataError!)).toBeGreaterThan(0.1);
    }
  });
});

describe('an estimate that ends early', () => {
  const { network, likelihood, x, n } = fixture('digits-mlp-sigmoid-small');
  const ask = { estimator: 'rademacher', labels: 2, error: 'sampled', populationSize: n, batch: 10 } as const;
  const over = (rows: number[], more: Partial<DiagonalOptions> = {}) =>
    estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(x, rows), { ...ask, ...more });

  it('is a valid estimate from what it saw, and says so', async () => {
    const abort = new AbortController();
    const seen: number[] = [];
    const early = await over(range(n), {
      signal: abort.signal,
      onBatch: ({ examples }) => {
        seen.push(examples);
        if (examples === 30) abort.abort();
      },
    });
    expect(seen).toEqual([10, 20, 30]);
    expect(early.interrupted).toBe(true);
    expect(early.examples).toBe(30);
    expect(early.warnings.join()).toContain('interrupted after 30 of 96');
    const { warnings: _, interrupted: __, ...same } = await over(range(30));
    expect(early).toMatchObject(same);
  });

  it('shows at every batch what it would be if it ended there', async () => {
    const shown: DiagonalEstimate[] = [];
    const traces: unknown[] = [];
    const last = await over(range(40), {
      onBatch: ({ estimate, trace }) => {
        shown.push(estimate());
        traces.push(trace());
      },
    });
    expect(shown.map((e) => e.examples)).toEqual([10, 20, 30, 40]);
    expect(shown[3]).toEqual(last);
    expect(shown[1].trace).toEqual((await over(range(20))).trace);
    expect(traces).toEqual(shown.map((e) => e.trace));
  });

  it('one example has a label error and no data error', async () => {
    const { trace, tensors } = await over([5], { error: 'closed-form' });
    expect(trace.labelError).toBeGreaterThan(0);
    expect([trace.dataError, trace.standardError, trace.interval]).toEqual([null, null, null]);
    expect(tensors[0].standardError).toBeNull();
    const whole = await over([5], { error: 'closed-form', population: 'data', populationSize: 1 });
    expect(whole.trace.standardError).toBe(whole.trace.labelError);
  });
});

describe('bad input', () => {
  const { network, likelihood, x } = modelOf('dense categorical');
  const n = x.shape[0];
  const run = (options: Partial<DiagonalOptions>, rows = range(n)) => {
    const all = { estimator: 'type1', populationSize: n, ...options } as const;
    return estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(x, rows), all);
  };

  it.each([0, -1, 1.5, NaN])('%d draws', async (labels) => {
    await expect(run({ labels })).rejects.toMatchObject({ code: 'fisher/draws', kind: 'usage' });
  });

  it('no examples, no labels for empirical', async () => {
    await expect(run({}, [])).rejects.toMatchObject({ code: 'fisher/no-examples' });
    await expect(run({ estimator: 'empirical' })).rejects.toMatchObject({ code: 'fisher/targets' });
  });

  it('outputs that are not finite name their example', async () => {
    const bad = { ...x, data: (x.data as Float64Array).slice().fill(NaN, 6, 7) };
    const options = { estimator: 'exact', populationSize: n, batch: 4 } as const;
    const e = estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(bad), options);
    await expect(e).rejects.toThrow(/example 2 of a batch of 4/);
  });

  it('a likelihood that the outputs cannot have', async () => {
    const one = denseNetwork({ widths: [3, 1], dtype: 'float64' });
    const options = { estimator: 'exact', populationSize: n } as const;
    const e = estimateDiagonal(createSmallEngine(), one, likelihood, sourceOf(x), options);
    await expect(e).rejects.toMatchObject({ code: 'likelihood/outputs' });
  });
});

it('a parameter that does not reach the output has zeros, and changes nothing else', async () => {
  const { network, likelihood, x } = modelOf('dense bernoulli');
  const dead = input('dead', 'float64', [2, 3]);
  const more = {
    ...network,
    parameters: new Map([...network.parameters, ['dead', dead]]),
    weights: new Map([
      ...network.weights,
      ['dead', castTensor(tensor('float64', [2, 3], [1, 2, 3, 4, 5, 6]), 'float64')],
    ]),
  };
  for (const estimator of ['exact', 'type1', 'rademacher'] as const) {
    const options = { estimator, labels: 2, populationSize: x.shape[0] } as const;
    const run = (of: typeof network) =>
      estimateDiagonal(createSmallEngine(), of, likelihood, sourceOf(x), options);
    const [e, without] = [await run(more), await run(network)];
    const t = e.tensors.find((s) => s.name === 'dead')!;
    for (const values of [t.fisher, t.labelError, t.dataError]) expect(values).toEqual(new Float64Array(6));
    expect([t.trace.value, t.trace.standardError]).toEqual([0, 0]);
    expect(e.trace).toEqual(without.trace);
    expect(e.parameters).toBe(without.parameters + 6);
  }
});
