/**
 * @module stats/aggregate/measured-coverage
 *
 * Measures how often a 95 % bootstrap interval over so few seeds holds the truth: 4,000 times, every run of every environment is drawn from
 * the standard normal, the interval is made, and it covers or not. The truth is known: 0 for mean and IQM by symmetry, ½ for the
 * fraction above 0 and for the improvement of an arm over its equal, and for the gap below γ = 1
 *
 *   1 − E min(X, 1) = 1 + φ(1) − (1 − Φ(1)).
 *
 * Environments are alike but for the median, whose environments stand far apart, e·100 in units of the deviation, as real ones do:
 * it is then the mean of the one or two in the middle. Alike, it would cover too often, 97 % of nine at 5 seeds.
 *
 * A table holds the common cases (`coverage-table.ts`); others are simulated when asked for, in 0.5 to 10 s, and remembered. The
 * bootstrap's own draws are those of seed 0 in all samples, as in use. Returns of real runs are skewed and often bimodal: coverage
 * under the normal is the best case.
 */
import { UniformStream } from '../../core/random.js';
import { normalCdf, normalDensity } from '../normal.js';
import { drawResamples, percentileInterval } from './bootstrap.js';
import { COVERED } from './coverage-table.js';
import type { Scores } from './scores.js';
import {
  fractionAbove,
  GAP,
  IMPROVEMENT,
  IQM,
  MEAN,
  MEDIAN,
  type Statistic,
  type StatisticName,
} from './statistics.js';

/** Simulated experiments behind each measured coverage. */
export const COVERAGE_SAMPLES = 4000;

/** How often an interval holds the truth, measured by simulation from the runs themselves. */
export interface MeasuredCoverage {
  /** Share of simulated experiments whose interval holds the truth. */
  readonly coverage: number;
  /** √(c(1 − c)/samples). */
  readonly standardError: number;
  /** Number of simulated experiments. */
  readonly samples: number;
}

interface Case {
  readonly statistic: Statistic;
  readonly arms: 1 | 2;
  /** Of that many environments. */
  readonly truth: (environments: number) => number;
  /** Distance of one environment's mean to the next. */
  readonly apart?: number;
}

const APART = 100;

const CASES: Readonly<Record<StatisticName, Case>> = {
  mean: { statistic: MEAN, arms: 1, truth: () => 0 },
  median: { statistic: MEDIAN, arms: 1, truth: (E) => (APART * (E - 1)) / 2, apart: APART },
  iqm: { statistic: IQM, arms: 1, truth: () => 0 },
  gap: { statistic: GAP, arms: 1, truth: () => 1 + normalDensity(1) - normalCdf(-1) },
  profile: { statistic: fractionAbove(0), arms: 1, truth: () => 0.5 },
  improvement: { statistic: IMPROVEMENT, arms: 2, truth: () => 0.5 },
};

const known = new Map<string, number>();

/**
 * From the table, or simulated once.
 * @throws FimError with `random/index`, `random/seed`, `stats/resamples`
 */
export function measuredCoverage(
  statistic: StatisticName,
  seeds: number,
  environments: number,
): MeasuredCoverage {
  const key = `${statistic} ${seeds} ${environments}`;
  const covered = COVERED[statistic][environments]?.[seeds];
  const coverage =
    covered === undefined
      ? (known.get(key) ?? simulateCoverage(statistic, seeds, environments))
      : covered / COVERAGE_SAMPLES;
  known.set(key, coverage);
  const samples = COVERAGE_SAMPLES;
  return { coverage, standardError: Math.sqrt((coverage * (1 - coverage)) / samples), samples };
}

/**
 * The share of `samples` simulated comparisons whose interval holds the truth.
 * @throws FimError with `random/index`, `random/seed`, `stats/resamples`
 */
export function simulateCoverage(
  name: StatisticName,
  seeds: number,
  environments: number,
  options: { readonly samples?: number; readonly seed?: number } = {},
): number {
  const { samples = COVERAGE_SAMPLES, seed = 0 } = options;
  const { statistic, arms, apart = 0, ...rest } = CASES[name];
  const truth = rest.truth(environments);
  const strata = arms * environments;
  const resamples = drawResamples(new Array<number>(strata).fill(seeds));
  const stream = new UniformStream(seed, 'measured coverage');
  let covered = 0;
  for (let m = 0; m < samples; m++) {
    const scores: Scores = Array.from({ length: strata }, (_, e) =>
      Array.from({ length: seeds }, (_, i) => apart * e + stream.normalAt(e, i, m, 0)),
    );
    const [low, high] = percentileInterval(scores, statistic, resamples);
    if (low <= truth && truth <= high) covered++;
  }
  return covered / samples;
}
