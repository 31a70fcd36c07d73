/**
 * @module test/onnx/cases/sequences
 *
 * Sequences of tensors, of which nothing is left once they are read.
 */
import { tensor } from '../../../src/core/tensor.js';
import { i64, int, node } from '../builder.js';
import { ALL, type Case, from } from './case.js';

const number = (value: number) => tensor('int64', [], [value]);
const parts = node('SplitToSequence', ['x', 'two'], 'parts', { axis: int(1) });
const [sin, cos] = [node('Sin', ['x'], 's'), node('Exp', ['x'], 'e')];

export const SEQUENCES: Case[] = [
  {
    name: 'sequence of parts of one length, joined again',
    opsets: ALL,
    nodes: [
      parts,
      node('SequenceErase', ['parts', 'first'], 'rest'),
      node('ConcatFromSequence', ['rest'], 'h', { axis: int(1) }),
    ],
    shape: [5, 2],
    weights: { two: number(2), first: number(0) },
  },
  {
    name: 'sequence of parts of listed lengths',
    opsets: ALL,
    nodes: [
      node('SplitToSequence', ['x', 'lengths'], 'parts', { axis: int(1) }),
      node('SequenceAt', ['parts', 'last'], 'a'),
      node('SequenceAt', ['parts', 'first'], 'b'),
      node('Concat', ['a', 'b'], 'h', { axis: int(1) }),
    ],
    shape: [5],
    weights: { lengths: i64(2, 3), last: number(-1), first: number(0) },
  },
  {
    name: 'sequence of elements without their axis, stacked',
    opsets: ALL,
    nodes: [
      node('SplitToSequence', ['x'], 'parts', { axis: int(1), keepdims: int(0) }),
      node('ConcatFromSequence', ['parts'], 'h', { axis: int(-1), new_axis: int(1) }),
    ],
    shape: [3, 2],
  },
  {
    name: 'sequence that grows from nothing, its length a factor',
    opsets: ALL,
    nodes: [
      sin,
      cos,
      node('SequenceEmpty', [], 'none'),
      node('SequenceInsert', ['none', 'x'], 'one'),
      node('SequenceInsert', ['one', 's', 'first'], 'two'),
      node('SequenceInsert', ['two', 'e', 'before'], 'three'),
      node('SequenceLength', ['three'], 'length'),
      node('Cast', ['length'], 'factor', { to: int(1) }),
      node('ConcatFromSequence', ['three'], 'all', { axis: int(1) }),
      node('Mul', ['all', 'factor'], 'h'),
    ],
    shape: [2],
    weights: { first: number(0), before: number(-1) },
  },
  {
    name: 'sequence that is given at once, under another name',
    opsets: from(14),
    nodes: [
      sin,
      node('SequenceConstruct', ['x', 's'], 'given'),
      node('Identity', ['given'], 'same'),
      node('SequenceAt', ['same', 'second'], 'h'),
    ],
    weights: { second: number(1) },
  },
];
