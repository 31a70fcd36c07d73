/**
 * @module model
 *
 * Networks: built in a few lines or loaded from ONNX, their parameters, layers and sites.
 */
// ---- build ----
export { denseNetwork } from './dense.js';
export type { DenseOptions } from './dense.js';
export { activation, ACTIVATIONS } from './activations.js';
export type { Activation } from './activations.js';
export type { Initialiser } from './initialisers.js';
// ---- load and save ----
export { loadNetwork } from './load.js';
export type { LoadedNetwork, LoadNetworkOptions } from './load.js';
export type { InputSettings, InputShape } from './inputs-said.js';
export { networkToOnnx } from './save.js';
export type { TrainedOn } from './save.js';
export type { NetworkMetadata } from './metadata.js';
export { describeLink, resolveLink } from './links.js';
export type { ResolvedLink } from './links.js';
export type { AsideKey, NamedEntry, NamesFile } from './names/index.js';
// ---- structure ----
export { atPrecision, parameterCount, withWeights } from './network.js';
export type { Feed, Network, OutputPositions } from './network.js';
export type { Front } from './front/front.js';
export { layersOf } from './layers.js';
export type { Layer } from './layers.js';
export { globMatches, judgeParameters } from './parameters.js';
export type { Judged, ParameterChoice } from './parameters.js';
export { NAMES_LINE } from './doubts.js';
export type { DoubtMeasure, ParameterDoubt } from './doubts.js';
export { sitesOf } from './sites.js';
export type { SharedMatrix, Site, Use } from './sites.js';
export { requireIndependent } from './independence.js';
export type { Forward } from './independence.js';
