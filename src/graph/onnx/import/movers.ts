/**
 * @module graph/onnx/import/movers
 *
 * Operators that only move elements. Flatten, Squeeze and Unsqueeze become Reshape; what leaves the shape as it is vanishes.
 */
import { stridesOf } from '../../../core/tensor.js';
import * as b from '../../build.js';
import { batchAxis, type Dim, isBatch, joinDims, sameDim, type Shape, showShape } from '../../dims.js';
import type { Value } from '../../value.js';
import { arrange } from './arrange.js';
import { oneRow, withoutBakedRows } from './baked-rows.js';
import type { Normaliser, NormaliserTable, OpContext } from './context.js';
import { broadcastOver } from './examples.js';
import { folded, type Folded, isFolded, type Item } from './items.js';
import { reshapeTarget } from './reshape.js';

/** An operand under another shape. */
const reshaped = (c: OpContext, shape: Shape): Item => underShape(c, c.item(0), shape);

/** A tensor under another shape: known numbers stay known. Throws `graph/shape`, `graph/examples-coupled`. */
export function underShape(c: OpContext, item: Item, shape: Shape): Item {
  if (!isFolded(item)) return arrange(c.reader.materialise(item), shape);
  if (shape.some(isBatch))
    throw c.coupled('known numbers take a shape that depends on the number of examples');
  if (shape.reduce<number>((p, d) => p * (d as number), 1) !== item.items.length)
    throw c.refuse(`${item.items.length} numbers do not have the shape ${showShape(shape)}`, 'graph/shape');
  return folded(item.dtype, shape as number[], item.items);
}

const reshape: Normaliser = (c) => {
  const target = c.dims(1, 'the new shape');
  return reshaped(c, reshapeTarget(c, c.shape(0), target, c.flag('allowzero', false)));
};

const flatten: Normaliser = (c) => {
  const shape = c.shape(0);
  const axis = c.int('axis', 1);
  const at = axis < 0 ? axis + shape.length : axis;
  if (!(at >= 0 && at <= shape.length))
    throw c.refuse(`rank ${shape.length} has no axis ${axis}`, 'onnx/axis');
  const product = (dims: Shape): Dim => {
    const p = dims.reduce<Dim | null>((q, d) => q && joinDims(q, d), 1);
    if (p === null) throw c.coupled('two axes hold the examples');
    return p;
  };
  return reshaped(c, [product(shape.slice(0, at)), product(shape.slice(at))]);
};

const squeeze: Normaliser = (c) => {
  const shape = c.shape(0);
  const listed = c.has(1) ? c.integers(1, 'axes') : c.ints('axes');
  const one = (d: Dim): boolean => d === 1 || (isBatch(d) && d.batch * (c.reader.fixedBatch ?? 0) === 1);
  const axes = listed ? c.axes(listed, shape.length) : shape.map((_, i) => i).filter((i) => one(shape[i]));
  const kept = axes.filter((a) => isBatch(shape[a]) && one(shape[a]));
  for (const a of axes) {
    if (kept.includes(a)) continue;
    if (isBatch(shape[a])) throw c.coupled(`axis ${a} holds the examples and cannot be squeezed`);
    if (shape[a] !== 1)
      throw c.refuse(`axis ${a} of ${showShape(shape)} has more than one element`, 'graph/shape');
  }
  if (kept.length > 0) keepExamples(c, shape.length - axes.length);
  return reshaped(
    c,
    shape.filter((_, i) => !axes.includes(i) || kept.includes(i)),
  );
};

/**
 * Where the file's batch of one is squeezed away, the examples stay, before what is left of one. A vector or a number is then read as it
 * was meant, since axes count from the right; of more axes the numbers would be off by one.
 */
function keepExamples(c: OpContext, rank: number): void {
  if (rank > 1) throw c.coupled('the axis of the examples cannot be squeezed');
  c.reader.note(`${c.label} squeezes the batch of one away; the examples stay`);
}

const unsqueeze: Normaliser = (c) => {
  const shape = c.shape(0);
  const listed = c.has(1) ? c.integers(1, 'axes') : c.needInts('axes');
  const axes = c.axes(listed, shape.length + listed.length);
  const out: Dim[] = [];
  let from = 0;
  for (let i = 0; i < shape.length + axes.length; i++) out.push(axes.includes(i) ? 1 : shape[from++]);
  return reshaped(c, out);
};

const transpose: Normaliser = (c) => {
  const item = c.item(0);
  const rank = c.rank(0);
  const perm = c.ints('perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  if (perm.length !== rank || new Set(perm).size !== rank || perm.some((a) => !(a >= 0 && a < rank))) {
    throw c.refuse(`[${perm.join(', ')}] is not an order of ${rank} axes`, 'onnx/axis');
  }
  return isFolded(item) ? foldTranspose(item, perm) : b.transpose(c.value(0), perm);
};

