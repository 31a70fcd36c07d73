import { describe, expect, it } from 'vitest';
import { deviation, expectClose, expectRatio } from '../../test/fisher/close.js';
import { sourceOf } from '../../test/fisher/examples.js';
import { fixture } from '../../test/fisher/fixtures.js';
import { createSmallEngine } from '../engine/small/index.js';
import { type DiagonalEstimate, type Estimator, estimateDiagonal } from './index.js';

/** A Gaussian's network outputs the mean, whatever σ² is: how figures follow σ² is known (theory (9.2)). */
async function estimate(estimator: Estimator, variance: number): Promise<DiagonalEstimate> {
  const { network, likelihood, n, x, targets } = fixture('diabetes-regression', 'float64', variance);
  const options = { estimator, error: 'closed-form', populationSize: n, targets } as const;
  return estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(x), options);
}

describe('σ² = 4 against σ² = 1', () => {
  it.each([
    ['exact', 'fisher', 1 / 4],
    ['exact', 'dataError', 1 / 4],
    ['type1', 'labelError', 1 / 4],
    ['type1', 'dataError', 1 / 4],
    ['type1', 'fisher', 1 / 4],
    ['rademacher', 'labelError', 1 / 4],
    ['rademacher', 'fisher', 1 / 4],
    ['empirical', 'fisher', 1 / 16],
    ['empirical', 'dataError', 1 / 16],
  ] as const)('%s: %s goes as %d', async (estimator, which, ratio) => {
    const one = await estimate(estimator, 1);
    const four = await estimate(estimator, 4);
    four.tensors.forEach((t, i) => {
      const base = one.tensors[i][which] as Float64Array;
      const want = base.map((v) => v * ratio);
      // One output: the label error of a sign is zero, of every entry.
      if (estimator === 'rademacher' && which === 'labelError') expect(want.every((v) => v === 0)).toBe(true);
      expectClose(t[which], want, 1e-12, t.name);
      // σ⁴ for σ², or σ for σ², would be seen.
      for (const wrong of [ratio / 4, ratio * 2, ratio * 4]) {
        if (want.some((v) => v !== 0))
          expect(
            deviation(
              t[which] as Float64Array,
              base.map((v) => v * wrong),
            ),
          ).toBeGreaterThan(0.1);
      }
    });
    const figure = which === 'fisher' ? 'value' : which;
    if (one.trace[figure]) expectRatio(four.trace[figure], one.trace[figure] * ratio, 1e-12);
  });

  it('the relative type-1 error of a Gaussian is √(2/n) of the root mean square, for any network', async () => {
    const { trace, examples } = await estimate('type1', 4);
    const exact = await estimate('exact', 4);
    // 𝒱 = 2f² for one output: label² = 2 Σf²/n² = 2 (s²(n−1)/n + f̄²)/n.
    const meanSquare = exact.trace.dataError! ** 2 * (examples - 1) + exact.trace.value ** 2;
    expectRatio(trace.labelError, Math.sqrt((2 * meanSquare) / examples), 1e-12);
  });
});
