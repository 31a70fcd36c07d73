/**
 * @module core/random
 *
 * Every random number of the library: counter-based (Philox4x32-10), seeded, independent of order.
 */

// Draws by key, for labels and signs.
export { UniformStream, normalAt, signAt, uniformAt } from './random-keyed.js';
export type { DrawKey } from './random-keyed.js';

// Draws in sequence, for shuffles, initialisers and environments.
export { Sequence, permutation } from './random-sequence.js';
export type { SequenceState } from './random-sequence.js';

// Pieces.
export { hashString } from './random-hash.js';
export { normalQuantile } from './random-normal.js';
export { philox } from './random-philox.js';
