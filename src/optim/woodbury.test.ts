import { describe, expect, it } from 'vitest';
import {
  dampedOuter,
  makeProblem,
  type Problem,
  relativeError,
  solveDense,
  timesDense,
} from '../../test/optim/problem.js';
import { shermanMorrison } from './sherman-morrison.js';
import { dot } from '../matrix/vectors.js';
import { largestEigenvalue, woodbury, type WoodburyOptions } from './woodbury.js';

async function direction({ context, batch, g }: Problem, options: WoodburyOptions) {
  const solver = await woodbury(options)(context);
  const result = await solver.direction(batch, g);
  solver.dispose();
  return result;
}

const gram = (scores: readonly Float64Array[]): Float64Array =>
  Float64Array.from(scores.flatMap((s) => scores.map((t) => dot(s, t))));

describe.each(['categorical', 'gaussian-mv'] as const)('Woodbury, %s', (family) => {
  it('is the dense inverse of λI + SᵀS/N, for a gradient outside the span of the scores too', async () => {
    const problem = await makeProblem({ family });
    for (const damping of [1e-3, 0.1, 10]) {
      const { direction: d, report } = await direction(problem, { damping });
      const A = dampedOuter(problem.scores, 1 / problem.batch.n, damping);
      expect(relativeError(d, solveDense(A, problem.g))).toBeLessThanOrEqual(1e-10);
      expect(report.damping).toBe(damping);
      expect(report).not.toHaveProperty('R2');
    }
  });

  it('dᵀ𝓘̂d comes with it, and is |Kx/N|²/N where g = SᵀÂ/N and (K/N + λI)x = Â', async () => {
    const made = await makeProblem({ family });
    const { scores, batch } = made;
    const { n } = batch;
    const advantages = batch.advantages as Float64Array;
    const g = made.g.map((_, p) => scores.reduce((sum, s, e) => sum + (s[p] * advantages[e]) / n, 0));
    const damping = 0.07;
    const F = dampedOuter(scores, 1 / n, 0);
    for (const problem of [made, { ...made, g }]) {
      const { direction: d, report } = await direction(problem, { damping });
      expect(Math.abs(report.empiricalForm / dot(d, timesDense(F, d)) - 1)).toBeLessThanOrEqual(1e-11);
    }
    const K = gram(scores);
    const M = K.map((v, i) => v / n + (i % (n + 1) === 0 ? damping : 0));
    const Kx = timesDense(K, solveDense(M, advantages));
    const { report } = await direction({ ...made, g }, { damping });
    expect(Math.abs(report.empiricalForm / (dot(Kx, Kx) / n ** 3) - 1)).toBeLessThanOrEqual(1e-11);
  });

  it('of one example is Sherman–Morrison', async () => {
    const problem = await makeProblem({ family, n: 1 });
    const damping = 0.4;
    const { direction: d } = await direction(problem, { damping });
    const rank1 = await (
      await shermanMorrison({ damping })(problem.context)
    ).direction(problem.batch, problem.g);
    expect(relativeError(d, rank1.direction)).toBeLessThanOrEqual(1e-13);
  });

  it('λ → ∞: g/λ', async () => {
    const problem = await makeProblem({ family });
    const damping = 1e9;
    const { direction: d } = await direction(problem, { damping });
    expect(
      relativeError(
        d,
        problem.g.map((v) => v / damping),
      ),
    ).toBeLessThanOrEqual(1e-7);
  });

  it.each(['moments', 'leave-one-out'] as const)(
    'λ by %s: the dense inverse at the λ reported',
    async (rule) => {
      const problem = await makeProblem({ family, n: 20 });
      const { direction: d, report } = await direction(problem, { damping: { rule, min: 1e-3, max: 5 } });
      const A = dampedOuter(problem.scores, 1 / problem.batch.n, report.damping);
      expect(relativeError(d, solveDense(A, problem.g))).toBeLessThanOrEqual(1e-10);
      expect(report.damping).toBeGreaterThanOrEqual(1e-3);
      expect(report.damping).toBeLessThanOrEqual(5);
      expect(report.R2).toBeLessThanOrEqual(1);
    },
  );

  it('tr 𝓘̂, the largest eigenvalue and the effective rank', async () => {
    const problem = await makeProblem({ family });
    const { scores, batch } = problem;
    const { report } = await direction(problem, { damping: 0.1, spectrum: true });
    const trF = scores.reduce((sum, s) => sum + dot(s, s) / batch.n, 0);
    expect(Math.abs(report.trF / trF - 1)).toBeLessThanOrEqual(1e-13);
    const fMax = largestEigenvalue(gram(scores), batch.n, 500) / batch.n;
    expect(report.fMax / fMax).toBeLessThanOrEqual(1 + 1e-12);
    expect(report.fMax / fMax).toBeGreaterThan(0.98);
    expect(report.effectiveRank).toBe(report.trF / report.fMax);
  });
});

describe('Woodbury', () => {
  it('in float32 within 1e-4 of the dense inverse, for a λ of a thousandth of the largest eigenvalue', async () => {
    const problem = await makeProblem({ n: 30, hidden: [8], dtype: 'float32' });
    const fMax = largestEigenvalue(gram(problem.scores), 30) / 30;
    const damping = fMax / 1000;
    const { direction: d } = await direction(problem, { damping });
    const dense = solveDense(dampedOuter(problem.scores, 1 / 30, damping), problem.g);
    expect(relativeError(d, dense)).toBeLessThanOrEqual(1e-4);
  });

  it('a rule wants advantages, and moments want more than one trajectory', async () => {
    const { context, batch, g } = await makeProblem();
    const solver = await woodbury()(context);
    for (const bad of [{ advantages: null }, { trajectories: new Int32Array(batch.n) }]) {
      await expect(solver.direction({ ...batch, ...bad }, g)).rejects.toMatchObject({
        code: 'optim/damping',
      });
    }
    expect(() => woodbury({ damping: -1 })).toThrow(/positive number/);
  });
});

describe('largestEigenvalue', () => {
  it('of a matrix with known eigenvalues', () => {
    // I + vvᵀ: 1 and 1 + |v|².
    const v = [1, -2, 0.5, 3];
    const K = Float64Array.from(v.flatMap((a, i) => v.map((b, j) => a * b + (i === j ? 1 : 0))));
    expect(largestEigenvalue(K, 4)).toBeCloseTo(15.25, 12);
    expect(largestEigenvalue(new Float64Array(4), 2)).toBe(0);
  });
});
