import { describe, expect, it } from 'vitest';
import { seedOf } from '../ztest.js';
import { Sequence } from '../../core/random.js';
import { drawResamples } from './bootstrap.js';
import {
  fractionAbove,
  GAP,
  IMPROVEMENT,
  interquartileMean,
  IQM,
  MEAN,
  MEDIAN,
  optimalityGap,
  probabilityOfImprovement,
  stacked,
  valueOf,
} from './statistics.js';

// numpy 2.4.6, scipy 1.17.1 on arrays [run, environment]: trim_mean(x, 0.25, axis=None), 1 - mean(minimum(x, 1)), mean and median
// over environments of mean(axis=0), and mean over environments of mannwhitneyu(x, y, alternative='greater').statistic / (n_x n_y).
const X = [
  [0.5, 0.144, 0.524, 0.252, 0.542],
  [1.29, 1.064, 1.602, 1.347, 0.921],
  [-0.064, -0.495, -0.195, 0.314, 0.082],
];
const Y = [
  [0.144, -0.16, 0.506, 0.663, 0.385, -0.012, 0.276],
  [0.597, 0.613, 0.62, 0.944, 0.985, 0.857, 1.318],
  [-0.175, -1.005, 0.263, -0.195, 0.168, -0.487, -0.385],
];

describe('statistics of runs', () => {
  it.each([
    ['x', X, 0.48255555555555557, 0.565, 0.5218666666666668, 0.3924],
    ['y', Y, 0.3090909090909091, 0.7332380952380952, 0.2819047619047619, 0.25742857142857145],
  ] as const)('are those of numpy and scipy: %s', (_, scores, iqm, gap, mean, median) => {
    expect(interquartileMean(scores)).toBeCloseTo(iqm, 14);
    expect(optimalityGap(scores)).toBeCloseTo(gap, 14);
    expect(valueOf(MEAN, scores)).toBeCloseTo(mean, 14);
    expect(valueOf(MEDIAN, scores)).toBeCloseTo(median, 14);
  });

  it('IQM drops ⌊n/4⌋ at each end', () => {
    expect(interquartileMean([X[0]])).toBeCloseTo(0.42533333333333334, 14);
    expect(interquartileMean([Y[1]])).toBeCloseTo(0.8038000000000001, 14);
    expect(interquartileMean([[5, 1, 3]])).toBe(3);
    expect(interquartileMean([[100, 2, 4, -100]])).toBe(3);
  });

  it('the probability of improvement is U over n_x n_y, ties ½, and adds up to 1 with its reverse', () => {
    expect(probabilityOfImprovement(X, Y)).toBeCloseTo(0.7047619047619048, 14);
    expect(probabilityOfImprovement(X, Y) + probabilityOfImprovement(Y, X)).toBeCloseTo(1, 14);
    expect(probabilityOfImprovement(X, X)).toBe(0.5);
    expect(() => probabilityOfImprovement(X, Y.slice(1))).toThrow('same environments');
  });

  it('the fraction above is strict', () => {
    expect(valueOf(fractionAbove(0.5), [[0.5, 0.6, 0.4, 0.7]])).toBe(0.5);
  });

  it('at the counts of a resample each is its value on the runs that were drawn', () => {
    const { rows } = drawResamples(
      X.map((r) => r.length),
      { seed: 3 },
    );
    for (const statistic of [MEAN, MEDIAN, IQM, GAP, fractionAbove(0.3)]) {
      const at = statistic.over(X);
      for (const counts of rows.slice(0, 20)) {
        const drawn = X.map((runs, e) =>
          runs.flatMap((x, i) => new Array<number>(counts[5 * e + i]).fill(x)),
        );
        expect(at(counts)).toBeCloseTo(valueOf(statistic, drawn), 13);
      }
    }
    const pair = stacked(X, Y);
    const sizes = pair.map((r) => r.length);
    const at = IMPROVEMENT.over(pair);
    for (const counts of drawResamples(sizes, { seed: 4 }).rows.slice(0, 20)) {
      let next = 0;
      const drawn = pair.map((runs) => runs.flatMap((x) => new Array<number>(counts[next++]).fill(x)));
      expect(at(counts)).toBeCloseTo(valueOf(IMPROVEMENT, drawn), 13);
    }
  });

  it('the order of runs is nothing to them', () => {
    const random = new Sequence(seedOf('order of runs'), 'test');
    const mixed = X.map((runs) => random.shuffle([...runs]));
    for (const statistic of [MEAN, MEDIAN, IQM, GAP]) {
      expect(valueOf(statistic, mixed)).toBeCloseTo(valueOf(statistic, X), 14);
    }
  });
});
