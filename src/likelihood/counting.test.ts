import { describe, expect, it } from 'vitest';
import { seedOf, Z_LIMIT, zScore } from '../stats/index.js';
import { draws, getLikelihood, makeLabels, outputs, type Likelihood } from './index.js';

const name = () => expect.getState().currentTestName!;

/** Labels of one output h. */
function labelsOf(likelihood: Likelihood, h: number, count: number, seed: number): Float64Array {
  const x = outputs(Float64Array.of(h), 1, 1);
  const labels = makeLabels(likelihood, 1, 1, count);
  likelihood.sample(x, draws(seed, 'labels', [0], null, count), labels);
  return labels.data;
}

const law = (likelihood: Likelihood, h: number) => {
  const x = outputs(Float64Array.of(h), 1, 1);
  const [mean, one, w, c] = Array.from({ length: 4 }, () => new Float64Array(1));
  likelihood.mean(x, mean);
  likelihood.columns(x, one, w);
  likelihood.components!.fourth(x, c);
  return { mean: mean[0], variance: w[0], squareVariance: c[0] };
};

const poisson = getLikelihood('poisson');
const small: [string, Likelihood, number][] = [
  ['poisson, mean 0.02', poisson, Math.log(0.02)],
  ['poisson, mean 3', poisson, Math.log(3)],
  ['poisson, mean 41.5', poisson, Math.log(41.5)],
  ['binomial, 9 of p = 0.3', getLikelihood('binomial', { trials: 9 }), Math.log(0.3 / 0.7)],
  ['binomial, 60 of p = 0.97', getLikelihood('binomial', { trials: 60 }), Math.log(0.97 / 0.03)],
];

describe.each(small)('inverse CDF of %s', (_, likelihood, h) => {
  it('gives the least y with P(Y ≤ y) ≥ u, and how near the next step is', () => {
    const x = outputs(Float64Array.of(h), 1, 1);
    const d = draws(seedOf(name()), 'labels', [7], null, 500);
    const labels = makeLabels(likelihood, 1, 1, 500);
    const gap = new Float64Array(500);
    likelihood.sample(x, d, labels);
    likelihood.stepDistance!(x, d, gap);
    const last = Number(likelihood.options.trials ?? 200);
    const logp = new Float64Array(last + 1);
    const all = { data: Float64Array.from({ length: last + 1 }, (__, y) => y), count: last + 1, width: 1 };
    likelihood.logProbability(x, all, logp);
    const cdf: number[] = [];
    logp.reduce((sum, l) => {
      cdf.push(sum + Math.exp(l));
      return sum + Math.exp(l);
    }, 0);
    expect(Math.abs(cdf[last] - 1)).toBeLessThan(1e-14);
    for (let k = 0; k < 500; k++) {
      const u = d.stream.at(7, 0, k, 0);
      const y = cdf.findIndex((p) => p >= u);
      expect(labels.data[k]).toBe(y);
      const nearest = Math.min(...cdf.slice(0, last).map((p) => Math.abs(u - p)));
      expect(Math.abs(gap[k] - nearest)).toBeLessThan(1e-13);
    }
  });

  it('expected labels off the mode are 1 − the largest probability', () => {
    const last = Number(likelihood.options.trials ?? 200);
    const x = outputs(Float64Array.of(h), 1, 1);
    const logp = new Float64Array(last + 1);
    const data = Float64Array.from({ length: last + 1 }, (__, y) => y);
    likelihood.logProbability(x, { data, count: last + 1, width: 1 }, logp);
    expect(likelihood.offMode(x)!).toBeCloseTo(1 - Math.exp(Math.max(...logp)), 13);
  });
});

const large: [string, Likelihood, number][] = [
  ['poisson, mean 1e4', poisson, Math.log(1e4)],
  ['poisson, mean 1e7', poisson, Math.log(1e7)],
  ['poisson, mean 1e13', poisson, Math.log(1e13)],
  ['binomial, 1e6 trials', getLikelihood('binomial', { trials: 1e6 }), -1.3],
  ['binomial, 2e9 trials of a rare success', getLikelihood('binomial', { trials: 2e9 }), -19],
];

describe.each(large)('large counts: %s', (_, likelihood, h) => {
  it('have mean and variance of the law, from one uniform each', () => {
    const R = 3000;
    const y = labelsOf(likelihood, h, R, seedOf(name()));
    const { mean, variance, squareVariance } = law(likelihood, h);
    const [m1, m2] = y.reduce(([a, b], v) => [a + (v - mean) / R, b + (v - mean) ** 2 / R], [0, 0]);
    expect(y.every((v) => Number.isInteger(v) && v >= 0)).toBe(true);
    expect(Math.abs(zScore(m1, 0, Math.sqrt(variance / R)))).toBeLessThanOrEqual(Z_LIMIT);
    expect(Math.abs(zScore(m2, variance, Math.sqrt(squareVariance / R)))).toBeLessThanOrEqual(Z_LIMIT);
  });
});

describe('counts without doubt', () => {
  it('a rate or odds of 0 give 0, odds of ∞ all trials', () => {
    const binomial = getLikelihood('binomial', { trials: 7 });
    expect([...new Set(labelsOf(poisson, -800, 50, 1))]).toEqual([0]);
    expect([...new Set(labelsOf(binomial, -1000, 50, 1))]).toEqual([0]);
    expect([...new Set(labelsOf(binomial, 1000, 50, 1))]).toEqual([7]);
    expect(poisson.offMode(outputs(Float64Array.of(-40), 1, 1))! / Math.exp(-40)).toBeCloseTo(1, 14);
    expect(binomial.offMode(outputs(Float64Array.of(40), 1, 1))! / (7 * Math.exp(-40))).toBeCloseTo(1, 14);
  });

  it('log p keeps its digits at large counts, rare ones and certain ones', () => {
    const of = (likelihood: Likelihood, h: number, y: number) => {
      const out = new Float64Array(1);
      const labels = { data: Float64Array.of(y), count: 1, width: 1 };
      likelihood.logProbability(outputs(Float64Array.of(h), 1, 1), labels, out);
      return out[0];
    };
    // By 40-digit arithmetic.
    expect(of(poisson, 20, 485165195)).toBeCloseTo(-10.918938533127178, 13);
    expect(of(poisson, -800, 2)).toBeCloseTo(-1600 - Math.log(2), 11);
    expect(of(poisson, -1, 0)).toBe(-Math.exp(-1));
    const binomial = getLikelihood('binomial', { trials: 5 });
    expect(of(binomial, 800, 4)).toBeCloseTo(Math.log(5) - 800, 11);
    expect(of(binomial, 800, 5)).toBe(0);
  });
});
