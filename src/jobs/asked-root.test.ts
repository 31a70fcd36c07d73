/**
 * Signs on the kernel root: closed-form label errors far below those of the eigen-root on networks whose tangent kernel is much the same
 * everywhere, values that agree with the exact Fisher within them, and the same kernel for every part of a run.
 */
import { describe, expect, it, vi } from 'vitest';
import { tensor } from '../core/tensor.js';
import { makeDataset } from '../data/index.js';
import { createSmallEngine } from '../engine/small/index.js';
import { getLikelihood } from '../likelihood/registry.js';
import { denseNetwork } from '../model/dense.js';
import { Z_LIMIT } from '../stats/index.js';
import { askedRoot } from './asked-root.js';
import { runFormEstimate } from './form-estimate.js';
import { runEstimate, type EstimateRequest, type EstimateSubject } from './estimate.js';

const passes = vi.hoisted(() => ({ made: 0 }));
vi.mock('../fisher/proxy/metric.js', async (original) => {
  const own = await original<typeof import('../fisher/proxy/metric.js')>();
  const meanMetric: typeof own.meanMetric = (...given) => {
    passes.made++;
    return own.meanMetric(...given);
  };
  return { ...own, meanMetric };
});

const N = 60;

function subjectOf(family: string, options?: Record<string, number>): EstimateSubject {
  const x = tensor(
    'float64',
    [N, 6],
    Float64Array.from({ length: N * 6 }, (_, i) => Math.sin(i * i)),
  );
  return {
    engine: createSmallEngine(),
    network: denseNetwork({ widths: [6, 12, 8], initialScale: 1.5, seed: 3, dtype: 'float64' }),
    likelihood: getLikelihood(family, options),
    dataset: makeDataset({ source: 'sines', inputs: new Map([['x', x]]) }),
  };
}

const run = (subject: EstimateSubject, request: EstimateRequest) =>
  runEstimate(subject, { estimator: 'rademacher', labels: 1, error: 'closed-form', ...request });

describe.each([
  ['categorical', undefined],
  ['bernoulli', undefined],
  ['gaussian', { variance: 1 }],
] as const)('%s: signs on the kernel root', (family, options) => {
  const subject = subjectOf(family, options);

  it('have a small part of the variance of others, and keep the total', async () => {
    const [exact, eigen, kernel] = [
      await run(subject, { estimator: 'exact' }),
      await run(subject, {}),
      await run(subject, { root: 'kernel' }),
    ];
    const of = ({ trace }: typeof exact) => trace.labelError as number;
    expect(kernel.root).toBe('kernel');
    expect(of(kernel)).toBeLessThan(of(eigen) / 2);
    expect(Math.abs(kernel.trace.value - exact.trace.value)).toBeLessThan(Z_LIMIT * of(kernel));
  });

  it('say what they are on, and take exact pairs', async () => {
    const said: string[] = [];
    const made = await runEstimate(
      subject,
      { estimator: 'rademacher', labels: 1, root: 'kernel', exactPairs: 2, error: 'closed-form' },
      { say: (line) => said.push(line) },
    );
    expect(said.join('\n')).toContain('mean tangent kernel');
    const none = await run(subject, { root: 'kernel' });
    expect(made.trace.labelError).toBeLessThan(none.trace.labelError as number);
    expect(made.lowerBound).toBeLessThan(made.trace.value);
  });
});

it('the kernel is that of the twenty examples, and a given one is taken as it is', async () => {
  const subject = subjectOf('categorical');
  const found = await askedRoot(subject, { root: 'kernel' });
  expect(found).toEqual(await askedRoot(subject, { root: 'kernel', seed: 0 }));
  expect(found).not.toEqual(await askedRoot(subject, { root: 'kernel', seed: 1 }));
  const [own, given] = [await run(subject, { root: 'kernel' }), await run(subject, { root: found })];
  expect(given.trace).toEqual(own.trace);
  expect(await askedRoot(subject, {})).toBeUndefined();
  const said: string[] = [];
  const listener = { say: (line: string) => said.push(line) };
  expect(await askedRoot(subject, { root: 'kernel', estimator: 'exact' }, listener)).toBeUndefined();
  expect(said).toEqual([expect.stringContaining('not used')]);
});

it.each(['kfac', 'dense', 'gram'] as const)(
  '%s beside the diagonal takes the kernel of the diagonal',
  async (form) => {
    const subject = subjectOf('categorical');
    const request = { estimator: 'rademacher', labels: 1, root: 'kernel', seed: 1 } as const;
    passes.made = 0;
    const once = await runFormEstimate(subject, request, { form });
    expect(passes.made).toBe(1);
    const given = { ...request, root: await askedRoot(subject, request) };
    const again = await runFormEstimate(subject, given, { form });
    for (const [name, { data }] of once.arrays) expect(again.arrays.get(name)?.data, name).toEqual(data);
  },
);

it('refuses more outputs than an eigenproblem is worth before a pass is made', async () => {
  const network = denseNetwork({ widths: [6, 4, 300], seed: 3, dtype: 'float64' });
  await expect(run({ ...subjectOf('categorical'), network }, { root: 'kernel' })).rejects.toMatchObject({
    code: 'likelihood/kernel',
  });
});

it('is found in float64 where float32 does not hold squares of scores', async () => {
  const x = tensor(
    'float32',
    [N, 6],
    Float32Array.from({ length: N * 6 }, (_, i) => 1e21 * Math.sin(i * i)),
  );
  const subject = {
    ...subjectOf('categorical'),
    network: denseNetwork({ widths: [6, 12, 8], activation: 'identity', seed: 3 }),
    dataset: makeDataset({ source: 'large', inputs: new Map([['x', x]]) }),
  };
  const { kernel } = (await askedRoot(subject, { root: 'kernel' })) as { kernel: readonly number[] };
  expect(kernel.every(Number.isFinite)).toBe(true);
  expect(Math.max(...kernel)).toBeGreaterThan(3e38);
});
