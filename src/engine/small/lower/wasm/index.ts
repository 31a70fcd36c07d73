/** @module engine/small/lower/wasm — lowerings to kernels, which take most nodes. */
export { binary, cast, select, unary } from './elementwise.js';
export { matmul } from './matmul.js';
export { mover } from './move.js';
export { logSoftmax, reduceMax, reduceSum, softmax } from './reduce.js';
