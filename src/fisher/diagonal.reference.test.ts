import { describe, expect, it } from 'vitest';
import {
  DENSE,
  fixture,
  type FixtureName,
  referenceArrays,
  referenceTotals,
} from '../../test/fisher/fixtures.js';
import { expectAllClose, expectRatio } from '../../test/fisher/close.js';
import { sourceOf } from '../../test/fisher/examples.js';
import type { FloatType } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { type DiagonalEstimate, type DiagonalOptions, estimateDiagonal } from './index.js';

type Asked = Omit<DiagonalOptions, 'populationSize' | 'targets'>;

async function estimate(name: FixtureName, dtype: FloatType, asked: Asked): Promise<DiagonalEstimate> {
  const { network, likelihood, n, x, targets } = fixture(name, dtype);
  const options = { ...asked, populationSize: n, batch: 48, targets };
  return estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(x), options);
}

const arrays = (e: DiagonalEstimate, which: 'fisher' | 'labelError' | 'dataError') =>
  new Map(e.tensors.map((t) => [t.name, t[which]]));

/** Every number of the reference that these estimates have. */
async function check(name: FixtureName, dtype: FloatType, tolerance: number): Promise<void> {
  const totals = referenceTotals(name);
  const exact = await estimate(name, dtype, { estimator: 'exact' });
  const type1 = await estimate(name, dtype, { estimator: 'type1', labels: 1, error: 'closed-form' });
  const empirical = await estimate(name, dtype, { estimator: 'empirical' });

  expectAllClose(arrays(exact, 'fisher'), referenceArrays(name, 'fisher_diag'), tolerance, 'fisher');
  expectAllClose(
    arrays(empirical, 'fisher'),
    referenceArrays(name, 'empirical_diag'),
    tolerance,
    'empirical',
  );
  expectAllClose(
    arrays(type1, 'labelError'),
    referenceArrays(name, 'type1_label_se'),
    tolerance,
    'label error',
  );
  for (const e of [exact, type1]) {
    expectAllClose(arrays(e, 'dataError'), referenceArrays(name, 'data_se'), tolerance, 'data error');
    expectRatio(e.trace.dataError, totals.dataError, tolerance, 'data error of the trace');
    for (const t of e.tensors) {
      const want = totals.dataErrors[t.name];
      if (want !== undefined) expectRatio(t.trace.dataError, want, tolerance, `data error of ${t.name}`);
    }
  }
  expectRatio(exact.trace.value, totals.trace, tolerance, 'trace');
  expectRatio(empirical.trace.value, totals.empirical, tolerance, 'empirical trace');
  expectRatio(type1.trace.labelError, totals.labelError, tolerance, 'label error of the trace');
  for (const t of exact.tensors) expectRatio(t.trace.value, totals.traces[t.name], tolerance, t.name);
  for (const t of empirical.tensors) {
    const want = totals.empiricals[t.name];
    if (want !== undefined) expectRatio(t.trace.value, want, tolerance, `empirical trace of ${t.name}`);
  }
  for (const t of type1.tensors) {
    const want = totals.labelErrors[t.name];
    if (want !== undefined) expectRatio(t.trace.labelError, want, tolerance, `label error of ${t.name}`);
  }
  for (const e of [exact, empirical]) {
    expect(e.trace.labelError).toBe(0);
    expect(e.trace.standardError).toBe(e.trace.dataError);
  }
}

describe.each(DENSE)('%s against PyTorch', (name) => {
  it('float64 to 1e-9', () => check(name, 'float64', 1e-9));
  it('float32 to 1e-4', () => check(name, 'float32', 1e-4));
});
