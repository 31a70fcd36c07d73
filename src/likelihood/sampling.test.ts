import { describe, expect, it } from 'vitest';
import type { UniformStream } from '../core/random.js';
import { Z_LIMIT, seedOf, zScore } from '../stats/index.js';
import { expectation, laws, type Law } from '../../test/support/laws.js';
import { draws, getLikelihood, makeLabels, outputs, type Likelihood } from './index.js';

const name = () => expect.getState().currentTestName!;

/** Residuals [rows, T] of one label for each of R examples that all have the outputs of `law`. */
function residuals(law: Law, R: number, seed: number, count = 1, from = 0): Float64Array {
  const T = law.h.length;
  const h = outputs(
    Float64Array.from({ length: R * T }, (_, j) => law.h[j % T]),
    R,
    T,
  );
  const labels = makeLabels(law.likelihood, R, T, count);
  const examples = Array.from({ length: R }, (_, i) => i);
  law.likelihood.sample(h, draws(seed, 'labels', examples, null, count, from), labels);
  const delta = new Float64Array(R * count * T);
  law.likelihood.residual(h, labels, delta);
  return delta;
}

/** z of the mean of `values` against a law's E f, with the law's own variance of f. */
function z(law: Law, values: number[], f: (delta: number[]) => number): number {
  const eta = law.h.map((_, a) => expectation(law, (t) => t[a]));
  const of = (t: number[]) => f(t.map((x, a) => x - eta[a]));
  const mean = expectation(law, of);
  const variance = expectation(law, (t) => (of(t) - mean) ** 2);
  return zScore(values.reduce((s, v) => s + v, 0) / values.length, mean, Math.sqrt(variance / values.length));
}

describe.each(Object.entries(laws))('labels of %s', (_, law) => {
  const T = law.h.length;

  it('have the law’s moments: δ, δδᵀ', () => {
    const R = 12000;
    const delta = residuals(law, R, seedOf(name()));
    const eta = law.h.map((_, a) => expectation(law, (t) => t[a]));
    const rows = Array.from({ length: R }, (_, i) => [...delta.subarray(i * T, (i + 1) * T)]);
    for (let a = 0; a < T; a++) {
      const f = (d: number[]) => d[a];
      expect(Math.abs(z(law, rows.map(f), f))).toBeLessThanOrEqual(Z_LIMIT);
      for (let b = 0; b <= a; b++) {
        const g = (d: number[]) => d[a] * d[b];
        // At p = ½ δ² is constant: equal, up to rounding.
        const values = rows.map(g);
        if (values.every((v) => Math.abs(v - values[0]) < 1e-15)) {
          expect(Math.abs(values[0] - expectation(law, (t) => g(t.map((x, i) => x - eta[i]))))).toBeLessThan(
            1e-15,
          );
        } else expect(Math.abs(z(law, values, g))).toBeLessThanOrEqual(Z_LIMIT);
      }
    }
  });

  it('are independent from example to example and from draw to draw', () => {
    const R = 6000;
    const delta = residuals(law, R, seedOf(name()), 2);
    const v = expectation(law, (t) => (t[0] - expectation(law, (u) => u[0])) ** 2);
    let neighbours = 0;
    let twins = 0;
    for (let i = 0; i < R; i++) {
      twins += delta[2 * i * T] * delta[(2 * i + 1) * T];
      if (i > 0) neighbours += delta[2 * i * T] * delta[2 * (i - 1) * T];
    }
    expect(Math.abs(zScore(twins / R, 0, v / Math.sqrt(R)))).toBeLessThanOrEqual(Z_LIMIT);
    expect(Math.abs(zScore(neighbours / (R - 1), 0, v / Math.sqrt(R - 1)))).toBeLessThanOrEqual(Z_LIMIT);
  });

  it('are bit-identical for any batch, order and chunk of draws', () => {
    const N = 12;
    const data = Float64Array.from({ length: N * T }, (_, j) => law.h[j % T] * (1 + Math.sin(j) / 2));
    const all = makeLabels(law.likelihood, N, T, 3);
    law.likelihood.sample(outputs(data, N, T), draws(4, 's', range(N), null, 3), all);
    for (const order of [[7], [3, 11, 0], range(N).reverse()]) {
      const part = Float64Array.from(order.flatMap((i) => [...data.subarray(i * T, (i + 1) * T)]));
      const labels = makeLabels(law.likelihood, order.length, T, 2);
      law.likelihood.sample(outputs(part, order.length, T), draws(4, 's', order, null, 2, 1), labels);
      const w = labels.width;
      order.forEach((i, r) => {
        expect(labels.data.slice(r * 2 * w, (r + 1) * 2 * w)).toEqual(
          all.data.slice((i * 3 + 1) * w, (i * 3 + 3) * w),
        );
      });
    }
  });

  it('of a repeated example differ by its occurrence', () => {
    const R = 200;
    const h = outputs(
      Float64Array.from({ length: R * T }, (_, j) => law.h[j % T]),
      R,
      T,
    );
    const labels = makeLabels(law.likelihood, R, T, 1);
    law.likelihood.sample(h, draws(1, 's', new Uint32Array(R).fill(5), range(R), 1), labels);
    expect(new Set(labels.data).size).toBeGreaterThan(1);
    law.likelihood.sample(h, draws(1, 's', new Uint32Array(R).fill(5), null, 1), labels);
    expect(new Set(labels.data.filter((_, j) => j % labels.width === 0)).size).toBe(1);
  });

  it('Rademacher cotangents are Σ ξ_k √w_k Δ_k with the signs of their keys', () => {
    const h = outputs(Float64Array.from([...law.h, ...law.h]), 2, T);
    const K = law.likelihood.columnCount(T);
    const D = new Float64Array(2 * K * T);
    const w = new Float64Array(2 * K);
    law.likelihood.columns(h, D, w);
    const d = draws(9, 'signs', [3, 8], [0, 2], 4, 1);
    const out = new Float64Array(2 * 4 * T);
    law.likelihood.rademacher(h, d, out);
    for (let i = 0; i < 2; i++) {
      for (let k = 0; k < 4; k++) {
        for (let a = 0; a < T; a++) {
          let truth = 0;
          for (let c = 0; c < K; c++) {
            truth +=
              d.stream.signAt([3, 8][i], [0, 2][i], 1 + k, c) *
              Math.sqrt(w[i * K + c]) *
              D[(i * K + c) * T + a];
          }
          expect(Math.abs(out[(i * 4 + k) * T + a] - truth)).toBeLessThan(1e-15);
        }
      }
    }
  });
});

