import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { figuresOf, sampleVariance } from '../../test/fisher/figures.js';
import { type DrawMoments, figureLaw } from '../../test/fisher/laws.js';
import { firstRows, modelOf } from '../../test/fisher/networks.js';
import { repeatedEstimates } from '../../test/fisher/repeats.js';
import {
  estimateMoments,
  type MeanAndVariance,
  mixedMoments,
  mixture,
  sampledTotalSquare,
  spreadOver,
} from '../../test/fisher/sampled.js';
import { ZTests } from '../../test/fisher/ztests.js';
import { Sequence } from '../core/random.js';
import { Moments, seedOf } from '../stats/index.js';

const R = 1200;
/** Examples visited, of those in the population. */
const n = 4;
const N = 6;
const PHI = n / N;

/** Every way to visit n of N: the law of an estimate is a mixture over them. */
const SUBSETS = Array.from({ length: 2 ** N }, (_, bits) =>
  Array.from({ length: N }, (_, i) => i).filter((i) => (bits >> i) & 1),
).filter((s) => s.length === n);

const CASES = [
  ['exact', 0, 'none'],
  ['type1', 1, 'closed-form'],
  ['type1', 2, 'sampled'],
  ['rademacher', 2, 'closed-form'],
  ['rademacher', 3, 'sampled'],
] as const;

/** Law of standardError² given the examples. */
function totalSquare(m: readonly DrawMoments[], K: number, error: string): MeanAndVariance {
  if (error === 'sampled') return sampledTotalSquare(m, K, PHI);
  const label = K === 0 ? 0 : estimateMoments(m, K).variance;
  return { mean: label + ((1 - PHI) * sampleVariance(m.map((x) => x.mean))) / m.length, variance: 0 };
}

// Lets the test runner hear from this process between long sums.
beforeEach(() => setImmediate());

describe.each(['dense categorical', 'tied autoencoder', 'masked weight'] as const)('%s', (name) => {
  const model = firstRows(modelOf(name), N);
  const { network, likelihood, x } = model;
  const laws = {
    labels: figureLaw(network, likelihood, x, 'labels'),
    signs: figureLaw(network, likelihood, x, 'signs'),
  };

  it.each(CASES)(`${n} of ${N} examples: %s, %d draws, %s errors`, async (estimator, labels, error) => {
    const law = estimator === 'rademacher' ? laws.signs : laws.labels;
    const seed = seedOf(expect.getState().currentTestName!);
    const rng = new Sequence(seed, 'subsets');
    const estimates = await repeatedEstimates(model, {
      estimator,
      labels,
      ...(error === 'none' ? {} : { error }),
      population: 'data',
      seed,
      repeats: R,
      rows: () => SUBSETS[rng.integer(SUBSETS.length)],
    });
    const figures = estimates.map(figuresOf);
    const z = new ZTests();
    for (const q of law.quantities) {
      const all = law.moments(q);
      const shown = figures.map((f) => f.get(q.name)!);
      const exact = labels === 0 ? all.map((m) => ({ ...m, variance: 0, third: 0, fourth: 0 })) : all;
      const subsets = SUBSETS.map((rows) => rows.map((i) => exact[i]));
      const values = mixedMoments(subsets.map((m) => estimateMoments(m, labels || 1)));
      const squares = mixture(subsets.map((m) => totalSquare(m, labels, error)));
      const scale = 1e-10 * values.mean ** 2;

      // What the estimate says of its error is right on average: (1 − n/N) S²/n over the population, and the draws' share.
      const population = sampleVariance(exact.map((m) => m.mean));
      const draws = exact.reduce((s, m) => s + m.variance, 0) / N / (labels || 1) / n;
      z.one(`truth ${q.name}`, squares.mean, ((1 - PHI) * population) / n + draws, 0, scale);
      z.one(`law ${q.name}`, squares.mean, values.variance, 0, scale);

      const got = shown.map((s) => s.value);
      z.mean(`value ${q.name}`, got, values, values.mean);
      const spread = spreadOver(R, values);
      z.one(`spread ${q.name}`, Moments.of(got).sampleVariance, spread.mean, spread.variance, scale);
      // Of entries from draws alone, a covering error is shown, and parts that are clipped.
      if (error === 'sampled' && q.name.startsWith('entry/')) continue;
      z.mean(
        `error ${q.name}`,
        shown.map((s) => s.standardError! ** 2),
        squares,
        scale,
      );
    }
    expect(z.failed).toEqual([]);
    expect(z.skewed.filter((s) => !s.startsWith('error entry'))).toEqual([]);
    expect(z.skewed.length / z.tested, z.skewed.join(', ')).toBeLessThan(0.1);
  });

  it.each(CASES)(
    `all ${N} examples: %s, %d draws, %s errors: no data error`,
    async (estimator, labels, error) => {
      const options = error === 'none' ? {} : { error };
      const asked = { estimator, labels, seed: 1, repeats: 1, ...options };
      const [over] = await repeatedEstimates(model, { ...asked, population: 'data' });
      const [distribution] = await repeatedEstimates(model, asked);
      const wide = figuresOf(distribution);
      for (const [q, f] of figuresOf(over)) {
        expect(f.dataError).toBe(0);
        expect(f.standardError).toBe(f.labelError);
        const { value, labelError, dataError, standardError } = wide.get(q)!;
        expect([f.value, f.labelError]).toEqual([value, labelError]);
        if (error !== 'sampled') expect(standardError).toBeCloseTo(Math.hypot(labelError!, dataError!), 12);
      }
    },
  );
});
