/**
 * @module stats/aggregate
 *
 * Many runs in few numbers, with intervals over seeds: statistics, bootstrap and its measured coverage, profiles, curves, pairs.
 */

// Statistics of runs.
export { aggregate, studentInterval } from './interval.js';
export type { Aggregate, AggregateOptions, SeedInterval } from './interval.js';
export {
  GAP,
  IMPROVEMENT,
  IQM,
  MEAN,
  MEDIAN,
  fractionAbove,
  interquartileMean,
  optimalityGap,
  optimalityGapBelow,
  probabilityOfImprovement,
  stacked,
  valueOf,
} from './statistics.js';
export type { AtCounts, Statistic, StatisticName } from './statistics.js';
export { FEW_SEEDS, FEWEST_SEEDS, LEVEL } from './scores.js';
export type { Scores } from './scores.js';

// The bootstrap over seeds.
export { RESAMPLES, drawResamples, percentileInterval, replicates, sortedQuantile } from './bootstrap.js';
export type { BootstrapOptions, Resamples } from './bootstrap.js';
export { COVERAGE_SAMPLES, measuredCoverage, simulateCoverage } from './measured-coverage.js';
export type { MeasuredCoverage } from './measured-coverage.js';

// Figures.
export { performanceProfile } from './profile.js';
export type { Profile } from './profile.js';
export { commonGrid, curveAt, efficiencyCurve } from './curves.js';
export type { Curve, EfficiencyCurve, EfficiencyOptions } from './curves.js';

// Pairs.
export { pairedDifference } from './paired.js';
export type { PairedDifference, PairingOptions, SeedScore } from './paired.js';
export { holm } from './holm.js';
