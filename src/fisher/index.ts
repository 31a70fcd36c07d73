/**
 * @module fisher
 *
 * The Fisher information with the standard error of every number.
 */
// ---- estimates ----
export { estimateDiagonal } from './diagonal.js';
export type { DiagonalOptions, ExampleBatch, ExampleSource, Progress } from './diagonal.js';
export type {
  DiagonalEstimate,
  ErrorSource,
  Estimator,
  Figure,
  LayerEstimate,
  Population,
  TensorEstimate,
} from './estimate.js';
export { FEW_OFF_MODE, HIGH_SKEWNESS } from './warnings.js';
// ---- scores ----
export { factoredScores } from './scores.js';
export type { DenseScore, ExplicitScore, FactoredScore } from './scores.js';
export { DEFAULT_BUDGET, planMemory } from './memory.js';