describe('inverse CDF', () => {
  it('a categorical label is the first class whose cumulative probability passes the uniform', () => {
    const law = laws['categorical, 4 classes'];
    const h = outputs(Float64Array.from(law.h), 1, 4);
    const d = draws(2, 'labels', [17], null, 200);
    const labels = makeLabels(law.likelihood, 1, 4, 200);
    const gap = new Float64Array(200);
    law.likelihood.sample(h, d, labels);
    law.likelihood.stepDistance!(h, d, gap);
    for (let k = 0; k < 200; k++) {
      const u = d.stream.at(17, 0, k, 0);
      let c = 0;
      let cdf = law.outcomes[0].p;
      let distance = Math.abs(u - cdf);
      while (cdf <= u) cdf += law.outcomes[++c].p;
      for (let s = 0, j = 0; j < 3; j++)
        distance = Math.min(distance, Math.abs(u - (s += law.outcomes[j].p)));
      expect(labels.data[k]).toBe(c);
      expect(Math.abs(gap[k] - distance)).toBeLessThan(1e-15);
    }
  });

  it('Bernoulli and Gaussian components each have a uniform of their own', () => {
    const stream = draws(3, 's', [2], null, 1).stream;
    const u = [0, 1, 2].map((a) => stream.at(2, 0, 0, a));
    const bernoulli = getLikelihood('bernoulli');
    const h = outputs(Float64Array.of(0.5, 0.5, 0.5), 1, 3);
    const y = makeLabels(bernoulli, 1, 3, 1);
    bernoulli.sample(h, draws(3, 's', [2], null, 1), y);
    expect([...y.data]).toEqual(u.map((x) => (x > 1 / (1 + Math.exp(0.5)) ? 1 : 0)));
    const gap = new Float64Array(1);
    bernoulli.stepDistance!(h, draws(3, 's', [2], null, 1), gap);
    expect(gap[0]).toBeCloseTo(Math.min(...u.map((x) => Math.abs(x - 1 / (1 + Math.exp(0.5))))), 15);

    const gaussian = getLikelihood('gaussian', { variance: 9 });
    gaussian.sample(h, draws(3, 's', [2], null, 1), y);
    [0, 1, 2].forEach((a) => expect(y.data[a]).toBe(0.5 + 3 * stream.normalAt(2, 0, 0, a)));
    expect(gaussian.stepDistance).toBeNull();
  });

  it('a uniform next to 1 draws a class that has probability, however the probabilities round', () => {
    const categorical = getLikelihood('categorical');
    const last = { at: () => 1 - 2 ** -53 } as unknown as UniformStream;
    let short = 0;
    for (let T = 3; T < 40; T++) {
      const h = outputs(
        Float64Array.from({ length: T }, (_, a) => (a < T - 1 ? Math.sin(a * T) : -2000)),
        1,
        T,
      );
      const p = new Float64Array(T);
      categorical.mean(h, p);
      if (p.reduce((s, x) => s + x, 0) < 1) short++;
      const labels = makeLabels(categorical, 1, T, 1);
      categorical.sample(h, { stream: last, examples: [0], occurrences: null, from: 0, count: 1 }, labels);
      expect(labels.data[0]).toBe(T - 2);
    }
    expect(short).toBeGreaterThan(0);
  });

  it('a class without probability is never drawn, the last one included', () => {
    const categorical = getLikelihood('categorical');
    const h = outputs(Float64Array.of(-2000, 0, -2000, 0.3, -2000), 1, 5);
    const labels = makeLabels(categorical, 1, 5, 2000);
    categorical.sample(h, draws(5, 's', [0], null, 2000), labels);
    expect([...new Set(labels.data)].sort()).toEqual([1, 3]);
  });
});

describe('expected labels off the mode', () => {
  it('sums 1 − max p', () => {
    const off = (likelihood: Likelihood, h: number[], n: number) =>
      likelihood.offMode(outputs(Float64Array.from(h), n, h.length / n));
    const [a, b] = [laws['categorical, 4 classes'], laws['bernoulli, 5 outputs']];
    const truth = 1 - Math.max(...a.outcomes.map((o) => o.p));
    expect(off(a.likelihood, [...a.h, ...a.h], 2)).toBeCloseTo(2 * truth, 14);
    expect(off(a.likelihood, [0, 40, 0], 1)! / (2 * Math.exp(-40))).toBeCloseTo(1, 14);
    const minority = b.h.reduce((s, x) => s + 1 / (1 + Math.exp(Math.abs(x))), 0);
    expect(off(b.likelihood, b.h, 1)).toBeCloseTo(minority, 14);
    expect(off(getLikelihood('gaussian', { variance: 1 }), [1, 2], 1)).toBeNull();
  });
});

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
