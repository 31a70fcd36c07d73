/**
 * @module stats/aggregate/interval
 *
 * One number of many runs with its interval over seeds, by the rule of this library:
 *
 *   one environment, fewer than 10 seeds   Student's t on the mean; a location of another kind (IQM, gap) has no interval
 *   all else                               stratified percentile bootstrap, with the coverage that it was measured to have
 *   1 or 2 seeds                           refused;  3 or 4: flagged
 *
 * Student's t is exact for normal returns and wide; the bootstrap of so few is narrow.
 */
import { studentQuantile } from '../student.js';
import { Moments } from '../moments.js';
import { type BootstrapOptions, drawResamples, percentileInterval, type Resamples } from './bootstrap.js';
import { measuredCoverage, type MeasuredCoverage } from './measured-coverage.js';
import { checkScores, FEW_SEEDS, fewestSeeds, LEVEL, type Scores } from './scores.js';
import { type Statistic, type StatisticName, valueOf } from './statistics.js';

/** Fewer seeds than this in one environment: Student's t. */
export const BOOTSTRAP_SEEDS = 10;

/** The interval of one statistic over seeds. */
export interface SeedInterval {
  /** Lower end. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
  /** Student's t over seeds, or the percentile bootstrap over runs. */
  readonly method: 'student' | 'bootstrap';
  /** Of the bootstrap: how often such an interval holds the truth. */
  readonly coverage: MeasuredCoverage | null;
}

/** A statistic over runs, with its interval. */
export interface Aggregate {
  /** Which statistic. */
  readonly statistic: StatisticName;
  /** Its value. */
  readonly value: number;
  /** Null where the rule gives none. */
  readonly interval: SeedInterval | null;
  /** Number of environments. */
  readonly environments: number;
  /** Runs in the environment that has the fewest. */
  readonly seeds: number;
  /** Fewer than five seeds. */
  readonly few: boolean;
}

/** How an interval is made. */
export interface AggregateOptions extends BootstrapOptions {
  /** Resamples drawn before, of the same numbers of runs. */
  readonly drawn?: Resamples;
  /** Named in complaints. */
  readonly where?: string;
}

/**
 * A statistic of runs, with its interval. Throws `stats/few-seeds`, `stats/score`, `stats/resamples`.
 * @throws FimError with `random/index`, `random/seed`
 */
export function aggregate(scores: Scores, statistic: Statistic, options: AggregateOptions = {}): Aggregate {
  checkScores(scores, options.where ?? `${statistic.name} over seeds`);
  const seeds = fewestSeeds(scores);
  const environments = statistic.environments(scores);
  return {
    statistic: statistic.name,
    value: valueOf(statistic, scores),
    interval: intervalOf(scores, statistic, options, environments, seeds),
    environments,
    seeds,
    few: seeds < FEW_SEEDS,
  };
}

function intervalOf(
  scores: Scores,
  statistic: Statistic,
  options: AggregateOptions,
  environments: number,
  seeds: number,
): SeedInterval | null {
  const { name } = statistic;
  const share = name === 'profile' || name === 'improvement';
  if (environments === 1 && seeds < BOOTSTRAP_SEEDS && !share) {
    if (name !== 'mean') return null;
    const [low, high] = studentInterval(scores[0]);
    return { low, high, method: 'student', coverage: null };
  }
  const resamples =
    options.drawn ??
    drawResamples(
      scores.map((runs) => runs.length),
      options,
    );
  const [low, high] = percentileInterval(scores, statistic, resamples);
  return { low, high, method: 'bootstrap', coverage: measuredCoverage(name, seeds, environments) };
}

/** x̄ ± t_{0.975, n−1} s/√n, of at least two values. */
export function studentInterval(values: readonly number[]): [number, number] {
  const m = Moments.of(values);
  const half = studentQuantile((1 + LEVEL) / 2, m.count - 1) * m.standardError;
  return [m.mean - half, m.mean + half];
}
