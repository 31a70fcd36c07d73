/**
 * @module stats/aggregate/profile
 *
 * Performance profiles (Dolan and Moré 2002; Agarwal et al. 2021, section 4.2): the fraction of runs with a score above τ, against
 * τ, environments weighted alike. A curve that lies above another everywhere is better in every statistic; bands are pointwise 95 %
 * bootstrap intervals over seeds.
 */
import { drawResamples, type BootstrapOptions, percentileInterval } from './bootstrap.js';
import { measuredCoverage, type MeasuredCoverage } from './measured-coverage.js';
import { checkScores, fewestSeeds, type Scores } from './scores.js';
import { fractionAbove, valueOf } from './statistics.js';

/** The share of runs above each of a list of thresholds, with a band (performance profile; Agarwal et al. 2021). */
export interface Profile {
  /** τ, ascending. */
  readonly thresholds: readonly number[];
  /** Share of runs above each τ. */
  readonly fraction: readonly number[];
  /** Lower end of the 95 % band at each τ. */
  readonly low: readonly number[];
  /** Upper end of the 95 % band at each τ. */
  readonly high: readonly number[];
  /** Of a band at the middle of the distribution; in its tails, where all runs agree, a band is empty. */
  readonly coverage: MeasuredCoverage;
}

/**
 * The profile at `thresholds`. Throws as `aggregate` does.
 * @throws FimError with `random/index`, `random/seed`, `stats/few-seeds`, `stats/resamples`, `stats/score`
 */
export function performanceProfile(
  scores: Scores,
  thresholds: readonly number[],
  options: BootstrapOptions = {},
): Profile {
  checkScores(scores, 'performance profile');
  const drawn = drawResamples(
    scores.map((runs) => runs.length),
    options,
  );
  const points = thresholds.map((tau) => {
    const statistic = fractionAbove(tau);
    const [low, high] = percentileInterval(scores, statistic, drawn);
    return { fraction: valueOf(statistic, scores), low, high };
  });
  return {
    thresholds,
    fraction: points.map((p) => p.fraction),
    low: points.map((p) => p.low),
    high: points.map((p) => p.high),
    coverage: measuredCoverage('profile', fewestSeeds(scores), scores.length),
  };
}
