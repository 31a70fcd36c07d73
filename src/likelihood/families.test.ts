import { describe, expect, it } from 'vitest';
import { expectation, laws, type Law } from '../../test/support/laws.js';
import { getLikelihood, makeLabels, outputs, type Likelihood, type Outputs } from './index.js';

const row = (law: Law): Outputs => outputs(Float64Array.from(law.h), 1, law.h.length);

/** All index tuples of the given order. */
function tuples(T: number, order: number): number[][] {
  return order === 0
    ? [[]]
    : tuples(T, order - 1).flatMap((t) => Array.from({ length: T }, (_, i) => [...t, i]));
}

function flat(index: number[], T: number): number {
  return index.reduce((s, i) => s * T + i, 0);
}

function read(law: Law) {
  const h = row(law);
  const T = h.T;
  const K = law.likelihood.columnCount(T);
  const eta = new Float64Array(T);
  const I = new Float64Array(T * T);
  const D = new Float64Array(K * T);
  const w = new Float64Array(K);
  law.likelihood.mean(h, eta);
  law.likelihood.information(h, I);
  law.likelihood.columns(h, D, w);
  return { h, T, K, eta, I, D, w };
}

describe.each(Object.entries(laws))('%s', (_, law) => {
  const { h, T, K, eta, I, D, w } = read(law);
  const moment = (index: number[]) => expectation(law, (t) => index.reduce((m, a) => m * (t[a] - eta[a]), 1));
  const cov = (a: number, b: number) => I[a * T + b];

  /** Every entry to 1e-12 of the tensor's scale: its largest entry, or sd^order where that is larger (a zero tensor). */
  function compare(got: Float64Array, truth: (index: number[]) => number, order: number): void {
    const all = tuples(T, order).map((index) => [got[flat(index, T)], truth(index)]);
    expect(got.length).toBe(T ** order);
    const sd = Math.sqrt(Math.max(...Array.from({ length: T }, (_, a) => cov(a, a))));
    const scale = Math.max(sd ** order, ...all.map(([, t]) => Math.abs(t)));
    for (const [g, t] of all) expect(Math.abs(g - t)).toBeLessThanOrEqual(1e-12 * scale);
  }

  it('probabilities sum to 1, and log p is their logarithm', () => {
    expect(Math.abs(expectation(law, () => 1) - 1)).toBeLessThan(1e-13);
    const labels = makeLabels(law.likelihood, 1, T, law.outcomes.length);
    law.outcomes.forEach(({ y }, j) => labels.data.set(y, j * labels.width));
    const logp = new Float64Array(law.outcomes.length);
    law.likelihood.logProbability(h, labels, logp);
    // For a density the reference is a product of weights; the ratio must be one constant, the cell of the grid.
    const cell =
      law.likelihood.name === 'gaussian'
        ? (0.5 * Math.sqrt(Number(law.likelihood.options.variance))) ** T
        : 1;
    law.outcomes.forEach(({ y, p }, j) => {
      const truth = law.logDensity?.(y) ?? Math.log(p) - Math.log(cell);
      expect(Math.abs(logp[j] - truth)).toBeLessThan(1e-12 * Math.max(1, Math.abs(truth)));
    });
  });

  it('mean and I are the moments of t', () => {
    compare(eta, ([a]) => expectation(law, (t) => t[a]), 1);
    compare(I, moment, 2);
  });

  it('third and fourth cumulants and the fourth moment', () => {
    compare(law.likelihood.thirdCumulant(h, 0), moment, 3);
    compare(law.likelihood.fourthMoment(h, 0), moment, 4);
    const kappa4 = ([a, b, c, d]: number[]) =>
      moment([a, b, c, d]) - cov(a, b) * cov(c, d) - cov(a, c) * cov(b, d) - cov(a, d) * cov(b, c);
    compare(law.likelihood.fourthCumulant(h, 0), kappa4, 4);
  });

  if (law.likelihood.natural === null)
    it('each is the derivative of the one before: F, η, I, κ3, κ4', () => {
      const { likelihood } = law;
      const F = (x: Outputs) => {
        const out = new Float64Array(1);
        likelihood.logPartition(x, out);
        return out;
      };
      const mean = (x: Outputs) => {
        const out = new Float64Array(T);
        likelihood.mean(x, out);
        return out;
      };
      const information = (x: Outputs) => {
        const out = new Float64Array(T * T);
        likelihood.information(x, out);
        return out;
      };
      const third = (x: Outputs) => likelihood.thirdCumulant(x, 0);
      const fourth = (x: Outputs) => likelihood.fourthCumulant(x, 0);
      const chain = [F, mean, information, third, fourth];
      for (let order = 1; order < chain.length; order++) {
        const derivative = chain[order](h);
        for (let a = 0; a < T; a++) {
          const slope = centralDifference(chain[order - 1], law.h, a);
          slope.forEach((s, i) => expect(Math.abs(derivative[i * T + a] - s)).toBeLessThan(1e-11));
        }
      }
    });

  it('columns: Σ w ΔΔᵀ = I, in one span or several', () => {
    compare(I, ([a, b]) => sum(K, (k) => w[k] * D[k * T + a] * D[k * T + b]), 2);
    const part = new Float64Array(2 * T);
    const partWeights = new Float64Array(2);
    for (let from = 0; from + 2 <= K; from++) {
      law.likelihood.columns(h, part, partWeights, { from, count: 2 });
      expect([...part]).toEqual([...D.subarray(from * T, (from + 2) * T)]);
      expect([...partWeights]).toEqual([...w.subarray(from, from + 2)]);
    }
  });

  it('residuals are t(y) − η', () => {
    const labels = makeLabels(law.likelihood, 1, T, law.outcomes.length);
    law.outcomes.forEach(({ y }, j) => labels.data.set(y, j * labels.width));
    const delta = new Float64Array(law.outcomes.length * T);
    law.likelihood.residual(h, labels, delta);
    law.outcomes.forEach(({ t }, j) => {
      for (let a = 0; a < T; a++) {
        const scale = Math.max(1, Math.abs(t[a]), Math.abs(eta[a]));
        expect(Math.abs(delta[j * T + a] - (t[a] - eta[a]))).toBeLessThan(1e-13 * scale);
      }
    });
  });

  it('label variance of s² from column scores', () => {
    // Three arbitrary parameters: s = Jᵀδ.
    for (const J of [
      [1, -2, 0.5, 0.3, 1.1],
      [0.2, 0.2, 3, -1, 0],
      [-1, 0.7, 0.7, 0.7, 2],
    ]) {
      const s = (delta: (a: number) => number) => sum(T, (a) => J[a] * delta(a));
      const second = expectation(law, (t) => s((a) => t[a] - eta[a]) ** 2);
      const truth = expectation(law, (t) => (s((a) => t[a] - eta[a]) ** 2 - second) ** 2);
      const scores = Array.from({ length: K }, (_, k) => s((a) => D[k * T + a]));
      expect(Math.abs(labelVariance(law.likelihood, h, scores, w) - truth)).toBeLessThan(
        1e-12 * Math.max(1, truth),
      );
    }
  });
});

