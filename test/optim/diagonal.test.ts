/** The diagonal's inverse against the dense diagonal, for each expectation over actions. */
import { describe, expect, it } from 'vitest';
import { FimError } from '../../src/core/errors.js';
import { diagonalInverse, type DiagonalInverseOptions } from '../../src/optim/diagonal-inverse.js';
import { Moments, seedOf, zScore } from '../../src/stats/index.js';
import { makeProblem, type Problem, relativeError, trueScores } from './problem.js';

/** Σ_k w s_k² by element. */
const diagonalOf = (scores: readonly Float64Array[], weight: number): Float64Array =>
  scores[0].map((_, p) => scores.reduce((sum, s) => sum + weight * s[p] ** 2, 0));

async function direction(
  { context, batch, g }: Problem,
  options: DiagonalInverseOptions,
  step = batch.step,
): Promise<{ d: Float64Array; report: Readonly<Record<string, number>> }> {
  const solver = await diagonalInverse(options)(context);
  const { direction: d, report } = await solver.direction({ ...batch, step }, g);
  solver.dispose();
  return { d, report };
}

describe.each(['categorical', 'gaussian-mv'] as const)('diagonal, %s', (family) => {
  it.each(['exact', 'taken'] as const)('%s: g/(diag F + λ) of the dense Fisher', async (columns) => {
    const problem = await makeProblem({ family });
    const { scores, batch, g } = problem;
    const F =
      columns === 'exact' ? diagonalOf(await trueScores(problem), 1) : diagonalOf(scores, 1 / batch.n);
    for (const damping of [1e-4, 0.1, 10]) {
      const { d, report } = await direction(problem, { columns, damping });
      const expected = g.map((v, p) => v / (F[p] + damping));
      expect(relativeError(d, expected)).toBeLessThanOrEqual(1e-12);
      expect(report.damping).toBe(damping);
      expect(relativeError([report.trF], [F.reduce((a, b) => a + b, 0)])).toBeLessThanOrEqual(1e-12);
    }
  });

  it('λ → ∞: g/λ', async () => {
    const problem = await makeProblem({ family });
    const { d } = await direction(problem, { damping: 1e9 });
    const expected = problem.g.map((v) => v / 1e9);
    expect(relativeError(d, expected)).toBeLessThanOrEqual(1e-7);
  });

  it('one sampled action a state: the exact trace for a mean, the same draws for the same update', async () => {
    const problem = await makeProblem({ family, n: 6, seed: seedOf(`diagonal sampled ${family}`) });
    const { context, batch, g } = problem;
    const exact = (await direction(problem, { columns: 'exact' })).report.trF;
    const solver = await diagonalInverse({ columns: 'sampled' })(context);
    const moments = new Moments();
    for (let step = 0; step < 3000; step++) {
      moments.add((await solver.direction({ ...batch, step }, g)).report.trF);
    }
    expect(Math.abs(zScore(moments.mean, exact, moments.standardError))).toBeLessThanOrEqual(4.5);
    expect(moments.standardError / exact).toBeLessThan(0.05);
    const again = await direction(problem, { columns: 'sampled' }, 11);
    expect(again).toEqual(await direction(problem, { columns: 'sampled' }, 11));
    const other = await direction(problem, { columns: 'sampled' }, 12);
    expect(other.report.trF).not.toBe(again.report.trF);
  });

  it('with a memory: the running mean of the diagonals, and saved and loaded it goes on bit for bit', async () => {
    const problem = await makeProblem({ family });
    const { context, batch, g } = problem;
    const options = { columns: 'sampled', decay: 0.6, damping: 0.02 } as const;
    const alone: Float64Array[] = [];
    for (let step = 0; step < 4; step++) {
      const { d } = await direction(problem, { ...options, decay: 0 }, step);
      alone.push(d.map((v, p) => g[p] / v - options.damping));
    }
    const whole = await diagonalInverse(options)(context);
    const first = await diagonalInverse(options)(context);
    const second = await diagonalInverse(options)(context);
    // 1 − 1/k until ρ.
    const keep = [0, 0.5, 0.6, 0.6];
    let mean = new Float64Array(g.length);
    for (let step = 0; step < 4; step++) {
      mean = mean.map((v, p) => keep[step] * v + (1 - keep[step]) * alone[step][p]);
      const { direction: d } = await whole.direction({ ...batch, step }, g);
      const expected = g.map((v, p) => v / (mean[p] + options.damping));
      expect(relativeError(d, expected)).toBeLessThanOrEqual(1e-12);
      if (step === 2) second.load(structuredClone(first.save()));
      const resumed = await (step < 2 ? first : second).direction({ ...batch, step }, g);
      expect(resumed.direction).toEqual(d);
    }
    expect(second.save()).toEqual(whole.save());
  });
});

describe('diagonal', () => {
  it.each<[DiagonalInverseOptions, string]>([
    [{ damping: 0 }, 'optim/damping'],
    [{ damping: Infinity }, 'optim/damping'],
    [{ decay: 1 }, 'optim/decay'],
    [{ decay: NaN }, 'optim/decay'],
  ])('%o is refused', (options, code) => {
    let found: unknown;
    try {
      diagonalInverse(options);
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(FimError);
    expect((found as FimError).code).toBe(code);
  });

  it('scores that are not finite are refused, and the running mean is as before', async () => {
    const problem = await makeProblem();
    const { context, batch, g } = problem;
    const solver = await diagonalInverse({ columns: 'taken', decay: 0.9 })(context);
    await solver.direction(batch, g);
    const before = solver.save();
    const residuals = batch.residuals.slice().fill(Infinity);
    await expect(solver.direction({ ...batch, residuals }, g)).rejects.toMatchObject({
      code: 'optim/factor-not-finite',
    });
    expect(solver.save()).toEqual(before);
  });
});
