/**
 * @module fisher
 *
 * The Fisher information with the standard error of every number.
 */
// ---- estimates ----
export { estimateDiagonal } from './diagonal.js';
export type { DiagonalOptions, Progress } from './options.js';
export { readExampleWeights } from './example-weights.js';
export type { ExampleWeights, ReadWeights } from './example-weights.js';
export type { ExampleBatch, ExampleSource } from './source.js';
export { chooseByLayer, estimateByLayer } from './auto.js';
export type { AutoEstimator, LayerChoice } from './auto.js';
export { chooseEstimator, estimatorCost } from './choose.js';
export type { Asked, Chosen } from './choose.js';
export { pilotSize, pilotVariances, planTarget } from './target.js';
export type { PilotVariances, TargetPlan } from './target.js';
export type {
  DiagonalEstimate,
  DoubtEstimate,
  ErrorSource,
  Estimator,
  EstimatorChoice,
  Figure,
  LayerEstimate,
  Population,
  TensorEstimate,
} from './estimate.js';
export { FEW_OFF_MODE, HIGH_SKEWNESS } from './warnings.js';
// ---- scores ----
export { scoresOf } from '../scores/index.js';
export type { Score } from '../scores/index.js';
export { DEFAULT_BUDGET, planMemory } from './memory.js';
// ---- variance ----
export * from './variance/index.js';
