/**
 * @module likelihood
 *
 * Exponential families by name: sufficient statistic, mean, derivatives of the log-partition to the fourth, the Fisher
 * information of the outputs in columns, sampling by key.
 */

// Families.
export { families, getLikelihood } from './registry.js';
export { bernoulli } from './bernoulli.js';
export { categorical } from './categorical.js';
export { gaussian } from './gaussian.js';

// What a likelihood is, and how to add one.
export type {
  ComponentMoments,
  Draws,
  Family,
  FamilyOption,
  LabelKind,
  Labels,
  Likelihood,
  Outputs,
  Span,
  TargetOptions,
} from './types.js';
export { Independent } from './independent.js';
export type { Univariate } from './independent.js';

// Batches.
export { draws, makeLabels, outputs, takeLabels } from './batch.js';

// Totals over parameters, given x.
export { enumeratedTotal, pairwiseTotalThird, pairwiseTotalVariance } from './total.js';
export type { PairwiseMoments } from './total.js';
