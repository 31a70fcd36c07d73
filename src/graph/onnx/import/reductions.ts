/**
 * @module graph/onnx/import/reductions
 *
 * Reductions over axes. Axes are an operand of ReduceSum from opset 13 and of the others from opset 18, an attribute before; absent,
 * they are all axes, the examples' among them, which is refused as coupling.
 */
import * as b from '../../build.js';
import type { Value } from '../../value.js';
import type { Normaliser, NormaliserTable, OpContext } from './context.js';
import { foldReduction } from './fold.js';
import { isFolded } from './items.js';

type Reduce = (x: Value, axes: readonly number[], keepdims: boolean, c: OpContext) => Value;

/** Longest axis that a product is written out for. */
const LONGEST_PRODUCT = 256;

function axesOf(c: OpContext, op: string): number[] | null {
  const rank = c.rank(0);
  const listed = c.has(1) ? c.integers(1, 'axes') : c.ints('axes');
  if (listed === null || listed.length === 0) {
    if (!c.flag('noop_with_empty_axes', false)) return Array.from({ length: rank }, (_, i) => i);
    if (op === 'ReduceSum' || op === 'ReduceMean' || op === 'ReduceMax' || op === 'ReduceMin') return null;
    throw c.refuse('noop_with_empty_axes without axes has no agreed meaning here');
  }
  return c.axes(listed, rank);
}

function reduction(op: string, f: Reduce): Normaliser {
  return (c) => {
    const item = c.item(0);
    const axes = axesOf(c, op);
    const keepdims = c.flag('keepdims', true);
    if (axes === null) return item;
    if (isFolded(item)) return foldReduction(c, op, item, axes, keepdims);
    const x = c.real(0);
    if (axes.length === 0) return f(b.unsqueeze(x, [0]), [0], false, c); // rank 0
    return f(x, axes, keepdims, c);
  };
}

const min: Reduce = (x, axes, keepdims) => b.neg(b.reduceMax(b.neg(x), axes, keepdims));

/** The product, one slice at a time: exact where an entry is 0, which a sum of logarithms is not. */
const product: Reduce = (x, axes, keepdims, c) => {
  let y = x;
  for (const axis of axes) {
    const length = y.shape[axis];
    if (typeof length !== 'number') throw c.coupled(`axis ${axis} holds the examples`);
    if (length > LONGEST_PRODUCT) throw c.refuse(`multiplies at most ${LONGEST_PRODUCT} elements`);
    if (length === 0) throw c.refuse('multiplies no elements');
    const slices = Array.from({ length }, (_, i) => b.slice(y, axis, i, i + 1));
    y = slices.reduce(b.mul);
  }
  return drop(y, axes, keepdims);
};

/** m + ln Σ e^(x − m), m the maximum. */
const logSumExp: Reduce = (x, axes, keepdims) => {
  const top = b.reduceMax(x, axes, true);
  const sum = b.log(b.reduceSum(b.exp(b.sub(x, top)), axes, true));
  return drop(b.add(top, sum), axes, keepdims);
};

function drop(x: Value, axes: readonly number[], keepdims: boolean): Value {
  if (keepdims) return x;
  return b.reshape(
    x,
    x.shape.filter((_, i) => !axes.includes(i)),
  );
}

export const REDUCTIONS: NormaliserTable = {
  ReduceSum: reduction('ReduceSum', b.reduceSum),
  ReduceMean: reduction('ReduceMean', b.reduceMean),
  ReduceMax: reduction('ReduceMax', b.reduceMax),
  ReduceMin: reduction('ReduceMin', min),
  ReduceProd: reduction('ReduceProd', product),
  ReduceL1: reduction('ReduceL1', (x, axes, k) => b.reduceSum(b.abs(x), axes, k)),
  ReduceL2: reduction('ReduceL2', (x, axes, k) => b.sqrt(b.reduceSum(b.square(x), axes, k))),
  ReduceSumSquare: reduction('ReduceSumSquare', (x, axes, k) => b.reduceSum(b.square(x), axes, k)),
  ReduceLogSum: reduction('ReduceLogSum', (x, axes, k) => b.log(b.reduceSum(x, axes, k))),
  ReduceLogSumExp: reduction('ReduceLogSumExp', logSumExp),
};
