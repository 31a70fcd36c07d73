import { describe, expect, it } from 'vitest';
import { UniformStream } from '../../core/random.js';
import { Moments } from '../moments.js';
import { seedOf, Z_LIMIT, zScore } from '../ztest.js';
import { drawResamples, percentileInterval, replicates, sortedQuantile } from './bootstrap.js';
import { aggregate, studentInterval } from './interval.js';
import { COVERAGE_SAMPLES, measuredCoverage, simulateCoverage } from './measured-coverage.js';
import { performanceProfile } from './profile.js';
import { IMPROVEMENT, IQM, MEAN, stacked } from './statistics.js';

const scores = (seed: number, environments: number, seeds: number): number[][] => {
  const stream = new UniformStream(seed, 'test');
  return Array.from({ length: environments }, (_, e) =>
    Array.from({ length: seeds }, (_, i) => stream.normalAt(e, i, 0, 0)),
  );
};

describe('the bootstrap over seeds', () => {
  it('draws as many runs as there are, within each environment', () => {
    const { rows } = drawResamples([4, 7], { seed: 1 });
    expect(rows).toHaveLength(2000);
    for (const row of rows) {
      expect(row.subarray(0, 4).reduce((a, b) => a + b, 0)).toBe(4);
      expect(row.subarray(4).reduce((a, b) => a + b, 0)).toBe(7);
    }
    expect(() => drawResamples([4], { resamples: 1999 })).toThrow('at least 2000');
  });

  it('gives the same answer for the same seed, another for another, and moves no draw of another environment', () => {
    expect(drawResamples([4, 7], { seed: 1 }).rows).toEqual(drawResamples([4, 7], { seed: 1 }).rows);
    expect(drawResamples([4, 7], { seed: 1 }).rows).not.toEqual(drawResamples([4, 7], { seed: 2 }).rows);
    const alone = drawResamples([4], { seed: 1 }).rows.map((r) => [...r]);
    expect(drawResamples([4, 7], { seed: 1 }).rows.map((r) => [...r.subarray(0, 4)])).toEqual(alone);
  });

  it('has the mean and the variance of resampling: Σ(x − x̄)²/n², stratified', () => {
    const x = scores(5, 2, 6);
    const resamples = drawResamples([6, 6], { seed: seedOf('variance of resampling'), resamples: 4000 });
    const drawn = Moments.of(replicates(x, MEAN, resamples));
    const each = x.map((runs) => Moments.of(runs));
    const truth = (each[0].mean + each[1].mean) / 2;
    const variance = each.reduce((sum, m) => sum + m.populationVariance / m.count, 0) / 4;
    expect(Math.abs(zScore(drawn.mean, truth, Math.sqrt(variance / 4000)))).toBeLessThan(Z_LIMIT);
    // The variance of a sample variance is about 2σ⁴/n, less where the kurtosis is below the normal's, as it is here.
    expect(Math.abs(zScore(drawn.sampleVariance, variance, variance * Math.sqrt(2 / 4000)))).toBeLessThan(
      Z_LIMIT,
    );
  });

  it('quantiles are those of numpy', () => {
    const values = [1, 2, 4, 8, 16, 32];
    expect([0.025, 0.3, 0.975].map((p) => sortedQuantile(values, p))).toEqual([1.125, 3, 30]);
  });
});

