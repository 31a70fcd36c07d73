/**
 * @module fisher/variance
 *
 * The variance of Fisher estimates: type 2 and mixes beside type 1, closed forms, bounds, and what follows from them.
 * P21: Soen & Sun, arXiv 2107.04205. P24: Soen & Sun, arXiv 2402.05379.
 */
// ---- estimates ----
export { estimateMixed } from './typeTwo.js';
export { poolWeights, pooledWeights } from './pooled.js';
export { estimateDense, LARGEST_DENSE } from './dense.js';
export type { DenseEstimate, DenseOptions } from './dense.js';
// ---- where type 2 is exact ----
export { curvedNodes, typeTwoIsExact } from '../../scores/second/exactness.js';
export { inNaturalForm } from './natural.js';
// ---- closed forms ----
export { TYPE_ONE_BOUNDS, TYPE_TWO_BOUNDS, varianceProfile } from './profile.js';
export type { Profile, ProfileOptions, TensorProfile } from './profile.js';
export { denseMoments, rowSums } from './dense.js';
export type { DenseMoments } from './dense.js';
export { frobeniusErrors } from './frobenius.js';
export type { FrobeniusError } from './frobenius.js';
export { derivatives } from './derivatives.js';
export type { BatchDerivatives, PairDerivatives, SiteDerivatives } from './derivatives.js';
export { elementsOf } from './elements.js';
export type { Element, ExampleElements } from './elements.js';
// ---- cheap unbiased versions ----
export { curvatureProbes } from './curvatureProbes.js';
export { frobeniusProbes, labelProbes } from './probes.js';
export type { ProbeOptions } from './probeBatch.js';
export type { Probed } from './repeats.js';
// ---- what follows from a variance ----
export { chebyshevDraws, inputVariance, jointVariance, optimalLabels, whitenedError } from './laws.js';
export type { TwoLevels } from './laws.js';
// ---- bounds ----
export * as bounds from './bounds.js';
export { ELEMENT_BOUNDS, looseness, violated } from './bounds.js';
export type { ElementBound } from './bounds.js';
export { familyMoments } from './familyMoments.js';
export type { FamilyMoments } from './familyMoments.js';
export {
  corollary46,
  corollary46Printed,
  lemma48Term,
  ruheLower,
  ruheUpper,
  spectraOf,
  typeOneTensorBounds,
  typeTwoTensorBounds,
} from './sumBounds.js';
export type { Bounded, Spectra, TensorBounds } from './sumBounds.js';
export { zEigenvalue } from './zeigen.js';
export type { ZEigenOptions } from './zeigen.js';
export { ACTIVATION_BOUNDS, layerBounds, operatorNorm } from './layerBounds.js';
export type { LayerBound, LayerWeight } from './layerBounds.js';
