import { describe, expect, it } from 'vitest';
import { Z_LIMIT, zScore } from '../stats/index.js';
import { integerWeights, weightedVisits } from './weighted-visits.js';

/** A population in which few carry nearly all, and a proxy that knows it roughly. */
const N = 400;
const f = Float64Array.from({ length: N }, (_, x) => (x % 37 === 5 ? 20 + (x % 11) : 0.05 + 0.01 * (x % 7)));
const a = f.map((v, x) => v * (1 + 0.3 * Math.sin(x)));
const truth = f.reduce((s, v) => s + v, 0) / N;

/** Estimate of the mean from one list of visits. */
function estimate(seed: number, examples: number, takeAll: boolean): number {
  const v = weightedVisits(a, { examples, seed, takeAll });
  let taken = 0;
  let drawn = 0;
  v.indices.forEach((x, j) => {
    if (v.taken[j]) taken += f[x];
    else drawn += v.weights[j] * f[x];
  });
  return taken / N + (v.drawnCount > 0 ? drawn / v.drawnCount : 0);
}

describe('weighted visits', () => {
  it.each([
    [50, false],
    [50, true],
    [12, true],
    [200, true],
  ])('are unbiased: %d visits, take-all %s', (n, takeAll) => {
    const repeats = 3000;
    const values = Array.from({ length: repeats }, (_, seed) => estimate(seed, n, takeAll));
    const mean = values.reduce((s, v) => s + v, 0) / repeats;
    const variance = values.reduce((s, v) => s + (v - mean) ** 2, 0) / (repeats - 1);
    expect(Math.abs(zScore(mean, truth, Math.sqrt(variance / repeats)))).toBeLessThanOrEqual(Z_LIMIT);
  });

  it('leave a small part of a uniform visit’s variance, and less where the large are taken once', () => {
    const spread = (takeAll: boolean) => {
      const values = Array.from({ length: 500 }, (_, seed) => estimate(seed, 50, takeAll) - truth);
      return values.reduce((s, v) => s + v * v, 0) / 500;
    };
    const uniform = f.reduce((s, v) => s + (v - truth) ** 2, 0) / N / 50;
    expect(spread(false)).toBeLessThan(0.15 * uniform);
    expect(spread(true)).toBeLessThan(0.5 * spread(false));
  });

  it('visit each once where there are visits enough: exact', () => {
    const v = weightedVisits(a, { examples: N, seed: 4 });
    expect(v.distinct).toBe(N);
    expect(v.takenCount).toBe(N);
    expect(estimate(4, N, true)).toBeCloseTo(truth, 12);
  });

  it('draw the same for any proxies of the same integers, count repeats, and weigh at most ten', () => {
    const v = weightedVisits(a, { examples: 300, seed: 3, takeAll: false });
    const again = weightedVisits(
      a.map((x) => 7 * x),
      { examples: 300, seed: 3, takeAll: false },
    );
    expect([...again.indices]).toEqual([...v.indices]);
    expect(Math.max(...v.weights)).toBeLessThanOrEqual(10);
    expect(v.distinct).toBe(new Set(v.indices).size);
    const keys = new Set(v.indices.reduce<string[]>((all, x, j) => [...all, `${x}/${v.occurrence[j]}`], []));
    expect(keys.size).toBe(300);
  });

  it('are uniform where no proxy says anything', () => {
    expect([...integerWeights([0, 0, 0])]).toEqual([1, 1, 1]);
    expect([...weightedVisits([0, 0, 0], { examples: 2, seed: 1, takeAll: false }).weights]).toEqual([1, 1]);
  });

  it('refuse a proxy that is no number, and no visits', () => {
    expect(() => integerWeights([1, NaN])).toThrow('proxy of example 1');
    expect(() => weightedVisits([1], { examples: 0, seed: 1 })).toThrow('at least 1');
  });
});
