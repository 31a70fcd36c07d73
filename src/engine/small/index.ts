/**
 * @module engine/small
 *
 * The planned executor: small graphs, many times, inside the call.
 */
export { createSmallEngine, SmallEngine } from './engine.js';
export { Matrices, withMatrices } from './matrices.js';
export { SmallProgram } from './program.js';
export { SmallStore } from './store.js';
export type { SmallOptions } from './engine.js';
