import { describe, expect, it } from 'vitest';
import {
  dampedOuter,
  makeProblem,
  relativeError,
  solveDense,
  timesDense,
  trueScores,
} from '../../test/optim/problem.js';
import { conjugateGradient, conjugateGradientSolve } from './conjugate-gradient.js';

describe.each(['categorical', 'gaussian-mv'] as const)('conjugate gradients, %s', (family) => {
  it.each(['empirical', 'true'] as const)(
    '%s: the dense solve to 1e-8 at a relative residual of 1e-10',
    async (fisher) => {
      const problem = await makeProblem({ family });
      const { context, batch, g, scores } = problem;
      const damping = 0.05;
      const solver = await conjugateGradient({ fisher, damping, iterations: 500, tolerance: 1e-10 })(context);
      const { direction, report } = await solver.direction(batch, g);
      const A =
        fisher === 'empirical'
          ? dampedOuter(scores, 1 / batch.n, damping)
          : dampedOuter(await trueScores(problem), 1, damping);
      expect(relativeError(direction, solveDense(A, g))).toBeLessThanOrEqual(1e-8);
      expect(report.residual).toBeLessThanOrEqual(1e-10);
      // The residual that is reported is the true one.
      expect(relativeError(timesDense(A, direction), g)).toBeLessThanOrEqual(1.01e-10);
      expect(report.iterations).toBeLessThan(60);
      expect(report.damping).toBe(damping);
    },
  );

  it('10 iterations: the residual logged is the residual left', async () => {
    const problem = await makeProblem({ family, n: 30 });
    const solver = await conjugateGradient({ damping: 1e-3 })(problem.context);
    const { direction, report } = await solver.direction(problem.batch, problem.g);
    const A = dampedOuter(await trueScores(problem), 1, 1e-3);
    const left = relativeError(timesDense(A, direction), problem.g);
    expect(report.iterations).toBe(10);
    expect(left).toBeGreaterThan(1e-6);
    expect(Math.abs(report.residual / left - 1)).toBeLessThanOrEqual(1e-8);
  });

  it('λ → ∞: g/λ', async () => {
    const { context, batch, g } = await makeProblem({ family });
    const damping = 1e9;
    const { direction } = await (await conjugateGradient({ damping })(context)).direction(batch, g);
    expect(
      relativeError(
        direction,
        g.map((v) => v / damping),
      ),
    ).toBeLessThanOrEqual(1e-8);
  });
});

describe('conjugateGradientSolve', () => {
  it.each([2 ** 800, 2 ** -800, 2 ** 1020, 2 ** -1060])(
    'vectors of size %d, whose squares float64 does not hold, by the same bits',
    async (size) => {
      const product = async (v: Float64Array): Promise<Float64Array> => v.map((x, i) => (i + 2) * x);
      const g = Float64Array.from([1, -2, 3]);
      const one = await conjugateGradientSolve(product, g);
      const other = await conjugateGradientSolve(
        product,
        g.map((x) => x * size),
      );
      expect(other).toEqual({ ...one, solution: one.solution.map((x) => x * size) });
    },
  );

  it.each([NaN, Infinity])('%s is refused', async (x) => {
    const product = async (v: Float64Array): Promise<Float64Array> => v;
    await expect(conjugateGradientSolve(product, Float64Array.of(1, x))).rejects.toMatchObject({
      code: 'optim/conjugate-gradient',
    });
  });

  it('ends after as many products as there are distinct eigenvalues', async () => {
    const diagonal = [1, 5, 5, 9, 1, 9];
    const product = async (v: Float64Array): Promise<Float64Array> => v.map((x, i) => diagonal[i] * x);
    const g = Float64Array.from([1, -2, 3, 0.5, 4, 2]);
    const { solution, iterations } = await conjugateGradientSolve(product, g, { tolerance: 1e-12 });
    expect(iterations).toBe(3);
    expect(
      relativeError(
        solution,
        g.map((v, i) => v / diagonal[i]),
      ),
    ).toBeLessThanOrEqual(1e-12);
  });

  it('of nothing is nothing, without a product', async () => {
    const product = (): Promise<Float64Array> => Promise.reject(new Error('not asked'));
    const { solution, iterations, residual } = await conjugateGradientSolve(product, new Float64Array(3));
    expect([...solution, iterations, residual]).toEqual([0, 0, 0, 0, 0]);
  });

  it('refuses what is not positive definite, and limits that are none', async () => {
    const negative = async (v: Float64Array): Promise<Float64Array> => v.map((x) => -x);
    await expect(conjugateGradientSolve(negative, Float64Array.of(1))).rejects.toMatchObject({
      code: 'optim/conjugate-gradient',
    });
    expect(() => conjugateGradient({ iterations: 0 })).toThrow(/whole number/);
    expect(() => conjugateGradient({ tolerance: NaN })).toThrow(/relative residual/);
    expect(() => conjugateGradient({ damping: 0 })).toThrow(/positive number/);
  });
});
