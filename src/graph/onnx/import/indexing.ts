/**
 * @module graph/onnx/import/indexing
 *
 * Operators that pick elements by known runs of positions: Slice, Split. Picking along the examples is refused unless all are taken.
 */
import { type Dim, isBatch, type Shape } from '../../dims.js';
import type { Normaliser, NormaliserTable, OpContext } from './context.js';
import { foldPick } from './fold.js';
import { isFolded, type Item } from './items.js';
import { pick, type Run, sliceOf } from './pick.js';

/** What a slice takes of an axis of this length: backwards it begins at an element, unlike numpy's, so that it is never empty before the first. */
function runOf(length: number, start: number, end: number, step: number): Run {
  const wrap = (i: number): number => (i < 0 ? i + length : i);
  const clip = (i: number, lo: number, hi: number): number => Math.min(Math.max(i, lo), hi);
  const [lo, hi] = step > 0 ? [0, length] : [-1, length - 1];
  const from = clip(wrap(start), 0, hi);
  const to = clip(end < -length ? -1 : wrap(end), lo, hi);
  return { start: from, step, count: Math.max(0, Math.ceil((to - from) / step)) };
}

function positions(run: Run): number[] {
  return Array.from({ length: run.count }, (_, i) => run.start + i * run.step);
}

const slice: Normaliser = (c) => {
  const starts = c.integers(1, 'starts');
  const axes = c.has(3) ? c.integers(3, 'axes') : starts.map((_, i) => i);
  return sliceBy(c, {
    starts,
    ends: c.dims(2, 'ends'),
    axes,
    steps: c.has(4) ? c.integers(4, 'steps') : starts.map(() => 1),
  });
};

/** Before opset 10 everything but the operand is an attribute, and there are no steps. */
export const sliceByAttributes: Normaliser = (c) => {
  const starts = c.needInts('starts');
  const axes = c.ints('axes') ?? starts.map((_, i) => i);
  return sliceBy(c, { starts, ends: c.needInts('ends'), axes, steps: starts.map(() => 1) });
};

/** What a Slice takes: one entry an axis. */
interface Cut {
  readonly starts: readonly number[];
  readonly ends: readonly Dim[];
  readonly axes: readonly number[];
  readonly steps: readonly number[];
}

function sliceBy(c: OpContext, { starts, ends, axes: listed, steps }: Cut): Item {
  const rank = c.rank(0);
  const axes = listed.map((a) => c.axis(a, rank));
  if ([starts, ends, steps].some((l) => l.length !== axes.length))
    throw c.refuse('starts, ends, axes and steps are as many', 'graph/shape');
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
    else if (step < 0 && end >= TO_THE_END) {
      throw c.refuse('a step backwards to the largest number has no agreed meaning');
    } else item = take(c, item, axis, runOf(length, start, end, step));
  });
  return item;
}

/** Files say "to the end" by the largest int32 or int64. */
const TO_THE_END = 2 ** 31 - 1;

/** The elements of one run along an axis. */
export function take(c: OpContext, item: Item, axis: number, run: Run): Item {
  if (isFolded(item)) {
    const shape = item.shape.map((d, i) => (i === axis ? run.count : d));
    return foldPick(c, item, axis, positions(run), shape);
  }
  const x = c.reader.materialise(item);
  if (run.step > 0) return sliceOf(x, axis, run);
  return pick(x, axis, positions(run));
}

/** Lengths are an operand (before opset 13 an attribute), or equal parts whose number is that of the outputs (from opset 18 an attribute); the last may be shorter. */
const split: Normaliser = (c) => {
  const axis = c.axis(c.int('axis', 0), c.rank(0));
  const length = c.shape(0)[axis];
  if (isBatch(length)) throw c.coupled(`axis ${axis} holds the examples`);
  const parts = c.int('num_outputs', c.node.outputs.length);
  const each = Math.ceil(length / parts);
  if (!(parts >= 1 && parts <= c.node.outputs.length)) throw c.refuse(`splits into ${parts} parts`);
  const listed = c.has(1) ? c.integers(1, 'split') : c.ints('split');
  const lengths = listed ?? Array.from({ length: parts }, (_, i) => Math.min(each, length - i * each));
  if (lengths.some((n) => n < 0) || lengths.reduce((p, n) => p + n, 0) !== length) {
    throw c.refuse(`cannot split ${length} into ${lengths.join(' + ')}`, 'graph/shape');
  }
  let start = 0;
  return lengths.map((n) => {
    const from = start;
    start += n;
    return take(c, c.item(0), axis, { start: from, step: 1, count: n });
  });
};

export const INDEXING: NormaliserTable = { Slice: slice, Split: split };
