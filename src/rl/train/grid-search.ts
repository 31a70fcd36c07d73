/**
 * @module rl/train/grid-search
 *
 * A grid of settings, and the choice of one of them: each is tried on the same seeds, the highest mean score over the seeds wins, and of
 * equals the first. Plain choices from scores that someone else measured; nothing is trained here.
 */
import { FimError } from '../../core/errors.js';
import type { Override, Overrides } from './overrides.js';

/** All combinations of the values, the last name's fastest: `{ a: [1, 2], b: [3, 4] }` has four. An empty record has one, `{}`. */
export function settingsGrid(values: Readonly<Record<string, readonly Override[]>>): Overrides[] {
  return Object.entries(values).reduce<Overrides[]>(
    (grid, [name, list]) => grid.flatMap((set) => list.map((value) => ({ ...set, [name]: value }))),
    [{}],
  );
}

/** What one configuration scored on one seed. */
export interface Trial {
  /** Higher is better; NaN is worse than any number. */
  readonly score: number;
  /** The run's numbers stopped being finite; the score is what its last finite parameters are worth. */
  readonly diverged: boolean;
}

/** A configuration and what it scored. */
export interface Tried {
  /** The settings that were tried. */
  readonly set: Overrides;
  /** One a seed [S]. */
  readonly scores: readonly number[];
  /** How many of its runs diverged. */
  readonly diverged: number;
}

/** A grid that was searched. */
export interface GridSearch {
  /** Index of the chosen configuration. */
  readonly chosen: number;
  /** In the order of the grid. */
  readonly tried: readonly Tried[];
}

/**
 * Chooses by the mean of `trial(i, seed)` over `seeds`, i the index of a configuration in `grid`. Throws `rl/grid` for a grid or a list of
 * seeds that is empty, and what `trial` throws.
 */
export function searchGrid(
  grid: readonly Overrides[],
  seeds: readonly number[],
  trial: (configuration: number, seed: number) => Trial,
): GridSearch {
  if (grid.length === 0 || seeds.length === 0)
    throw new FimError({
      code: 'rl/grid',
      where: 'searchGrid',
      rule: 'takes at least one configuration and one seed',
      got: `${grid.length} configurations and ${seeds.length} seeds`,
    });
  const tried = grid.map((set, i): Tried => {
    const trials = seeds.map((seed) => trial(i, seed));
    return {
      set,
      scores: trials.map(({ score }) => score),
      diverged: trials.filter(({ diverged }) => diverged).length,
    };
  });
  const means = tried.map(({ scores }) => meanOf(scores));
  return { chosen: means.reduce((best, mean, i) => (mean > means[best] ? i : best), 0), tried };
}

function meanOf(scores: readonly number[]): number {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return Number.isNaN(mean) ? -Infinity : mean;
}
