/**
 * @module core
 *
 * Typed arrays with shapes, keyed random numbers, and the one kind of error: what every other door speaks in.
 */
// ---- arrays ----
export { castTensor, sizeOf, tensor } from './tensor.js';
export type { FloatArray, FloatType, Tensor } from './tensor.js';
// ---- random numbers: functions of a seed, a name and a place ----
export { hashString, permutation, Sequence, UniformStream } from './random.js';
// ---- errors ----
export { FimError } from './errors.js';
export type { ExitCode } from './errors.js';
