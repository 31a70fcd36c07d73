/** @module jobs/open — what every estimate begins with: a network, its data, an engine, and checks on the first examples. */
export { inputSpecs, openDataset } from './dataset.js';
export type { OpenDatasetOptions } from './dataset.js';
export { openEngine } from './engine.js';
export type { EngineRequest } from './engine.js';
export { checkFirstExamples } from './first-examples.js';
export type { OutputSaid } from './first-examples.js';
export { openNetwork } from './network.js';
export type { OpenedNetwork, OpenNetworkOptions } from './network.js';
export { givenWeights } from './weights.js';
export type { GivenWeights } from './weights.js';
