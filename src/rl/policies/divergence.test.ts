import { describe, expect, it } from 'vitest';
import { Sequence } from '../../core/random.js';
import { getLikelihood, makeLabels, outputs } from '../../likelihood/index.js';
import { hermite } from '../../../test/support/quadrature.js';
import { divergenceOf } from './divergence.js';

const FAMILIES = [
  ['categorical', getLikelihood('categorical'), 4],
  ['gaussian-mv', getLikelihood('gaussian-mv', {}, 'log-sd'), 4],
] as const;

const rng = new Sequence(3, 'divergence');
const draw = (n: number, T: number): Float64Array =>
  Float64Array.from({ length: n * T }, () => 0.8 * rng.normal());

/** Actions with their probabilities under one row of h: all of them, or nodes that are exact for polynomials of degree 19. */
function actionsOf(family: string, h: Float64Array): { action: number[]; p: number }[] {
  if (family === 'categorical') {
    const weights = h.map(Math.exp);
    const total = weights.reduce((a, b) => a + b, 0);
    return Array.from(weights, (w, a) => ({ action: [a], p: w / total }));
  }
  const nodes = hermite(10);
  const m = h.length / 2;
  return Array.from({ length: m }).reduce<{ action: number[]; p: number }[]>(
    (all, _, a) =>
      all.flatMap(({ action, p }) =>
        nodes.map((node) => ({ action: [...action, h[a] + Math.exp(h[m + a]) * node.x], p: p * node.p })),
      ),
    [{ action: [], p: 1 }],
  );
}

describe.each(FAMILIES)('%s', (name, likelihood, T) => {
  const { entropy, kl } = divergenceOf(likelihood);
  const logProbability = (h: Float64Array, action: readonly number[]): number => {
    const labels = makeLabels(likelihood, 1, T, 1);
    labels.data.set(action);
    const out = new Float64Array(1);
    likelihood.logProbability(outputs(h, 1, T), labels, out);
    return out[0];
  };

  it('entropy and divergence are means of log-probabilities over actions', () => {
    const n = 5;
    const [before, now] = [draw(n, T), draw(n, T)];
    const H = new Float64Array(n);
    const D = new Float64Array(n);
    entropy(outputs(before, n, T), H);
    kl(outputs(before, n, T), outputs(now, n, T), D);
    for (let i = 0; i < n; i++) {
      const p = before.subarray(i * T, (i + 1) * T);
      const q = now.subarray(i * T, (i + 1) * T);
      let [expectedH, expectedD] = [0, 0];
      for (const { action, p: weight } of actionsOf(name, p)) {
        const log = logProbability(p, action);
        expectedH -= weight * log;
        expectedD += weight * (log - logProbability(q, action));
      }
      expect(Math.abs(H[i] - expectedH)).toBeLessThanOrEqual(1e-11);
      expect(Math.abs(D[i] / expectedD - 1)).toBeLessThanOrEqual(1e-10);
      expect(D[i]).toBeGreaterThan(0);
    }
  });

  it('∂H/∂h by central differences', () => {
    const n = 4;
    const h = draw(n, T);
    const gradient = new Float64Array(n * T);
    const H = new Float64Array(n);
    entropy(outputs(h, n, T), H, gradient);
    const step = 1e-5;
    for (let at = 0; at < n * T; at++) {
      const moved = [step, -step].map((d) => {
        const there = h.slice();
        there[at] += d;
        const out = new Float64Array(n);
        entropy(outputs(there, n, T), out);
        return out;
      });
      // Entropies of other rows do not move.
      const slope = moved[0].reduce((sum, v, i) => sum + v - moved[1][i], 0) / (2 * step);
      expect(Math.abs(gradient[at] - slope)).toBeLessThanOrEqual(1e-9);
    }
  });

  it('is 0 from a policy to itself, and ½dᵀI(h)d beside it, with an error of third order', () => {
    const h = draw(1, T);
    const d = draw(1, T);
    const out = new Float64Array(1);
    kl(outputs(h, 1, T), outputs(h, 1, T), out);
    expect(out[0]).toBe(0);
    const I = new Float64Array(T * T);
    likelihood.information(outputs(h, 1, T), I);
    let form = 0;
    for (let a = 0; a < T; a++) for (let b = 0; b < T; b++) form += 0.5 * d[a] * I[a * T + b] * d[b];
    const errors = [1e-2, 1e-3].map((t) => {
      const now = h.map((v, a) => v + t * d[a]);
      kl(outputs(h, 1, T), outputs(now, 1, T), out);
      return out[0] / (t * t) / form - 1;
    });
    expect(Math.abs(errors[0])).toBeLessThan(0.1);
    expect(Math.abs(errors[1] / errors[0] - 0.1)).toBeLessThan(0.01);
  });
});

describe('divergenceOf', () => {
  it.each([getLikelihood('bernoulli'), getLikelihood('gaussian', { variance: 1 })])(
    'refuses a family that no policy has: $name',
    (likelihood) => {
      expect(() => divergenceOf(likelihood)).toThrow(/categorical, or gaussian-mv/);
    },
  );
});