function foldTranspose(x: Folded, perm: readonly number[]): Folded {
  const shape = perm.map((p) => x.shape[p]);
  const to = stridesOf(shape);
  const from = stridesOf(x.shape);
  const items = x.items.map((_, flat) => {
    let at = 0;
    perm.forEach((p, i) => (at += (Math.floor(flat / to[i]) % shape[i]) * from[p]));
    return x.items[at];
  });
  return folded(x.dtype, shape, items);
}

const concat: Normaliser = (c) => joined(c, c.items(), c.axis(c.int('axis', 0), c.rank(0)));

/** Tensors one after another along an axis. Throws `graph/shape`. */
export function joined(c: OpContext, items: readonly Item[], axis: number): Item {
  if (items.every(isFolded)) {
    c.limited(items.reduce((n, x) => n + x.items.length, 0));
    return foldConcat(items, axis);
  }
  const values = withoutBakedRows(
    c,
    items,
    items.map((i) => c.reader.materialise(i)),
  );
  const batched = values.find((v) => batchAxis(v.shape) >= 0);
  return b.concat(batched ? values.map((v) => alongside(c, v, batched, axis)) : values, axis);
}

/** An operand without examples beside one that has them (a class token, a column of ones) is repeated for each. */
function alongside(c: OpContext, v: Value, like: Value, axis: number): Value {
  const at = batchAxis(like.shape);
  if (batchAxis(v.shape) >= 0 || v.shape.length !== like.shape.length || at === axis || v.shape[at] !== 1)
    return v;
  return broadcastOver(
    c,
    v,
    v.shape.map((d, i) => (i === at ? like.shape[at] : d)),
  );
}

function foldConcat(xs: readonly Folded[], axis: number): Folded {
  const length = (x: Folded): number => x.shape.slice(axis).reduce((p, d) => p * d, 1);
  const outer = xs[0].shape.slice(0, axis).reduce((p, d) => p * d, 1);
  const items: Dim[] = [];
  for (let o = 0; o < outer; o++) {
    for (const x of xs) {
      const n = length(x);
      for (let i = o * n; i < (o + 1) * n; i++) items.push(x.items[i]);
    }
  }
  const total = xs.reduce((n, x) => n + x.shape[axis], 0);
  return folded(
    xs[0].dtype,
    xs[0].shape.map((d, i) => (i === axis ? total : d)),
    items,
  );
}

/** Broadcasts to a shape; both sides may be the larger one. In a file with a fixed batch B, B against the examples is "as they are". */
const expand: Normaliser = (c) => {
  const target = c.dims(1, 'the new shape');
  const given = c.shape(0);
  const batch = c.reader.fixedBatch ?? 1;
  const rowsAt = given.findIndex((d, i) => {
    const wish = target[target.length - given.length + i];
    return wish !== undefined && isBatch(wish) && batch > 1 && d === wish.batch * batch;
  });
  const row = rowsAt < 0 ? null : oneRow(c, c.item(0), c.value(0), rowsAt);
  const from = row ? row.shape : given;
  const rank = Math.max(from.length, target.length);
  const shape: Dim[] = Array.from({ length: rank }, (_, i) => {
    const own = from[i - (rank - from.length)] ?? 1;
    const wish = target[i - (rank - target.length)] ?? 1;
    if (!isBatch(wish) && wish < 0) throw c.refuse(`a dimension is not ${wish}`, 'graph/shape');
    if (wish === 1 || sameDim(own, wish)) return own;
    if (own === 1) return wish;
    if (isBatch(own) && isBatch(wish) && own.batch === wish.batch) return own;
    if (isBatch(own) && wish === own.batch * (c.reader.fixedBatch ?? NaN)) return own;
    if (isBatch(own) || isBatch(wish)) throw c.coupled('the batch axis meets another axis');
    throw c.refuse(`${showShape(from)} does not broadcast to ${showShape(target)}`, 'graph/shape');
  });
  const item = c.item(0);
  if (isFolded(item) && !shape.some(isBatch)) return foldExpand(c, item, shape as number[]);
  return broadcastOver(c, row ?? c.value(0), shape);
};

function foldExpand(c: OpContext, x: Folded, shape: readonly number[]): Folded {
  const to = stridesOf(shape);
  const from = stridesOf(x.shape);
  const offset = shape.length - x.shape.length;
  const total = shape.reduce((p, d) => p * d, 1);
  const items = Array.from({ length: c.limited(total) }, (_, flat) => {
    let at = 0;
    x.shape.forEach((d, i) => {
      if (d !== 1) at += (Math.floor(flat / to[i + offset]) % shape[i + offset]) * from[i];
    });
    return x.items[at];
  });
  return folded(x.dtype, shape, items);
}

export const MOVERS: NormaliserTable = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: concat,
  Expand: expand,
};
