import { describe, expect, it } from 'vitest';
import { makeProblem, relativeError, trueScores } from '../../test/optim/problem.js';
import { Moments, seedOf, zScore } from '../stats/index.js';
import { diagonalInverse } from './diagonal-inverse.js';

/** Σ w s², entry by entry. */
function diagonalOf(scores: readonly Float64Array[], weight: number): Float64Array {
  const out = new Float64Array(scores[0].length);
  for (const s of scores) s.forEach((v, p) => (out[p] += weight * v * v));
  return out;
}

describe.each(['categorical', 'gaussian-mv'] as const)('diagonal, %s', (family) => {
  it.each(['exact', 'taken'] as const)('%s: g over the dense diagonal and λ', async (columns) => {
    const problem = await makeProblem({ family });
    const { context, batch, g, scores } = problem;
    const f =
      columns === 'exact' ? diagonalOf(await trueScores(problem), 1) : diagonalOf(scores, 1 / batch.n);
    const trace = f.reduce((sum, v) => sum + v, 0);
    for (const damping of [1, 1e-2, 1e-6]) {
      const { direction, report } = await (
        await diagonalInverse({ columns, damping })(context)
      ).direction(batch, g);
      const expected = g.map((v, i) => v / (f[i] + damping));
      direction.forEach((v, i) => expect(Math.abs(v / expected[i] - 1)).toBeLessThanOrEqual(1e-12));
      expect(report.damping).toBe(damping);
      expect(Math.abs(report.trF / trace - 1)).toBeLessThanOrEqual(1e-12);
    }
  });

  it('one action drawn in each state has the exact diagonal for its mean (|z| ≤ 4.5)', async () => {
    const { context, batch, g } = await makeProblem({ family, n: 6 });
    const { report } = await (await diagonalInverse()(context)).direction(batch, g);
    const seed = seedOf(`diagonal of draws, ${family}`);
    const sampled = await diagonalInverse({ columns: 'sampled' })({ ...context, seed });
    const traces = new Moments();
    for (let step = 0; step < 600; step++)
      traces.add((await sampled.direction({ ...batch, step }, g)).report.trF);
    expect(traces.standardError / report.trF).toBeLessThan(0.05);
    expect(Math.abs(zScore(traces.mean, report.trF, traces.standardError))).toBeLessThanOrEqual(4.5);
  });

  it('running mean: equal weights until 1/(1 − ρ) batches, then forgetting; resumes bit for bit', async () => {
    const { context, batch, g } = await makeProblem({ family });
    const [damping, decay] = [0.01, 0.6];
    const fixed = await diagonalInverse({ columns: 'sampled', damping })(context);
    const running = await diagonalInverse({ columns: 'sampled', damping, decay })(context);
    let mean = new Float64Array(context.linear.P);
    let saved: Record<string, Float64Array> = {};
    for (let step = 0; step < 5; step++) {
      const now = (await fixed.direction({ ...batch, step }, g)).direction.map((v, i) => g[i] / v - damping);
      const keep = [0, 1 / 2, 0.6, 0.6, 0.6][step];
      mean = mean.map((v, i) => keep * v + (1 - keep) * now[i]);
      const resumed = await diagonalInverse({ columns: 'sampled', damping, decay })(context);
      if (step > 0) resumed.load(saved);
      const { direction } = await running.direction({ ...batch, step }, g);
      expect((await resumed.direction({ ...batch, step }, g)).direction).toEqual(direction);
      expect(
        relativeError(
          direction,
          g.map((v, i) => v / (mean[i] + damping)),
        ),
      ).toBeLessThanOrEqual(1e-12);
      saved = structuredClone(running.save());
    }
    expect(fixed.save()).toEqual({});
  });
});

describe('diagonal', () => {
  it('refuses options and states that cannot be', async () => {
    expect(() => diagonalInverse({ damping: -1 })).toThrow(/positive number/);
    expect(() => diagonalInverse({ decay: 1 })).toThrow(/at least 0 and below 1/);
    const { context } = await makeProblem();
    const inverse = await diagonalInverse({ decay: 0.9 })(context);
    expect(() => inverse.load({})).toThrow(/holds 1 numbers/);
  });
});
