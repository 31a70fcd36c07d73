/**
 * @module stats/falling
 *
 * Figures of numbers that fall, such as eigenvalues by their size: where corrections have put values out of order, neighbours are replaced by
 * their mean until none rises, the projection onto falling sequences, which is never further from a falling truth than what it is made of
 * (theory (18.6); R. E. Barlow and others, Statistical Inference under Order Restrictions, 1972). Errors and plug-in values stay each its own.
 */
import type { NonlinearFigure } from './jackknife.js';

/** A run of neighbours with one value. */
interface Pool {
  readonly mean: number;
  readonly count: number;
}

/** The figures with values that do not rise; an interval that the value left is extended to it. Unchanged where some value is not known. */
export function fallingFigures(figures: readonly NonlinearFigure[]): readonly NonlinearFigure[] {
  if (figures.some(({ value }) => !Number.isFinite(value))) return figures;
  const pools: Pool[] = [];
  for (const { value } of figures) {
    let own: Pool = { mean: value, count: 1 };
    for (let last = pools.at(-1); last && last.mean < own.mean; last = pools.at(-1)) {
      pools.pop();
      const count = last.count + own.count;
      own = { mean: (last.mean * last.count + own.mean * own.count) / count, count };
    }
    pools.push(own);
  }
  const values = pools.flatMap(({ mean, count }) => new Array<number>(count).fill(mean));
  return figures.map((figure, k) => (figure.value === values[k] ? figure : moved(figure, values[k])));
}

const moved = (figure: NonlinearFigure, value: number): NonlinearFigure => ({
  ...figure,
  value,
  interval: figure.interval && [Math.min(figure.interval[0], value), Math.max(figure.interval[1], value)],
});
