/**
 * @module likelihood
 *
 * Exponential families by name: sufficient statistic, mean, derivatives of the log-partition to the fourth, the Fisher
 * information of the outputs in columns, sampling by key.
 */

// Families.
export { FAMILY_NAMES, families, getFamily, getLikelihood, getLink, LINK_NAMES } from './registry.js';
export type { FamilyName } from './registry.js';
export { bernoulli } from './bernoulli.js';
export { categorical } from './categorical.js';
export { binomial } from './binomial.js';
export { exponential, gamma } from './gamma.js';
export { gaussian } from './gaussian.js';
export { gaussianMv } from './gaussian-mv.js';
export { poisson } from './poisson.js';

// What a likelihood is, and how to add one.
export type {
  ComponentMoments,
  Draws,
  Family,
  FamilyEnd,
  FamilyOption,
  LabelKind,
  Labels,
  Likelihood,
  NaturalForm,
  Outputs,
  PairThird,
  Span,
  TargetOptions,
} from './types.js';
export { Independent } from './independent.js';
export type { Univariate } from './independent.js';
export type { GraphColumns, GraphLabels, InGraph } from './graph/in-graph.js';
export type { UnivariateInGraph } from './graph/independent.js';
export type { Link } from './link.js';
export type { LikelihoodOptions } from './options.js';
export { LARGEST_KERNEL, ROOTS } from './roots/index.js';
export type { KernelChoice, RootChoice, RootWord } from './roots/index.js';
export type { Root, RootName } from './roots/root.js';

// Two families over one network.
export { productOf, someOutputs } from './product.js';
export type { ScoreFamily } from './product.js';

// Batches.
export { draws, makeLabels, outputs, takeLabels } from './batch.js';

// Totals over parameters, given x.
export { enumeratedTotal, pairwiseTotalThird, pairwiseTotalVariance } from './total.js';
export type { PairwiseMoments } from './total.js';
