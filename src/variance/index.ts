/**
 * @module variance
 *
 * The variance of Fisher estimates: type 2 and mixes beside type 1, closed forms, bounds, and what follows from them.
 * P21: Soen & Sun, arXiv 2107.04205. P24: Soen & Sun, arXiv 2402.05379.
 */
// ---- closed forms ----
export { frobeniusErrors } from './frobenius.js';
export type { FrobeniusError } from './frobenius.js';
// ---- cheap unbiased versions ----
export { curvatureProbes } from './curvature-probes.js';
export { frobeniusProbes, labelProbes } from './probes.js';
export type { ProbeOptions } from './probe-batch.js';
export type { Probed } from './repeats.js';
// ---- what follows from a variance ----
export { chebyshevDraws, inputVariance, jointVariance, optimalLabels, whitenedError } from './laws.js';
export type { TwoLevels } from './laws.js';
// ---- bounds ----
export * as bounds from './bounds.js';
export { ELEMENT_BOUNDS, looseness, violated } from './bounds.js';
export type { ElementBound } from './bounds.js';
export { familyMoments } from './family-moments.js';
export type { FamilyMoments } from './family-moments.js';
export {
  corollary46,
  corollary46Printed,
  lemma48Term,
  ruheLower,
  ruheUpper,
  spectraOf,
  typeOneTensorBounds,
  typeTwoTensorBounds,
} from './sum-bounds.js';
export type { Bounded, Spectra, TensorBounds } from './sum-bounds.js';
export { zEigenvalue } from './zeigen.js';
export type { ZEigenOptions } from './zeigen.js';
export { ACTIVATION_BOUNDS, layerBounds, operatorNorm } from './layer-bounds.js';
export type { LayerBound, LayerWeight } from './layer-bounds.js';
