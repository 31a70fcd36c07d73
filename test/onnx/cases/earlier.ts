/**
 * @module test/onnx/cases/earlier
 *
 * Operators in the forms that they had before opset 13: axes, bounds and pads as attributes, a softmax that flattens.
 */
import { f32, float, int, ints, node } from '../builder.js';
import { type Case, map, one, W } from './case.js';

/** Opsets from the oldest that is read to before 13. */
const EARLY = [7, 8, 9, 10, 11, 12];
const until = (opset: number): number[] => EARLY.filter((o) => o < opset);
const early = (c: Case, opsets: readonly number[] = EARLY): Case => ({
  ...c,
  name: `${c.name}, opset ${opsets[0]}`,
  opsets,
});

const clamp = (x: number, lo: number, hi: number): number => Math.min(hi, Math.max(lo, x));

export const EARLIER: Case[] = [
  early(
    map('Clip', 13, (x) => clamp(x, -0.5, 1), { min: float(-0.5), max: float(1) }),
    until(11),
  ),
  early(
    map('Clip', 13, (x) => Math.max(x, 0.25), { min: float(0.25) }),
    until(11),
  ),
  early(
    map('Clip', 13, (x) => Math.min(x, 0.25), { max: float(0.25) }),
    until(11),
  ),
  early(
    { name: 'Clip above', opsets: [], nodes: one('Clip', {}, '', 'hi'), weights: { hi: f32([], [1]) } },
    [11, 12],
  ),
  early({ name: 'Softmax flattens', opsets: [], nodes: one('Softmax'), shape: [2, 3] }),
  early({
    name: 'Softmax flattens from axis 2',
    opsets: [],
    nodes: one('Softmax', { axis: int(2) }),
    shape: [2, 3, 2],
  }),
  early({
    name: 'LogSoftmax flattens',
    opsets: [],
    nodes: one('LogSoftmax', { axis: int(1) }),
    shape: [2, 3],
  }),
  early({ name: 'LogSoftmax of rows', opsets: [], nodes: one('LogSoftmax') }),
  early(
    {
      name: 'Slice by attributes',
      opsets: [],
      nodes: one('Slice', { starts: ints(1, -3), ends: ints(1000, -1), axes: ints(1, 2) }),
      shape: [3, 4],
    },
    until(10),
  ),
  early(
    {
      name: 'Slice by attributes, all axes',
      opsets: [],
      nodes: one('Slice', { starts: ints(0, 1), ends: ints(2147483647, 3) }),
    },
    until(10),
  ),
  early(
    { name: 'Pad by attributes', opsets: [], nodes: one('Pad', { pads: ints(0, 1, 0, 2) }), shape: [4] },
    until(11),
  ),
  early({
    name: 'Unsqueeze and Squeeze by attributes',
    opsets: [],
    nodes: [
      node('Unsqueeze', ['x'], 'u', { axes: ints(1, 3) }),
      node('Exp', ['u'], 'e'),
      node('Squeeze', ['e'], 'h', { axes: ints(1, 3) }),
    ],
  }),
  early({
    name: 'Split by attributes',
    opsets: [],
    nodes: [
      node('Split', ['x'], ['p', 'q'], { axis: int(1), split: ints(1, 3) }),
      node('Mul', ['p', 'q'], 'h'),
    ],
  }),
  early({
    name: 'Split into equal parts',
    opsets: [],
    nodes: [node('Split', ['x'], ['p', 'q'], { axis: int(1) }), node('Mul', ['p', 'q'], 'h')],
  }),
  early({
    name: 'ReduceSum by attributes',
    opsets: [],
    nodes: one('ReduceSum', { axes: ints(1), keepdims: int(0) }),
    shape: [3, 2],
  }),
  early({ name: 'Dropout', opsets: [], nodes: one('Dropout'), closed: (x) => x }),
  early({ name: 'MatMul', opsets: [], nodes: one('MatMul', {}, 'w'), weights: { w: W } }),
  early({
    name: 'Gemm',
    opsets: [],
    nodes: one('Gemm', { beta: float(0.5) }, 'w', 'c'),
    weights: { w: W, c: f32([3], [1, 2, 3]) },
  }),
];
