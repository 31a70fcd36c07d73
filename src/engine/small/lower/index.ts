/**
 * @module engine/small/lower
 *
 * The lowering of every core operator: to kernels where they take the node, to plain loops otherwise, and to the operator's own
 * reference where it has no loop.
 */
import { CORE } from '../../../graph/index.js';
import type { Operator } from '../../../graph/operator.js';
import { MOVERS } from './movers.js';
import * as plain from './plain/index.js';
import type { KernelLowering, Lowering } from './types.js';
import * as wasm from './wasm/index.js';

const first =
  (kernel: KernelLowering, otherwise: Lowering): Lowering =>
  (site) =>
    kernel(site) ?? otherwise(site);

/** Operators whose loops are not those of an elementwise function or of a copy. */
const OWN: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  ['Cast', first(wasm.cast, plain.cast)],
  ['Where', first(wasm.select, plain.select)],
  ['Gather', plain.gather],
  ['ScatterAdd', plain.scatterAdd],
  ['Unfold', plain.unfold],
  ['Fold', plain.fold],
  ['MatMul', first(wasm.matmul, plain.matmul)],
  ['ReduceSum', first(wasm.reduceSum, plain.reduceSum)],
  ['ReduceMax', first(wasm.reduceMax, plain.reduceMax)],
  ['Softmax', first(wasm.softmax, plain.softmaxAlong)],
  ['LogSoftmax', first(wasm.logSoftmax, plain.logSoftmaxAlong)],
  ...Object.entries(MOVERS).map(([op, m]): [string, Lowering] => [op, first(wasm.mover(m), plain.mover(m))]),
]);

function lowered(op: Operator): Lowering {
  const { name, elementwise } = op;
  const own = OWN.get(name);
  if (own) return own;
  if (elementwise?.operands === 1) return first(wasm.unary(name), plain.unary(name, elementwise.of));
  if (elementwise?.operands === 2) return first(wasm.binary(name), plain.binary(name, elementwise.of));
  return plain.reference(op);
}

export const LOWERINGS: ReadonlyMap<string, Lowering> = new Map([
  ...OWN,
  ...CORE.map((op): [string, Lowering] => [op.name, lowered(op)]),
]);
