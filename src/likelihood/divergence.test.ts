/** Divergences against I(h) by second differences, and against sums over all labels. */
import { describe, expect, it } from 'vitest';
import { divergence } from './divergence.js';
import { getLikelihood } from './registry.js';
import { overPositions } from './positions.js';
import type { Likelihood, Outputs } from './types.js';

const of = (h: readonly number[]): Outputs => ({ data: Float64Array.from(h), n: 1, T: h.length });
function kl(likelihood: Likelihood, h: readonly number[], g: readonly number[]): number {
  const out = new Float64Array(1);
  divergence(likelihood, of(h), of(g), out);
  return out[0];
}

const CASES: readonly (readonly [string, Likelihood, readonly number[]])[] = [
  ['categorical', getLikelihood('categorical'), [0.3, -1.2, 2]],
  ['bernoulli', getLikelihood('bernoulli'), [0.4, -2]],
  ['gaussian', getLikelihood('gaussian', { variance: [0.25, 4] }), [0.7, -3]],
  ['gaussian-mv', getLikelihood('gaussian-mv'), [0.7, -3, 0.2, -0.6]],
  ['gaussian-mv, natural', getLikelihood('gaussian-mv', {}, 'canonical'), [0.7, -1, -0.4, -2]],
  ['gaussian-mv, softplus', getLikelihood('gaussian-mv', {}, 'softplus'), [0.7, -1, 0.4, 2]],
  ['poisson', getLikelihood('poisson'), [0.3, -1]],
  ['binomial', getLikelihood('binomial', { trials: 5 }), [0.3, -1]],
  ['exponential', getLikelihood('exponential'), [-0.3, -2]],
  ['gamma', getLikelihood('gamma', { shape: 3 }), [-0.3, -2]],
  ['positions', overPositions(getLikelihood('categorical'), 2), [0.3, -1.2, 1, 0]],
];

describe('divergence', () => {
  it.each(CASES)('%s: twice it over ε² goes to dᵀI(h)d, and it is 0 at h', (_, likelihood, h) => {
    const T = h.length;
    const information = new Float64Array(T * T);
    likelihood.information(of(h), information);
    const d = h.map((__, a) => Math.cos(3 * a + 1));
    const want = d.reduce((s, x, a) => s + d.reduce((t, y, b) => t + x * y * information[a * T + b], 0), 0);
    const at = (e: number): number =>
      (kl(
        likelihood,
        h,
        h.map((x, a) => x + e * d[a]),
      ) +
        kl(
          likelihood,
          h,
          h.map((x, a) => x - e * d[a]),
        )) /
      (e * e);
    const found = (4 * at(5e-4) - at(1e-3)) / 3;
    expect(Math.abs(found / want - 1)).toBeLessThan(1e-6);
    expect(kl(likelihood, h, h)).toBe(0);
  });

  it('of classes far apart it is Σ p log p/q', () => {
    const [h, g] = [
      [0.3, -1.2, 2],
      [-3, 4, 0.5],
    ];
    const softmax = (x: readonly number[]): number[] => {
      const e = x.map(Math.exp);
      const all = e.reduce((s, v) => s + v, 0);
      return e.map((v) => v / all);
    };
    const [p, q] = [softmax(h), softmax(g)];
    const want = p.reduce((s, v, a) => s + v * Math.log(v / q[a]), 0);
    expect(kl(getLikelihood('categorical'), h, g)).toBeCloseTo(want, 12);
  });
});
