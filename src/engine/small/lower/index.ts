/**
 * @module engine/small/lower
 *
 * The lowering of every core operator: to kernels where they take the node, to plain loops otherwise.
 */
import { BINARY } from '../loops/binary.js';
import { UNARY } from '../loops/unary.js';
import { MOVERS } from './movers.js';
import * as plain from './plain/index.js';
import type { KernelLowering, Lowering } from './types.js';
import * as wasm from './wasm/index.js';

const first =
  (kernel: KernelLowering, otherwise: Lowering): Lowering =>
  (site) =>
    kernel(site) ?? otherwise(site);

export const LOWERINGS: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  ...Object.keys(UNARY).map((op): [string, Lowering] => [op, first(wasm.unary(op), plain.unary(op))]),
  ...Object.keys(BINARY).map((op): [string, Lowering] => [op, first(wasm.binary(op), plain.binary(op))]),
  ...Object.entries(MOVERS).map(([op, m]): [string, Lowering] => [op, first(wasm.mover(m), plain.mover(m))]),
  ['Cast', first(wasm.cast, plain.cast)],
  ['Where', first(wasm.select, plain.select)],
  ['MatMul', first(wasm.matmul, plain.matmul)],
  ['ReduceSum', first(wasm.reduceSum, plain.reduceSum)],
  ['ReduceMax', first(wasm.reduceMax, plain.reduceMax)],
  ['Softmax', first(wasm.softmax, plain.softmaxAlong)],
  ['LogSoftmax', first(wasm.logSoftmax, plain.logSoftmaxAlong)],
]);
