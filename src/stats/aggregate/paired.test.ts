import { describe, expect, it } from 'vitest';
import { commonGrid, curveAt, efficiencyCurve } from './curves.js';
import { holm } from './holm.js';
import { studentInterval } from './interval.js';
import { pairedDifference } from './paired.js';
import { IQM } from './statistics.js';

const runs = (values: readonly number[], from = 0) => values.map((score, i) => ({ seed: from + i, score }));

describe('pairs by seed', () => {
  const x = [0.5, 0.144, 0.524, 0.252, 0.542];
  const y = [1.29, 1.064, 1.602, 1.347, 0.921];

  it('have the p-value and interval of scipy.stats.ttest_rel', () => {
    const d = pairedDifference(runs(x), runs(y).reverse(), { shared: true });
    expect(d.p).toBeCloseTo(0.0028647258510077476, 13);
    expect(d.low).toBeCloseTo(-1.2156377620744065, 12);
    expect(d.high).toBeCloseTo(-0.4891622379255935, 12);
    expect(d.seeds).toEqual([0, 1, 2, 3, 4]);
  });

  it('use the seeds that both have', () => {
    const d = pairedDifference(runs(x), runs(y, 1), { shared: true });
    expect(d.seeds).toEqual([1, 2, 3, 4]);
    expect(d.mean).toBeCloseTo((0.144 - 1.29 + 0.524 - 1.064 + 0.252 - 1.602 + 0.542 - 1.347) / 4, 14);
  });

  it('without spread: certain', () => {
    expect(pairedDifference(runs([1, 2, 3]), runs([1, 2, 3]), { shared: true }).p).toBe(1);
    expect(pairedDifference(runs([2, 3, 4]), runs([1, 2, 3]), { shared: true }).p).toBeNaN();
  });

  it('are refused where the arms share nothing, where seeds are few, or where one stands twice', () => {
    expect(() => pairedDifference(runs(x), runs(y), { shared: false })).toThrow('same streams');
    expect(() => pairedDifference(runs(x), runs(y, 3), { shared: true })).toThrow('at least 3');
    expect(() => pairedDifference([...runs(x), ...runs(x)], runs(y), { shared: true })).toThrow('one run');
  });
});

describe('Holm', () => {
  it('multiplies by what is left and never falls', () => {
    // Sorted 0.005, 0.01, 0.03, 0.04: times 4, 3, 2, 1 is 0.02, 0.03, 0.06, 0.04, and the last is lifted to 0.06.
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((p, i) => expect(adjusted[i]).toBeCloseTo(p, 15));
    expect(holm([0.6, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});

describe('sample efficiency', () => {
  const line = (slope: number, steps: readonly number[]) => ({ steps, return: steps.map((s) => slope * s) });

  it('reads lines exactly at steps that none of the runs has', () => {
    const curves = [line(1, [0, 7, 100]), line(2, [3, 50, 90]), line(3, [1, 40, 120])];
    const grid = commonGrid(curves, 30);
    expect([grid[0], grid[29]]).toEqual([3, 90]);
    const { steps, value, interval, seeds } = efficiencyCurve([curves], { points: 30 });
    expect(steps).toEqual(grid);
    expect(seeds).toBe(3);
    value.forEach((v, k) => expect(v).toBeCloseTo(2 * grid[k], 10));
    const [low, high] = studentInterval([grid[9], 2 * grid[9], 3 * grid[9]]);
    expect(interval[9]?.low).toBeCloseTo(low, 10);
    expect(interval[9]?.high).toBeCloseTo(high, 10);
  });

  it('leaves out returns from before the first episode, and says where runs share no steps', () => {
    expect(curveAt({ steps: [0, 1, 2, 3], return: [NaN, 5, 6, 9] }, [1, 1.5, 2.5, 3])).toEqual([
      5, 5.5, 7.5, 9,
    ]);
    expect(() => commonGrid([line(1, [0, 1]), line(1, [2, 3])])).toThrow('same steps');
    expect(() => commonGrid([{ steps: [1], return: [NaN] }])).toThrow('same steps');
  });

  it('the IQM along steps of two environments', () => {
    const two = [1, 2].map((k) => [1, 2, 3, 10].map((slope) => line(k * slope, [0, 10])));
    const { value, interval } = efficiencyCurve(two, { statistic: IQM, points: 3 });
    // Slopes 1 2 2 3 4 6 10 20, two dropped at each end.
    value.forEach((v, k) => expect(v).toBeCloseTo(((2 + 3 + 4 + 6) / 4) * [0, 5, 10][k], 12));
    expect(interval[2]?.method).toBe('bootstrap');
  });
});
