/**
 * @module fisher/estimators/table
 *
 * Table of the estimators: a row for each, checked for completeness by its type.
 */
import type { Estimator } from '../estimate.js';
import { empirical } from './empirical.js';
import type { ColumnEstimator } from './estimator.js';
import { exact } from './exact.js';
import { signs } from './signs.js';
import { typeOne } from './type-one.js';
import { mix, typeTwo } from './type-two.js';

/** By the name that options use. */
export const ESTIMATORS: Readonly<Record<Estimator, ColumnEstimator>> = {
  exact,
  type1: typeOne,
  type2: typeTwo,
  mix,
  rademacher: signs,
  empirical,
};
