import { describe, expect, it } from 'vitest';
import { deviation } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { modelOf } from '../../../../test/fisher/networks.js';
import { MODEL_NAMES } from '../../../../test/fisher/networks.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { estimateDiagonal, type DiagonalEstimate, type DiagonalOptions } from '../../index.js';
import { widestSite } from '../../memory.js';

/** An estimate with room for `columns` columns at once. */
async function estimate(
  name: (typeof MODEL_NAMES)[number],
  options: Partial<DiagonalOptions>,
  columns = Infinity,
): Promise<DiagonalEstimate> {
  const { network, likelihood, x } = modelOf(name);
  const n = x.shape[0];
  return estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(x), {
    estimator: 'rademacher',
    populationSize: n,
    batch: n,
    ...(columns === Infinity ? {} : { budget: widestSite(network) * n * columns }),
    ...options,
  });
}

describe.each(MODEL_NAMES)('%s: exact columns and signs on the rest', (name) => {
  it.each([
    ['closed-form', 1, 1],
    ['closed-form', 1, 2],
    ['sampled', 3, 1],
    ['sampled', 3, 2],
  ] as const)('%s errors, %d draws: %d columns at once give what all at once do', async (...asked) => {
    const [error, labels, columns] = asked;
    const options = { error, labels, exactPairs: 1 };
    const [whole, parts] = [await estimate(name, options), await estimate(name, options, columns)];
    for (const [i, t] of whole.tensors.entries()) {
      for (const key of ['fisher', 'labelError', 'standardError'] as const)
        expect(
          deviation(parts.tensors[i][key] as Float64Array, t[key] as Float64Array),
          `${t.name} ${key}`,
        ).toBeLessThan(1e-9);
      expect(parts.tensors[i].trace.labelError).toBeCloseTo(t.trace.labelError as number, 9);
    }
    expect(parts.trace.labelError).toBeCloseTo(whole.trace.labelError as number, 9);
  });

  it('all columns but one taken exactly leave no error to a lone sign', async () => {
    const { network, likelihood } = modelOf(name);
    const T = network.h.shape[1] as number;
    const R = likelihood.name === 'categorical' ? T - 1 : T;
    const exact = await estimate(name, { estimator: 'exact' });
    const found = await estimate(name, { exactPairs: R - 1, error: 'closed-form' });
    expect(found.trace.value).toBeCloseTo(exact.trace.value, 9);
    expect(found.trace.labelError).toBeLessThan(1e-7 * exact.trace.value);
  });

  it('the exact columns alone are a lower bound that grows with them and takes no draw', async () => {
    const { network, likelihood } = modelOf(name);
    const T = network.h.shape[1] as number;
    const R = likelihood.name === 'categorical' ? T - 1 : T;
    const { value } = (await estimate(name, { estimator: 'exact' })).trace;
    let before = 0;
    for (let exactPairs = 1; exactPairs < R; exactPairs++) {
      const one = await estimate(name, { exactPairs, error: 'closed-form', seed: 1 });
      const other = await estimate(name, { exactPairs, error: 'sampled', labels: 2, seed: 2 }, 2);
      const bound = one.lowerBound as number;
      expect(bound).toBeGreaterThan(before);
      expect(bound).toBeLessThan(value);
      expect(other.lowerBound).toBeCloseTo(bound, 9);
      before = bound;
    }
    expect((await estimate(name, {})).lowerBound).toBeNull();
  });
});
