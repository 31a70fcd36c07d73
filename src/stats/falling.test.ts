/** Values in falling order: the nearest falling sequence, by a search over all ways to pool neighbours. */
import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { fallingFigures } from './falling.js';
import type { NonlinearFigure } from './jackknife.js';

const figureOf = (value: number): NonlinearFigure => ({
  ...{ plugIn: value + 1, value, standardError: 0.1, interval: [value - 0.2, value + 0.2] },
});

/** The falling sequence nearest to the values, of all 2^(n−1) ways to take means of stretches. */
function nearest(values: readonly number[]): number[] {
  let best: number[] = [];
  let least = Infinity;
  for (let cuts = 0; cuts < 2 ** (values.length - 1); cuts++) {
    const runs: number[][] = [[]];
    values.forEach((v, i) => {
      if (i > 0 && (cuts >> (i - 1)) & 1) runs.push([]);
      runs[runs.length - 1].push(v);
    });
    const made = runs.flatMap((run) => run.map(() => run.reduce((s, v) => s + v, 0) / run.length));
    if (made.some((v, i) => i > 0 && v > made[i - 1] + 1e-12)) continue;
    const distance = made.reduce((sum, v, i) => sum + (v - values[i]) ** 2, 0);
    if (distance < least - 1e-12) [best, least] = [made, distance];
  }
  return best;
}

describe('fallingFigures', () => {
  it('is the nearest falling sequence, no further from any falling truth', () => {
    const random = new Sequence(5, 'falling');
    for (let repeat = 0; repeat < 50; repeat++) {
      const truth = Array.from({ length: 7 }, (_, k) => 3 / (k + 1));
      const values = truth.map((v) => v + random.next() - 0.5);
      const made = fallingFigures(values.map(figureOf)).map(({ value }) => value);
      nearest(values).forEach((v, k) => expect(made[k]).toBeCloseTo(v, 12));
      const distance = (of: readonly number[]) => of.reduce((sum, v, k) => sum + (v - truth[k]) ** 2, 0);
      expect(distance(made)).toBeLessThanOrEqual(distance(values) + 1e-12);
    }
  });

  it('leaves what falls as it is, errors and plug-in values each their own, and values inside their intervals', () => {
    const falling = [3, 2, 2, 1].map(figureOf);
    expect(fallingFigures(falling)).toEqual(falling);
    const [one, other] = fallingFigures([1, 2].map(figureOf));
    expect([one.value, other.value]).toEqual([1.5, 1.5]);
    expect([one.plugIn, other.plugIn, one.standardError]).toEqual([2, 3, 0.1]);
    expect([one.interval, other.interval]).toEqual([
      [0.8, 1.5],
      [1.5, 2.2],
    ]);
    const unknown = [figureOf(1), { ...figureOf(2), value: NaN }];
    expect(fallingFigures(unknown)).toBe(unknown);
  });
});
