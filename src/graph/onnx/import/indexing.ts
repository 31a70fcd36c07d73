/**
 * @module graph/onnx/import/indexing
 *
 * Operators that pick elements by known positions: Slice, Split, Gather. Picking along the examples is refused unless all are taken.
 */
import * as b from '../../build.js';
import { isBatch, type Shape } from '../../dims.js';
import type { Value } from '../../value.js';
import type { Normaliser, NormaliserTable, OpContext } from './context.js';
import { foldPick } from './fold.js';
import { isFolded, type Item } from './items.js';

/** Most pieces that a pick in no regular order is joined from. */
const MOST_PIECES = 256;

/** Positions start, start + step, … as numpy's slice gives them for an axis of this length. */
function positions(length: number, start: number, end: number, step: number): number[] {
  const wrap = (i: number): number => (i < 0 ? i + length : i);
  const clip = (i: number, lo: number, hi: number): number => Math.min(Math.max(i, lo), hi);
  const out: number[] = [];
  if (step > 0) {
    const to = clip(wrap(end), 0, length);
    for (let i = clip(wrap(start), 0, length); i < to; i += step) out.push(i);
  } else {
    const to = end < -length ? -1 : clip(wrap(end), -1, length - 1);
    for (let i = clip(wrap(start), -1, length - 1); i > to; i += step) out.push(i);
  }
  return out;
}

/** The elements at known positions along one axis, as few slices as they need. */
function pick(c: OpContext, x: Value, axis: number, indices: readonly number[]): Value {
  const runs: { start: number; step: number; count: number }[] = [];
  for (const i of indices) {
    const last = runs[runs.length - 1];
    const step = last && (last.count === 1 ? i - last.start : last.step);
    if (last && step > 0 && i === last.start + last.count * step) {
      last.step = step;
      last.count++;
    } else runs.push({ start: i, step: 1, count: 1 });
  }
  if (runs.length > MOST_PIECES) throw c.refuse(`joins at most ${MOST_PIECES} pieces`);
  if (runs.length === 0) return b.slice(x, axis, 0, 0);
  return b.concat(
    runs.map(({ start, step, count }) => b.slice(x, axis, start, start + (count - 1) * step + 1, step)),
    axis,
  );
}

const slice: Normaliser = (c) => {
  const starts = c.integers(1, 'starts');
  const ends = c.dims(2, 'ends');
  const rank = c.rank(0);
  const axes = c.has(3) ? c.integers(3, 'axes').map((a) => c.axis(a, rank)) : starts.map((_, i) => i);
  const steps = c.has(4) ? c.integers(4, 'steps') : starts.map(() => 1);
  let item: Item = c.item(0);
  axes.forEach((axis, i) => {
    const [start, end, step] = [starts[i], ends[i], steps[i]];
    if (step === 0) throw c.refuse('a step is not 0');
    const shape: Shape = isFolded(item) ? item.shape : c.reader.materialise(item).shape;
    const length = shape[axis];
    if (isBatch(length)) {
      // All examples in their order are the one choice that leaves them apart.
      const reaches = isBatch(end)
        ? end.batch >= length.batch
        : end >= (c.reader.fixedBatch === null ? TO_THE_END : length.batch * c.reader.fixedBatch);
      if (start !== 0 || step !== 1 || !reaches) throw c.coupled(`axis ${axis} holds the examples`);
    } else if (isBatch(end)) throw c.coupled(`axis ${axis} is cut at the number of examples`);
    else item = take(c, item, axis, positions(length, start, end, step));
  });
  return item;
};

/** Files say "to the end" by the largest int32 or int64. */
const TO_THE_END = 2 ** 31 - 1;

function take(c: OpContext, item: Item, axis: number, indices: readonly number[]): Item {
  if (isFolded(item)) {
    const shape = item.shape.map((d, i) => (i === axis ? indices.length : d));
    return foldPick(item, axis, indices, shape);
  }
  return pick(c, c.reader.materialise(item), axis, indices);
}

/** Lengths are an operand, or equal parts whose number is that of the outputs (from opset 18 an attribute); the last may be shorter. */
const split: Normaliser = (c) => {
  const axis = c.axis(c.int('axis', 0), c.rank(0));
  const length = c.shape(0)[axis];
  if (isBatch(length)) throw c.coupled(`axis ${axis} holds the examples`);
  const parts = c.int('num_outputs', c.node.outputs.length);
  const each = Math.ceil(length / parts);
  const lengths = c.has(1)
    ? c.integers(1, 'split')
    : Array.from({ length: parts }, (_, i) => Math.min(each, length - i * each));
  if (lengths.some((n) => n < 0) || lengths.reduce((p, n) => p + n, 0) !== length) {
    throw c.refuse(`cannot split ${length} into ${lengths.join(' + ')}`, 'graph/shape');
  }
  let start = 0;
  return lengths.map((n) => {
    const from = start;
    start += n;
    return take(
      c,
      c.item(0),
      axis,
      Array.from({ length: n }, (_, i) => from + i),
    );
  });
};

/** Rows by known indices; computed ones (an embedding) are refused. */
const gather: Normaliser = (c) => {
  const axis = c.axis(c.int('axis', 0), c.rank(0));
  const shape = c.shape(0);
  const length = shape[axis];
  if (!isFolded(c.item(1)))
    throw c.refuse('indices must be known when the file is read (an embedding is not covered)');
  if (isBatch(length)) throw c.coupled(`axis ${axis} holds the examples`);
  const indices = c.integers(1, 'indices').map((i) => (i < 0 ? i + length : i));
  if (indices.some((i) => !(i >= 0 && i < length)))
    throw c.refuse(`an index lies outside 0…${length - 1}`, 'graph/shape');
  const item = c.item(0);
  const out = [...shape.slice(0, axis), ...(c.shape(1) as number[]), ...shape.slice(axis + 1)];
  if (isFolded(item)) return foldPick(item, axis, indices, out as number[]);
  return b.reshape(pick(c, c.value(0), axis, indices), out);
};

export const INDEXING: NormaliserTable = { Slice: slice, Split: split, Gather: gather };
