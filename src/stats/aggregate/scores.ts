/**
 * @module stats/aggregate/scores
 *
 * The runs of one algorithm: `scores[environment][run]`, one number a run (its final evaluation), each run with a seed of its own.
 * Runs are the unit that is drawn again, never episodes: the episodes of one run share its policy.
 */
import { FimError } from '../../core/errors.js';
import { setting } from '../../core/settings/reference.js';

/** `scores[environment][run]`. */
export type Scores = readonly (readonly number[])[];

/** Fewer runs than this have no interval. */
export const FEWEST_SEEDS = 3;
/** Fewer runs than this are flagged. */
export const FEW_SEEDS = 5;
/** The level of every interval over seeds. */
export const LEVEL = 0.95;

/** Runs in the environment that has the fewest. */
export function fewestSeeds(scores: Scores): number {
  return scores.reduce((least, runs) => Math.min(least, runs.length), Infinity);
}

/**
 * Throws `stats/few-seeds` where an environment has fewer than three runs, `stats/score` where there is no environment or a score is
 * no finite number.
 */
export function checkScores(scores: Scores, where: string): void {
  if (scores.length === 0) {
    throw new FimError({ code: 'stats/score', kind: 'usage', where, rule: 'needs at least one environment' });
  }
  for (const [e, runs] of scores.entries()) {
    const bad = runs.findIndex((score) => !Number.isFinite(score));
    if (bad < 0) continue;
    throw new FimError({
      code: 'stats/score',
      where,
      rule: 'every run has a finite score',
      got: `${runs[bad]} in run ${bad} of environment ${e}`,
      cause: 'a run that diverged or was not finished',
    });
  }
  const seeds = fewestSeeds(scores);
  if (seeds < FEWEST_SEEDS) throw fewSeeds(where, seeds);
}

/** The refusal of an interval over one or two runs. */
export function fewSeeds(where: string, seeds: number): FimError {
  return new FimError({
    code: 'stats/few-seeds',
    kind: 'usage',
    where,
    rule: `an interval over seeds needs at least ${FEWEST_SEEDS} of them, better ${FEW_SEEDS} or 10`,
    got: `${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`,
    next: setting('seeds', FEW_SEEDS),
  });
}
