/**
 * @module graph/onnx/import/operators/sequences
 *
 * Sequences, lists of tensors whose length is known when the file is read: nothing of them is left in the graph. Positions count from the
 * end where they are negative.
 * Source: onnx/onnx, Operators.md (SequenceEmpty, SequenceConstruct, SequenceInsert, SequenceErase, SequenceAt, SequenceLength,
 * ConcatFromSequence, SplitToSequence, opset 11).
 */
import { type Dim, isBatch } from '../../../dims.js';
import type { Normaliser, NormaliserTable, OpContext } from '../context.js';
import { take } from '../indexing.js';
import { folded, type Item, isWeights, type Sequence, sequence } from '../items.js';
import { joined, underShape } from '../movers.js';

const construct: Normaliser = (c) => sequence(c.items());

/** A position in 0 … last; absent it is `otherwise`. */
function position(c: OpContext, operand: number, { length, last, otherwise }: Places): number {
  if (!c.has(operand)) return otherwise;
  const listed = c.integers(operand, 'a position');
  const at = listed[0] < 0 ? listed[0] + length : listed[0];
  if (listed.length !== 1 || !(at >= 0 && at <= last))
    throw c.refuse(`a sequence of ${length} has no position ${listed.join(', ')}`, 'onnx/axis');
  return at;
}

interface Places {
  readonly length: number;
  readonly last: number;
  readonly otherwise: number;
}

const insert: Normaliser = (c) => {
  const list = [...c.sequence(0).elements];
  const end = list.length;
  list.splice(position(c, 2, { length: end, last: end, otherwise: end }), 0, c.item(1));
  return sequence(list);
};

/** The position that an element is read or taken at. */
function elementAt(c: OpContext, { elements }: Sequence): number {
  const last = elements.length - 1;
  if (last < 0) throw c.refuse('the sequence is empty', 'onnx/axis');
  return position(c, 1, { length: elements.length, last, otherwise: last });
}

const erase: Normaliser = (c) => {
  const from = c.sequence(0);
  const at = elementAt(c, from);
  return sequence(from.elements.filter((_, i) => i !== at));
};

const at: Normaliser = (c) => {
  c.item(1);
  const from = c.sequence(0);
  return from.elements[elementAt(c, from)];
};

const length: Normaliser = (c) => folded('int64', [], [c.sequence(0).elements.length]);

const shapeOf = (item: Item): readonly Dim[] => (isWeights(item) ? item.tensor.shape : item.shape);

/** Along an axis that they have, or one of their own. */
const concatFromSequence: Normaliser = (c) => {
  const { elements } = c.sequence(0);
  if (elements.length === 0) throw c.refuse('joins no tensors', 'graph/shape');
  const stacked = c.flag('new_axis', false);
  const rank = shapeOf(elements[0]).length + (stacked ? 1 : 0);
  const attribute = c.attribute('axis');
  if (attribute?.type !== 'int') throw c.refuse('needs the attribute "axis"', 'onnx/operand');
  const axis = c.axis(attribute.value, rank);
  const parts = stacked ? elements.map((e) => underShape(c, e, withAxis(shapeOf(e), axis))) : elements;
  return joined(c, parts, axis);
};

const withAxis = (shape: readonly Dim[], axis: number): Dim[] => [
  ...shape.slice(0, axis),
  1,
  ...shape.slice(axis),
];

/** Parts of one length (the last may be shorter), of listed lengths, or of length 1, then without the axis unless `keepdims`. */
const splitToSequence: Normaliser = (c) => {
  const item = c.item(0);
  const axis = c.axis(c.int('axis', 0), c.rank(0));
  const whole = c.shape(0)[axis];
  if (isBatch(whole)) throw c.coupled(`axis ${axis} holds the examples`);
  let start = 0;
  const parts = lengthsOf(c, whole).map((count) => {
    const part = take(c, item, axis, { start, step: 1, count });
    start += count;
    return part;
  });
  if (start !== whole) throw c.refuse(`cannot split ${whole} into parts of ${start} in all`, 'graph/shape');
  if (c.has(1) || c.flag('keepdims', true)) return sequence(parts);
  return sequence(
    parts.map((p) =>
      underShape(
        c,
        p,
        shapeOf(p).filter((_, i) => i !== axis),
      ),
    ),
  );
};

function lengthsOf(c: OpContext, whole: number): number[] {
  const equal = (each: number): number[] =>
    Array.from({ length: Math.ceil(whole / each) }, (_, i) => Math.min(each, whole - i * each));
  if (!c.has(1)) return equal(1);
  const listed = c.integers(1, 'split');
  if (listed.some((n) => n < (c.rank(1) === 0 ? 1 : 0))) throw c.refuse('parts have a length', 'graph/shape');
  return c.rank(1) === 0 ? equal(listed[0]) : listed;
}

export const SEQUENCES: NormaliserTable = {
  ConcatFromSequence: concatFromSequence,
  SequenceAt: at,
  SequenceConstruct: construct,
  SequenceEmpty: () => sequence([]),
  SequenceErase: erase,
  SequenceInsert: insert,
  SequenceLength: length,
  SplitToSequence: splitToSequence,
};
