import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { expectation, laws, type Law } from '../../test/support/laws.js';
import { enumeratedTotal, outputs, pairwiseTotalThird, pairwiseTotalVariance } from './index.js';

/** Scores of P = 7 parameters in the K columns, J arbitrary: their Gram matrix and squared norms. */
function block(law: Law) {
  const h = outputs(Float64Array.from(law.h), 1, law.h.length);
  const T = h.T;
  const K = law.likelihood.columnCount(T);
  const P = 7;
  const random = new Sequence(11, 'jacobian');
  const J = Float64Array.from({ length: T * P }, () => random.normal());
  const D = new Float64Array(K * T);
  const w = new Float64Array(K);
  law.likelihood.columns(h, D, w);
  const score = (delta: (a: number) => number) =>
    Array.from({ length: P }, (_, i) => {
      let s = 0;
      for (let a = 0; a < T; a++) s += J[a * P + i] * delta(a);
      return s;
    });
  const S = Array.from({ length: K }, (_, k) => score((a) => D[k * T + a]));
  const dot = (x: number[], y: number[]) => x.reduce((t, v, i) => t + v * y[i], 0);
  const G = Float64Array.from({ length: K * K }, (_, i) => dot(S[Math.floor(i / K)], S[i % K]));
  const q = Float64Array.from({ length: K }, (_, k) => G[k * K + k]);
  const eta = new Float64Array(T);
  law.likelihood.mean(h, eta);
  /** E (‖s‖² − E‖s‖²)^m over labels, by enumeration or quadrature. */
  const norm2 = (t: number[]) => score((a) => t[a] - eta[a]).reduce((x, s) => x + s * s, 0);
  const mean = expectation(law, norm2);
  const truth = (order: number) => expectation(law, (t) => (norm2(t) - mean) ** order);
  return { h, K, w, G, q, truth };
}

const near = (got: number, truth: number) =>
  expect(Math.abs(got - truth)).toBeLessThanOrEqual(1e-12 * Math.abs(truth));

describe.each(Object.entries(laws))('total over labels: %s', (_, law) => {
  const { h, K, w, G, q, truth } = block(law);
  const out = new Float64Array(1);

  it('variance and third central moment', () => {
    const { components } = law.likelihood;
    if (!components) {
      enumeratedTotal(q, w, 1, K, 2, out);
      near(out[0], truth(2));
      enumeratedTotal(q, w, 1, K, 3, out);
      near(out[0], truth(3));
      return;
    }
    const [third, fourth, squareThird] = [0, 1, 2].map(() => new Float64Array(K));
    components.third(h, third);
    components.fourth(h, fourth);
    components.squareThird(h, squareThird);
    pairwiseTotalVariance(G, w, fourth, 1, K, out);
    near(out[0], truth(2));
    const { pairThird } = law.likelihood;
    pairwiseTotalThird(G, w, { third, fourth, squareThird, pairThird }, 1, K, out);
    near(out[0], truth(3));
  });

  it('Rademacher signs, all 2^K of them', () => {
    const values = Array.from({ length: 2 ** K }, (_, bits) => {
      const xi = Array.from({ length: K }, (_, k) => ((bits >> k) & 1 ? 1 : -1) * Math.sqrt(w[k]));
      let v = 0;
      for (let j = 0; j < K; j++) for (let k = 0; k < K; k++) v += xi[j] * xi[k] * G[j * K + k];
      return v;
    });
    const mean = values.reduce((s, v) => s + v, 0) / values.length;
    const central = (m: number) => values.reduce((s, v) => s + (v - mean) ** m, 0) / values.length;
    const scale = mean ** 2;
    pairwiseTotalVariance(G, w, null, 1, K, out);
    expect(Math.abs(out[0] - central(2))).toBeLessThanOrEqual(1e-12 * scale);
    pairwiseTotalThird(G, w, null, 1, K, out);
    expect(Math.abs(out[0] - central(3))).toBeLessThanOrEqual(1e-12 * scale * mean);
    near(
      mean,
      G.reduce((s, g, i) => s + (i % (K + 1) === 0 ? w[i / (K + 1)] * g : 0), 0),
    );
  });
});

describe('weights in float32', () => {
  it('that do not quite sum to 1 leave the variance unmoved by a shift of q', () => {
    const w = Float32Array.of(1 / 3, 1 / 3, 1 / 3);
    const out = new Float64Array(2);
    enumeratedTotal(
      Float64Array.of(0, 1, 2, 1e7, 1e7 + 1, 1e7 + 2),
      Float32Array.of(...w, ...w),
      2,
      3,
      2,
      out,
    );
    expect(Math.abs(out[1] - out[0])).toBeLessThan(1e-8);
  });
});

describe('batches', () => {
  it('a row of a batch is what it is alone', () => {
    const law = laws['bernoulli, 3 outputs, one at p = 1/2'];
    const { h, K, w, G } = block(law);
    const [third, fourth, squareThird] = [0, 1, 2].map(() => new Float64Array(K));
    law.likelihood.components!.third(h, third);
    law.likelihood.components!.fourth(h, fourth);
    law.likelihood.components!.squareThird(h, squareThird);
    const twice = (a: Float64Array, factor: number) => Float64Array.from([...a, ...a.map((x) => factor * x)]);
    const moments = { third: twice(third, 1), fourth: twice(fourth, 1), squareThird: twice(squareThird, 1) };
    const out = new Float64Array(2);
    pairwiseTotalVariance(twice(G, 3), twice(w, 1), moments.fourth, 2, K, out);
    near(out[1], 9 * out[0]);
    pairwiseTotalThird(twice(G, 3), twice(w, 1), moments, 2, K, out);
    near(out[1], 27 * out[0]);
    enumeratedTotal(twice(Float64Array.of(1, 4), 3), Float64Array.of(0.5, 0.5, 0.5, 0.5), 2, 2, 3, out);
    near(out[1] + 1, 27 * out[0] + 1);
    enumeratedTotal(Float64Array.of(1, 4, 2, 2), Float64Array.of(0.25, 0.75, 0.5, 0.5), 2, 2, 2, out);
    expect([...out]).toEqual([27 / 16, 0]);
  });
});
