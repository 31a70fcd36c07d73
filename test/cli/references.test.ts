/** The files that PyTorch exported, through the command line in float64, against PyTorch's own numbers. */
import { describe, expect, it } from 'vitest';
import { readArrays } from '../../src/disk/index.js';
import { expectAllClose, expectRatio } from '../fisher/close.js';
import {
  CONVOLUTIONAL,
  DENSE,
  type FixtureName,
  RESIDUAL,
  referenceArrays,
  referenceJson,
  referenceTotals,
} from '../fisher/fixtures.js';
import { type EstimateJson, estimateOf, fimJson, scratch } from './fim.js';

const { path } = scratch();

/** The arrays of a result under one prefix, by parameter. */
function written(file: string, prefix: string): Map<string, Float64Array> {
  const arrays = readArrays(file);
  const names = arrays.names.filter((name) => name.startsWith(`${prefix}/`));
  return new Map(names.map((name) => [name.slice(prefix.length + 1), arrays.get(name).data as Float64Array]));
}

async function run(name: FixtureName, ...words: string[]): Promise<EstimateJson & { file: string }> {
  const { likelihood } = referenceJson(name) as { likelihood: string };
  const settings = likelihood === 'gaussian' ? ['--variance', '1'] : [];
  const file = path(`${name}-${words[1]}.npz`);
  const json = await fimJson(
    estimateOf(name, '--likelihood', likelihood, ...settings, '--dtype', 'float64', '--out', file, ...words),
  );
  return { ...json, file };
}

describe.each([...DENSE, ...CONVOLUTIONAL])('%s to 1e-9', (name) => {
  const totals = referenceTotals(name);

  it('exact', async () => {
    const e = await run(name, '--estimator', 'exact');
    expectAllClose(written(e.file, 'fisher'), referenceArrays(name, 'fisher_diag'), 1e-9, 'fisher');
    expectAllClose(written(e.file, 'data_se'), referenceArrays(name, 'data_se'), 1e-9, 'data error');
    expect(Math.max(...[...written(e.file, 'label_se').values()].map((a) => Math.max(...a)))).toBe(0);
    expectRatio(e.trace.value, totals.trace, 1e-9, 'trace');
    expectRatio(e.trace.dataError, totals.dataError, 1e-9, 'data error of the trace');
    for (const t of e.tensors) expectRatio(t.trace.value, totals.traces[t.name], 1e-9, t.name);
  });

  it('errors of one label per example', async () => {
    const e = await run(name, '--estimator', 'type1', '--labels', '1', '--error', 'closed-form');
    expectAllClose(written(e.file, 'label_se'), referenceArrays(name, 'type1_label_se'), 1e-9, 'label error');
    expectAllClose(written(e.file, 'data_se'), referenceArrays(name, 'data_se'), 1e-9, 'data error');
    expectRatio(e.trace.labelError, totals.labelError, 1e-9, 'label error of the trace');
  });

  it('empirical', async () => {
    const e = await run(name, '--estimator', 'empirical');
    expectAllClose(written(e.file, 'fisher'), referenceArrays(name, 'empirical_diag'), 1e-9, 'empirical');
    expectRatio(e.trace.value, totals.empirical, 1e-9, 'empirical trace');
  });
});

describe.each(RESIDUAL)('%s to 1e-9', (name) => {
  it('exact totals', async () => {
    const e = await run(name, '--estimator', 'exact');
    const totals = referenceTotals(name);
    expectRatio(e.trace.value, totals.trace, 1e-9, 'trace');
    expectRatio(e.trace.dataError, totals.dataError, 1e-9, 'data error of the trace');
    for (const t of e.tensors) expectRatio(t.trace.value, totals.traces[t.name], 1e-9, t.name);
  });
});
