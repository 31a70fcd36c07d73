import { describe, expect, it } from 'vitest';
import {
  dampedOuter,
  makeProblem,
  type Problem,
  relativeError,
  solveDense,
} from '../../test/optim/problem.js';
import { Moments, seedOf, zScore } from '../stats/index.js';
import { shermanMorrison, type ShermanMorrisonOptions } from './sherman-morrison.js';
import { dot } from '../matrix/vectors.js';

async function direction(problem: Problem, options: ShermanMorrisonOptions, step = 7, g = problem.g) {
  const solver = await shermanMorrison(options)(problem.context);
  const result = await solver.direction({ ...problem.batch, step }, g);
  solver.dispose();
  return result;
}

/** The row whose score was taken, by |q|². */
const rowOf = ({ scores }: Problem, norm2: number): number =>
  scores.findIndex((s) => Math.abs(dot(s, s) / norm2 - 1) < 1e-12);

describe.each(['categorical', 'gaussian-mv'] as const)('Sherman–Morrison, %s', (family) => {
  it('is the dense inverse of λI + qqᵀ, q a score of the batch', async () => {
    const problem = await makeProblem({ family });
    for (const damping of [0.01, 1, 30]) {
      const { direction: d, report } = await direction(problem, { damping });
      const q = problem.scores[rowOf(problem, report.scoreNorm2)];
      const dense = solveDense(dampedOuter([q], 1, damping), problem.g);
      expect(relativeError(d, dense)).toBeLessThanOrEqual(1e-12);
      expect(report.scoreRatio).toBe(report.scoreNorm2 / damping);
      expect(report.cosine).toBeCloseTo(
        dot(d, problem.g) / Math.sqrt(dot(d, d) * dot(problem.g, problem.g)),
        14,
      );
    }
  });

  it('layer by layer: the dense inverse of the same with blocks off the diagonal at zero', async () => {
    const problem = await makeProblem({ family });
    const damping = 0.3;
    const { direction: d, report } = await direction(problem, { damping, scope: 'layer' });
    const q = problem.scores[rowOf(problem, report.scoreNorm2)];
    const layer = problem.linear.blocks.flatMap(({ name, size }) =>
      Array<string>(size).fill(name.split('.')[0]),
    );
    const A = dampedOuter([q], 1, damping);
    const P = q.length;
    for (let i = 0; i < P; i++) for (let j = 0; j < P; j++) if (layer[i] !== layer[j]) A[i * P + j] = 0;
    expect(new Set(layer).size).toBe(3);
    expect(relativeError(d, solveDense(A, problem.g))).toBeLessThanOrEqual(1e-12);
  });

  it('N = 1, g = Âq: d = Âq/(λ + |q|²)', async () => {
    const problem = await makeProblem({ family, n: 1 });
    const [q] = problem.scores;
    const damping = 0.2;
    const A = -1.7;
    const { direction: d } = await direction(
      problem,
      { damping },
      0,
      q.map((v) => A * v),
    );
    const expected = q.map((v) => (A * v) / (damping + dot(q, q)));
    expect(relativeError(d, expected)).toBeLessThanOrEqual(1e-13);
  });

  it('is the policy gradient at step η/λ as |q|²/λ → 0, with error q(q·g)/λ² to first order', async () => {
    const problem = await makeProblem({ family });
    const { g } = problem;
    const errors = [1e4, 1e5, 1e6].map(async (damping) => {
      const { direction: d, report } = await direction(problem, { damping });
      const q = problem.scores[rowOf(problem, report.scoreNorm2)];
      const error = relativeError(
        d.map((v) => v * damping),
        g,
      );
      const leading = (Math.abs(dot(q, g)) / Math.sqrt(dot(g, g) * dot(q, q))) * report.scoreRatio;
      // Exactly leading/(1 + ratio).
      expect(Math.abs((error * (1 + report.scoreRatio)) / leading - 1)).toBeLessThanOrEqual(1e-8);
      return error;
    });
    const [a, b, c] = await Promise.all(errors);
    expect(Math.abs(a / b - 10)).toBeLessThan(0.1);
    expect(Math.abs(b / c - 10)).toBeLessThan(0.01);
  });

  it('rows are drawn uniformly by update and seed, again the same', async () => {
    const problem = await makeProblem({ family, n: 4, seed: seedOf('rows are drawn uniformly') });
    const solver = await shermanMorrison()(problem.context);
    const counts = new Float64Array(4);
    const draws = 2000;
    for (let step = 0; step < draws; step++) {
      const { report } = await solver.direction({ ...problem.batch, step }, problem.g);
      counts[rowOf(problem, report.scoreNorm2)] += 1;
      if (step > 20) continue;
      const again = await solver.direction({ ...problem.batch, step }, problem.g);
      expect(again.report).toEqual(report);
    }
    for (const c of counts) {
      expect(Math.abs(zScore(c / draws, 0.25, Math.sqrt(0.1875 / draws)))).toBeLessThanOrEqual(4.5);
    }
  });

  it('a fresh action has the score of the policy: its mean square is tr 𝓘, and g does not know it', async () => {
    const problem = await makeProblem({ family, n: 3, seed: seedOf(`a fresh action ${family}`) });
    const { context, batch, linear } = problem;
    const solver = await shermanMorrison({ sample: 'fresh' })(context);
    // tr 𝓘 = mean_n tr(I(h_n) J_n J_nᵀ).
    const { T } = linear;
    const information = new Float64Array(batch.n * T * T);
    context.likelihood.information(batch.h, information);
    let trace = 0;
    for (let e = 0; e < batch.n; e++) {
      const rows: Float64Array[] = [];
      for (let a = 0; a < T; a++) {
        const u = new Float64Array(batch.n * T);
        u[e * T + a] = 1;
        rows.push(await linear.transposed(u, batch.n));
      }
      rows.forEach((r, a) =>
        rows.forEach((c, k) => (trace += (information[(e * T + a) * T + k] * dot(r, c)) / batch.n)),
      );
    }
    const squares = new Moments();
    for (let step = 0; step < 4000; step++) {
      const { report } = await solver.direction({ ...batch, step }, problem.g);
      squares.add(report.scoreNorm2);
    }
    expect(Math.abs(zScore(squares.mean, trace, squares.standardError))).toBeLessThanOrEqual(4.5);
  });
});

describe('Sherman–Morrison', () => {
  it('refuses a damping that is none, and a score that is not finite', async () => {
    expect(() => shermanMorrison({ damping: 0 })).toThrow(/positive number/);
    const problem = await makeProblem();
    const residuals = problem.batch.residuals.slice().fill(Infinity);
    const solver = await shermanMorrison()(problem.context);
    await expect(solver.direction({ ...problem.batch, residuals }, problem.g)).rejects.toMatchObject({
      code: 'optim/score-not-finite',
    });
  });
});