describe('the rule of intervals', () => {
  it('one environment, fewer than ten seeds: t on the mean, nothing on the IQM', () => {
    const x = scores(6, 1, 9);
    const m = Moments.of(x[0]);
    const { interval } = aggregate(x, MEAN);
    // t of 8 degrees of freedom at 0.975.
    const half = 2.306004135204166 * m.standardError;
    expect(interval).toMatchObject({ method: 'student', coverage: null });
    expect(interval?.low).toBeCloseTo(m.mean - half, 12);
    expect(interval?.high).toBeCloseTo(m.mean + half, 12);
    expect(aggregate(x, IQM).interval).toBeNull();
  });

  it('else the bootstrap with its coverage', () => {
    const x = scores(7, 1, 10);
    const { interval } = aggregate(x, IQM, { seed: 2 });
    const [low, high] = percentileInterval(x, IQM, drawResamples([10], { seed: 2 }));
    expect(interval).toEqual({ low, high, method: 'bootstrap', coverage: measuredCoverage('iqm', 10, 1) });
    const many = scores(8, 3, 5);
    expect(aggregate(many, MEAN).interval?.coverage).toEqual(measuredCoverage('mean', 5, 3));
    const pair = aggregate(stacked(scores(9, 2, 4), scores(10, 2, 4)), IMPROVEMENT);
    expect(pair).toMatchObject({ environments: 2, seeds: 4, few: true });
    expect(pair.interval?.coverage).toEqual(measuredCoverage('improvement', 4, 2));
  });

  it('refuses fewer than three seeds in any environment, flags fewer than five', () => {
    expect(() =>
      aggregate(
        [
          [1, 2, 3],
          [1, 2],
        ],
        MEAN,
      ),
    ).toThrow('at least 3');
    expect(() => aggregate([[1, NaN, 3]], MEAN)).toThrow('finite');
    expect(() => aggregate([], MEAN)).toThrow('at least one environment');
    expect(aggregate(scores(1, 2, 4), MEAN).few).toBe(true);
    expect(aggregate(scores(1, 2, 5), MEAN).few).toBe(false);
  });
});

describe('coverage', () => {
  it("Student's t covers 95 % at 5 seeds", () => {
    const stream = new UniformStream(seedOf('student at 5 seeds'), 'test');
    const repeats = 4000;
    let covered = 0;
    for (let m = 0; m < repeats; m++) {
      const [low, high] = studentInterval([0, 1, 2, 3, 4].map((i) => 3 + 2 * stream.normalAt(0, i, m, 0)));
      if (low <= 3 && 3 <= high) covered++;
    }
    expect(Math.abs(zScore(covered / repeats, 0.95, Math.sqrt((0.95 * 0.05) / repeats)))).toBeLessThan(
      Z_LIMIT,
    );
  });

  it('the table agrees with a simulation of its own draws; the bootstrap of 5 seeds is too narrow', () => {
    const { coverage } = measuredCoverage('mean', 5, 1);
    const samples = 1600;
    const again = simulateCoverage('mean', 5, 1, { seed: seedOf('coverage of five seeds'), samples });
    const error = Math.sqrt(coverage * (1 - coverage) * (1 / samples + 1 / COVERAGE_SAMPLES));
    expect(Math.abs(zScore(again, coverage, error))).toBeLessThan(Z_LIMIT);
    expect(coverage).toBeLessThan(0.87);
  });

  it('a case outside the table is simulated and remembered', () => {
    const first = measuredCoverage('mean', 12, 1);
    expect(first).toEqual(measuredCoverage('mean', 12, 1));
    // Between ten and twenty seeds of the table.
    expect(first.coverage).toBeGreaterThan(0.88);
    expect(first.coverage).toBeLessThan(0.935);
  });

  it('the median of environments far apart covers as the mean of the one in the middle', () => {
    const median = measuredCoverage('median', 5, 9);
    const mean = measuredCoverage('mean', 5, 1);
    const error = Math.hypot(median.standardError, mean.standardError);
    expect(Math.abs(zScore(median.coverage, mean.coverage, error))).toBeLessThan(Z_LIMIT);
  });
});

describe('performance profiles', () => {
  it('fall from 1 to 0, with bands around them', () => {
    const x = scores(11, 3, 6);
    const profile = performanceProfile(x, [-10, -0.5, 0, 0.5, 10]);
    expect(profile.fraction[0]).toBe(1);
    expect(profile.fraction[4]).toBe(0);
    expect(profile.fraction[2]).toBeCloseTo(x.flat().filter((v) => v > 0).length / 18, 14);
    for (let k = 0; k < 5; k++) {
      expect(profile.low[k]).toBeLessThanOrEqual(profile.fraction[k] + 1e-12);
      expect(profile.high[k]).toBeGreaterThanOrEqual(profile.fraction[k] - 1e-12);
    }
  });
});
