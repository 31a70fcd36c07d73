/** @module engine/small/lower/plain — lowerings to plain loops, which take every node. */
export { binary, cast, select, unary } from './elementwise.js';
export { gather, scatterAdd } from './indexed.js';
export { matmul } from './matmul.js';
export { mover } from './move.js';
export { logSoftmaxAlong, reduceMax, reduceSum, softmaxAlong } from './reduce.js';
export { reference } from './reference.js';
export { fold, unfold } from './windows.js';
