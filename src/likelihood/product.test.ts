/** The product of two families against each family alone. */
import { describe, expect, it } from 'vitest';
import { Sequence, UniformStream } from '../core/random.js';
import { Moments, seedOf, zScore } from '../stats/index.js';
import { getLikelihood, makeLabels, outputs, type Outputs, productOf, someOutputs } from './index.js';

const VARIANCE = 0.25;
const gaussian = getLikelihood('gaussian', { variance: VARIANCE });
const FIRST = {
  categorical: { family: getLikelihood('categorical'), T: 3 },
  'gaussian-mv': { family: getLikelihood('gaussian-mv', {}, 'log-sd'), T: 4 },
} as const;

const batch = (n: number, T: number, seed: number): Outputs => {
  const rng = new Sequence(seed, 'outputs');
  return outputs(
    Float64Array.from({ length: n * T }, () => 0.7 * rng.normal()),
    n,
    T,
  );
};

describe.each(['categorical', 'gaussian-mv'] as const)('%s × gaussian', (name) => {
  const { family, T: T1 } = FIRST[name];
  const product = productOf(family, T1, gaussian);
  const [n, T] = [5, T1 + 2];
  const h = batch(n, T, 3);
  const one = someOutputs(h, 0, T1);
  const two = someOutputs(h, T1, 2);
  const K1 = family.weightedColumns(T1);
  const K = K1 + 2;

  it('information: that of each on the diagonal, zeros beside', () => {
    const whole = new Float64Array(n * T * T).fill(NaN);
    product.information(h, whole);
    const first = new Float64Array(n * T1 * T1);
    family.information(one, first);
    for (let e = 0; e < n; e++)
      for (let a = 0; a < T; a++)
        for (let b = 0; b < T; b++) {
          const of = a < T1 && b < T1 ? first[(e * T1 + a) * T1 + b] : a === b ? 1 / VARIANCE : 0;
          expect(whole[(e * T + a) * T + b]).toBe(of);
        }
  });

  it('columns: of each with its weights, padded with zeros, whole or by any span', () => {
    expect(product.weightedColumns(T)).toBe(K);
    const [ct, w] = [new Float64Array(n * K * T).fill(NaN), new Float64Array(n * K).fill(NaN)];
    product.columns(h, ct, w);
    const [first, weights] = [new Float64Array(n * K1 * T1), new Float64Array(n * K1)];
    family.columns(one, first, weights, { from: 0, count: K1 });
    for (let e = 0; e < n; e++)
      for (let k = 0; k < K; k++) {
        expect(w[e * K + k]).toBe(k < K1 ? weights[e * K1 + k] : 1 / VARIANCE);
        for (let a = 0; a < T; a++) {
          const of = k >= K1 ? Number(a === T1 + k - K1) : a < T1 ? first[(e * K1 + k) * T1 + a] : 0;
          expect(ct[(e * K + k) * T + a]).toBe(of);
        }
      }
    for (let from = 0; from < K; from++)
      for (let count = 1; from + count <= K; count++) {
        const [part, own] = [new Float64Array(n * count * T).fill(NaN), new Float64Array(n * count)];
        product.columns(h, part, own, { from, count });
        for (let e = 0; e < n; e++) {
          const rows = ct.subarray((e * K + from) * T, (e * K + from + count) * T);
          expect(part.subarray(e * count * T, (e + 1) * count * T)).toEqual(rows);
          expect(own.subarray(e * count, (e + 1) * count)).toEqual(
            w.subarray(e * K + from, e * K + from + count),
          );
        }
      }
  });

  it('labels and residuals: those of the first as if it were alone, then those of the second', () => {
    const draws = {
      stream: new UniformStream(4, 'labels'),
      examples: [0, 1, 2, 3, 4],
      occurrences: null,
      from: 0,
      count: 2,
    };
    const labels = makeLabels(product, n, T, 2);
    product.sample(h, draws, labels);
    const alone = makeLabels(family, n, T1, 2);
    family.sample(one, draws, alone);
    const rest = makeLabels(gaussian, n, 2, 2);
    expect(labels.width).toBe(alone.width + 2);
    for (let row = 0; row < 2 * n; row++) {
      const of = [...labels.data.subarray(row * labels.width, (row + 1) * labels.width)];
      expect(of.slice(0, alone.width)).toEqual([
        ...alone.data.subarray(row * alone.width, (row + 1) * alone.width),
      ]);
      rest.data.set(of.slice(alone.width), row * 2);
    }
    const both = new Float64Array(2 * n * T);
    product.residual(h, labels, both);
    const [a, b] = [new Float64Array(2 * n * T1), new Float64Array(2 * n * 2)];
    family.residual(one, alone, a);
    gaussian.residual(two, rest, b);
    for (let row = 0; row < 2 * n; row++) {
      expect([...both.subarray(row * T, (row + 1) * T)]).toEqual([
        ...a.subarray(row * T1, (row + 1) * T1),
        ...b.subarray(row * 2, row * 2 + 2),
      ]);
    }
  });

  it('drawn residuals have the information as covariance, and those of the two are independent', () => {
    const title = `product, ${name}, drawn residuals`;
    const count = 4000;
    const state = batch(1, T, 5);
    const stream = new UniformStream(seedOf(title), 'labels');
    const labels = makeLabels(product, 1, T, count);
    product.sample(state, { stream, examples: [0], occurrences: null, from: 0, count }, labels);
    const delta = new Float64Array(count * T);
    product.residual(state, labels, delta);
    const I = new Float64Array(T * T);
    product.information(state, I);
    for (let a = 0; a < T; a++)
      for (let b = 0; b <= a; b++) {
        const products = new Moments();
        for (let k = 0; k < count; k++) products.add(delta[k * T + a] * delta[k * T + b]);
        // Across: E δ_a²δ_b² = I_aa I_bb. Within: from the family's fourth moment.
        const fourth =
          a < T1
            ? family.fourthMoment(someOutputs(state, 0, T1), 0)[((a * T1 + b) * T1 + a) * T1 + b]
            : a === b
              ? 3 * I[a * T + a] ** 2
              : I[a * T + a] * I[b * T + b];
        const error = Math.sqrt((fourth - I[a * T + b] ** 2) / count);
        expect(Math.abs(zScore(products.mean, I[a * T + b], error)), `${a}, ${b}`).toBeLessThanOrEqual(4.5);
      }
  });
});