/** The two formulas of `LabelKind`. */
function labelVariance(likelihood: Likelihood, h: Outputs, s: number[], w: Float64Array): number {
  const K = s.length;
  if (likelihood.labelKind === 'enumerated') {
    const mean = sum(K, (k) => w[k] * s[k] ** 2);
    return sum(K, (k) => w[k] * (s[k] ** 2 - mean) ** 2);
  }
  const c = new Float64Array(K);
  likelihood.components!.fourth(h, c);
  return sum(K, (k) => c[k] * s[k] ** 4 + 4 * sum(k, (j) => w[j] * w[k] * s[j] ** 2 * s[k] ** 2));
}

function sum(n: number, f: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < n; i++) total += f(i);
  return total;
}

/** Sixth-order central difference in h_a. */
function centralDifference(f: (h: Outputs) => Float64Array, h: number[], a: number): Float64Array {
  const step = 2e-3;
  const at = (k: number) =>
    f(
      outputs(
        Float64Array.from(h, (x, i) => (i === a ? x + k * step : x)),
        1,
        h.length,
      ),
    );
  const [m3, m2, m1, p1, p2, p3] = [-3, -2, -1, 1, 2, 3].map(at);
  return m1.map((_, i) => (45 * (p1[i] - m1[i]) - 9 * (p2[i] - m2[i]) + (p3[i] - m3[i])) / (60 * step));
}

describe('the scale of σ²', () => {
  it('against σ² = 1, at σ² = 4: exact ¼, label error of s² ¼, empirical 1/16', () => {
    const h = outputs(Float64Array.of(0.5), 1, 1);
    const at = (variance: number) => {
      const likelihood = getLikelihood('gaussian', { variance });
      const [one, w, c, delta] = Array.from({ length: 4 }, () => new Float64Array(1));
      likelihood.columns(h, one, w);
      likelihood.components!.fourth(h, c);
      likelihood.residual(h, { data: Float64Array.of(2), count: 1, width: 1 }, delta);
      return { exact: w[0], labelError: Math.sqrt(c[0]), empirical: delta[0] ** 2 };
    };
    expect(at(1)).toEqual({ exact: 1, labelError: Math.SQRT2, empirical: 2.25 });
    expect(at(4)).toEqual({ exact: 1 / 4, labelError: Math.SQRT2 / 4, empirical: 2.25 / 16 });
  });
});
