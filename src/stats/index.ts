/**
 * @module stats
 *
 * One-pass statistics that merge, the distributions behind intervals, and the tests of them.
 */

// Moments that merge.
export { Moments } from './moments.js';
export type { MomentsState } from './moments.js';
export { ArrayMoments } from './array-moments.js';
export { TotalSkewness } from './skewness.js';

// The error of an estimate.
export { closedFormErrors, rootOf, sampledErrors } from './errors.js';
export type { ErrorDesign, ErrorVariances } from './errors.js';
export { interval, zOfLevel } from './interval.js';
export { hallInterval, satterthwaite, studentFactor, studentInterval } from './rules.js';
export type { Interval, Measured, Skewed } from './rules.js';
export {
  FEWEST_GROUPS,
  between,
  jackknife,
  jackknifeSets,
  largelyCorrected,
  tellsErrors,
  untold,
} from './jackknife.js';
export { drawPart, partLeft } from './draw-part.js';
export type { DrawValues, JackknifePart } from './draw-part.js';
export type {
  BoundedFigure,
  JackknifeDesign,
  JackknifeSets,
  JackknifeValues,
  NonlinearFigure,
} from './jackknife.js';

// Distributions.
export { normalCdf, normalDensity, normalQuantile } from './normal.js';
export { studentQuantile, studentTail } from './student.js';
export { erfc } from './erfc.js';
export { deviance, logGamma, stirlingError } from './gamma.js';
export { gammaQuantile } from './gamma-quantile.js';
export { incompleteGamma } from './incomplete-gamma.js';
export type { IncompleteGamma } from './incomplete-gamma.js';

// Tests of estimators.
export { Z_LIMIT, repeatsFor, seedOf, zScore } from './ztest.js';
export { expectedCoverage, judgeCoverage, qualifies } from './coverage.js';
export type { CoverageCase, CoverageVerdict } from './coverage.js';

// Scores over seeds and tasks.
export * from './aggregate/index.js';
