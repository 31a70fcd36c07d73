import { describe, expect, it } from 'vitest';
import { FimError } from '../../core/errors.js';
import { Sequence } from '../../core/random.js';
import { Moments, seedOf, zScore } from '../../stats/index.js';
import { make } from '../registry.js';
import { optimalGain, solveLinearQuadratic } from './exact.js';
import type { Matrix } from './matrix.js';
import { DOUBLE_INTEGRATOR, type LinearSystem, type Regulator } from './regulator.js';

/** Three states, two inputs. */
const WIDE: LinearSystem = {
  A: [
    [0.9, 0.2, 0],
    [-0.1, 0.95, 0.1],
    [0, 0.1, 0.8],
  ],
  B: [
    [0.5, 0],
    [0, 0.3],
    [0.1, -0.2],
  ],
  Q: [
    [1, 0.1, 0],
    [0.1, 2, 0],
    [0, 0, 0.5],
  ],
  R: [
    [0.3, 0.05],
    [0.05, 0.4],
  ],
  noise: 0.1,
  startRange: 2,
};
const GAIN: Matrix = [
  [-0.3, 0.1, 0.2],
  [0.05, -0.2, 0.1],
];

const bumped = (K: Matrix, i: number, j: number, h: number): Matrix =>
  K.map((row, r) => row.map((v, c) => (r === i && c === j ? v + h : v)));

describe('the linear-quadratic regulator', () => {
  it.each([{ horizon: 25 }, { horizon: 40, discount: 0.9 }, { discount: 0.95 }])(
    'its gradient is the central difference of J, %j',
    (how) => {
      const { gradient, J } = solveLinearQuadratic(WIDE, GAIN, 0.4, how);
      GAIN.forEach((row, i) =>
        row.forEach((_, j) => {
          const at = (h: number): number => solveLinearQuadratic(WIDE, bumped(GAIN, i, j, h), 0.4, how).J;
          const slope = (8 * (at(1e-3) - at(-1e-3)) - (at(2e-3) - at(-2e-3))) / 12e-3;
          expect(Math.abs(slope - gradient[i][j])).toBeLessThanOrEqual(1e-9 * Math.abs(J));
        }),
      );
    },
  );

  it('the optimal gain of Riccati has no gradient', () => {
    const K = optimalGain(DOUBLE_INTEGRATOR, 0.98);
    const { gradient, J } = solveLinearQuadratic(DOUBLE_INTEGRATOR, K, 0.2, { discount: 0.98 });
    for (const g of gradient.flat()) expect(Math.abs(g)).toBeLessThanOrEqual(1e-10 * Math.abs(J));
  });

  it('played episodes agree: return, its gradient by scores, and the Fisher by their products (|z| ≤ 4.5)', async () => {
    const horizon = 15;
    const sigma = 0.4;
    const env = await make('LinearQuadratic-v0', { ...WIDE, maxSteps: horizon });
    expect((env.dynamics as Regulator).system.noise).toBe(0.1);
    const exact = solveLinearQuadratic(WIDE, GAIN, sigma, { horizon });
    const random = new Sequence(seedOf('regulator, played'), 'actions');
    env.reset({ seed: seedOf('regulator, played') });
    const returns = new Moments();
    const slopes = Array.from({ length: 6 }, () => new Moments());
    const products = Array.from({ length: 36 }, () => new Moments());
    for (let e = 0; e < 6000; e++) {
      let x = env.reset().observation;
      let total = 0;
      const score = new Float64Array(6);
      const square = new Float64Array(36);
      while (env.running) {
        const noise = [random.normal(), random.normal()];
        const u = GAIN.map((row, i) => row.reduce((s, k, j) => s + k * x[j], 0) + sigma * noise[i]);
        const s = Float64Array.from({ length: 6 }, (_, p) => (noise[Math.floor(p / 3)] / sigma) * x[p % 3]);
        s.forEach((v, p) => {
          score[p] += v;
          s.forEach((w, q) => (square[p * 6 + q] += (v * w) / horizon));
        });
        const r = env.step(u);
        total += r.reward;
        x = r.observation;
      }
      returns.add(total);
      slopes.forEach((m, p) => m.add(score[p] * (total - exact.J)));
      products.forEach((m, p) => m.add(square[p]));
    }
    const check = (m: Moments, truth: number): void =>
      expect(Math.abs(zScore(m.mean, truth, m.standardError))).toBeLessThanOrEqual(4.5);
    check(returns, exact.J);
    slopes.forEach((m, p) => check(m, exact.gradient[Math.floor(p / 3)][p % 3]));
    products.forEach((m, p) => check(m, exact.fisher[Math.floor(p / 6)][p % 6]));
  });

  it('starts uniformly', async () => {
    const env = await make('LinearQuadratic-v0', { startRange: 2 });
    env.reset({ seed: seedOf('regulator starts') });
    const m = new Moments();
    const squares = new Moments();
    for (let i = 0; i < 3000; i++) {
      for (const v of env.reset().observation) {
        m.add(v);
        squares.add(v * v);
      }
    }
    expect(Math.abs(zScore(m.mean, 0, Math.sqrt(4 / 3 / 6000)))).toBeLessThanOrEqual(4.5);
    expect(Math.abs(zScore(squares.mean, 4 / 3, Math.sqrt((16 * 4) / 45 / 6000)))).toBeLessThanOrEqual(4.5);
  });

  it('refuses shapes that disagree, and sums that do not converge', async () => {
    await expect(make('LinearQuadratic-v0', { A: [[1]] })).rejects.toThrow(FimError);
    await expect(make('LinearQuadratic-v0', { noise: -1 })).rejects.toThrow(FimError);
    expect(() => solveLinearQuadratic(DOUBLE_INTEGRATOR, [[0, 0]], 1)).toThrow(FimError);
  });
});
