import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { drawSkewness, expectedFigure, figuresOf } from '../../test/fisher/figures.js';
import { figureLaw } from '../../test/fisher/laws.js';
import { MODEL_NAMES, modelOf } from '../../test/fisher/networks.js';
import { repeatedEstimates } from '../../test/fisher/repeats.js';
import {
  estimateMoments,
  sampledLabelSquare,
  sampledTotalSquare,
  spreadOver,
} from '../../test/fisher/sampled.js';
import { ZTests } from '../../test/fisher/ztests.js';
import { Moments, seedOf } from '../stats/index.js';

const R = 600;

const CASES = [
  ['type1', 1, 'closed-form', ''],
  ['type1', 1, 'sampled', ''],
  ['type1', 2, 'sampled', ''],
  ['type1', 5, 'sampled', ''],
  ['rademacher', 1, 'closed-form', ''],
  ['rademacher', 3, 'sampled', ''],
  ['rademacher', 1, 'closed-form', ', one pair exact'],
  ['rademacher', 3, 'sampled', ', one pair exact'],
] as const;

// Lets the test runner hear from this process between long sums.
beforeEach(() => setImmediate());

describe.each(MODEL_NAMES)('%s', (name) => {
  const model = modelOf(name);
  const { network, likelihood, x } = model;
  const laws = {
    type1: figureLaw(network, likelihood, x, 'labels'),
    rademacher: figureLaw(network, likelihood, x, 'signs'),
    deflated: figureLaw(network, likelihood, x, 'signs', 1),
  };

  it.each(CASES)(
    '%s, %d draws, %s errors%s: unbiased, and errors as large as the spread',
    async (...asked) => {
      const [estimator, labels, error, pairs] = asked;
      const exactPairs = pairs === '' ? 0 : 1;
      const law = laws[exactPairs > 0 ? 'deflated' : estimator];
      const seed = seedOf(expect.getState().currentTestName!);
      const estimates = await repeatedEstimates(model, {
        estimator,
        exactPairs,
        labels,
        error,
        seed,
        repeats: R,
      });
      const figures = estimates.map(figuresOf);
      expect(figures).toHaveLength(R);
      const z = new ZTests();
      for (const q of law.quantities) {
        const m = law.moments(q);
        const want = expectedFigure(m, labels);
        const square = 1e-10 * want.value ** 2;
        const shown = figures.map((f) => f.get(q.name)!);
        const values = shown.map((s) => s.value);
        z.mean(
          `value ${q.name}`,
          values,
          { mean: want.value, variance: want.label },
          want.value,
          drawSkewness(m, labels),
        );
        const spread = spreadOver(R, estimateMoments(m, labels));
        z.one(`spread ${q.name}`, Moments.of(values).sampleVariance, spread.mean, spread.variance, square);
        const total = shown.map((s) => s.standardError! ** 2);
        if (error === 'closed-form') {
          // Known without draws: every repeat says the same.
          for (const s of shown.slice(0, 3)) {
            z.one(`label error ${q.name}`, s.labelError! ** 2, want.label, 0, square);
            z.one(`data error ${q.name}`, s.dataError! ** 2, want.data, 0, square);
          }
        } else {
          // Entries show a covering error, which is no estimate of their variance (stats/peaks).
          if (!q.name.startsWith('entry/'))
            z.mean(`total error ${q.name}`, total, sampledTotalSquare(m, labels), square);
          if (labels === 1)
            expect(shown.every((s) => s.labelError === null && s.dataError === null)).toBe(true);
          else {
            const label = shown.map((s) => s.labelError! ** 2);
            z.mean(`label error ${q.name}`, label, sampledLabelSquare(m, labels), square);
          }
        }
      }
      expect(z.failed).toEqual([]);
      // Squares of squares are skewed: a few errors of single entries are, for this many repeats, not tested.
      expect(z.skewed.filter((s) => s.startsWith('value'))).toEqual([]);
      expect(z.skewed.length / (z.skewed.length + z.tested), z.skewed.join(', ')).toBeLessThan(0.15);
    },
  );
});
