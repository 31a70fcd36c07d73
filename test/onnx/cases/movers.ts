/**
 * @module test/onnx/cases/movers
 *
 * Operators that move and pick elements, and those that bring constants in.
 */
import { tensor } from '../../../src/core/tensor.js';
import { f32, floats, held, i64, int, ints, node, text } from '../builder.js';
import { ALL, before, type Case, from, one, V } from './case.js';

export const MOVERS: Case[] = [
  {
    name: 'Reshape 0 -1',
    opsets: ALL,
    shape: [2, 3],
    nodes: one('Reshape', {}, 's'),
    weights: { s: i64(0, -1) },
  },
  {
    name: 'Reshape -1',
    opsets: ALL,
    shape: [2, 3],
    nodes: one('Reshape', {}, 's'),
    weights: { s: i64(-1, 6) },
  },
  {
    name: 'Reshape to rows and back',
    opsets: ALL,
    shape: [2, 3],
    nodes: [node('Reshape', ['x', 's'], 'r'), node('Reshape', ['r', 't'], 'h')],
    weights: { s: i64(-1, 3), t: i64(-1, 3, 2) },
  },
  {
    name: 'Reshape allowzero',
    opsets: from(14),
    shape: [2, 3],
    nodes: one('Reshape', { allowzero: int(1) }, 's'),
    weights: { s: i64(-1, 3, 2) },
  },
  { name: 'Flatten', opsets: ALL, shape: [2, 3], nodes: one('Flatten') },
  { name: 'Flatten axis 2', opsets: ALL, shape: [2, 3], nodes: one('Flatten', { axis: int(2) }) },
  { name: 'Flatten axis -1', opsets: ALL, shape: [2, 3], nodes: one('Flatten', { axis: int(-1) }) },
  {
    name: 'Squeeze',
    opsets: ALL,
    shape: [1, 3, 1],
    nodes: one('Squeeze', {}, 'a'),
    weights: { a: i64(1, -1) },
  },
  { name: 'Squeeze everything', opsets: ALL, shape: [1, 3, 1], nodes: one('Squeeze') },
  {
    name: 'Unsqueeze',
    opsets: ALL,
    shape: [3],
    nodes: one('Unsqueeze', {}, 'a'),
    weights: { a: i64(1, -1) },
  },
  { name: 'Transpose', opsets: ALL, shape: [2, 3], nodes: one('Transpose', { perm: ints(2, 0, 1) }) },
  { name: 'Transpose by default', opsets: ALL, shape: [2, 3], nodes: one('Transpose') },
  {
    name: 'Concat',
    opsets: ALL,
    nodes: [node('Neg', ['x'], 'm'), node('Concat', ['x', 'm', 'x'], 'h', { axis: int(-1) })],
  },
  { name: 'Expand', opsets: ALL, shape: [1, 3], nodes: one('Expand', {}, 's'), weights: { s: i64(1, 2, 1) } },
  {
    name: 'Expand to higher rank',
    opsets: ALL,
    shape: [3],
    nodes: one('Expand', {}, 's'),
    weights: { s: i64(2, 1, 3) },
  },
  {
    name: 'Slice',
    opsets: ALL,
    shape: [5, 3],
    nodes: one('Slice', {}, 'st', 'en', 'ax', 'sp'),
    weights: { st: i64(1, -2), en: i64(100, Infinity), ax: i64(1, -1), sp: i64(2, 1) },
  },
  {
    name: 'Slice without axes and steps',
    opsets: ALL,
    shape: [5],
    nodes: one('Slice', {}, 'st', 'en'),
    weights: { st: i64(0, 1), en: i64(Infinity, -1) },
  },
  {
    name: 'Slice backwards',
    opsets: ALL,
    shape: [5],
    nodes: one('Slice', {}, 'st', 'en', 'ax', 'sp'),
    weights: { st: i64(-1), en: i64(-Infinity), ax: i64(1), sp: i64(-1) },
  },
  {
    name: 'Slice backwards from before the first',
    opsets: ALL,
    shape: [5],
    nodes: one('Slice', {}, 'st', 'en', 'ax', 'sp'),
    weights: { st: i64(-9), en: i64(-Infinity), ax: i64(1), sp: i64(-1) },
  },
  {
    name: 'Slice backwards by two',
    opsets: ALL,
    shape: [6],
    nodes: one('Slice', {}, 'st', 'en', 'ax', 'sp'),
    weights: { st: i64(10), en: i64(0), ax: i64(1), sp: i64(-2) },
  },
  {
    name: 'Slice of nothing, joined',
    opsets: ALL,
    shape: [5],
    nodes: [node('Slice', ['x', 'st', 'en', 'ax'], 'e'), node('Concat', ['e', 'x'], 'h', { axis: int(1) })],
    weights: { st: i64(3), en: i64(2), ax: i64(1) },
  },
  {
    name: 'Split by lengths',
    opsets: ALL,
    shape: [5],
    nodes: [
      node('Split', ['x', 'l'], ['p', 'q'], { axis: int(1) }),
      node('ReduceSum', ['p', 'a'], 's'),
      node('Mul', ['q', 's'], 'h'),
    ],
    weights: { l: i64(2, 3), a: i64(1) },
  },
  {
    name: 'Split equally',
    opsets: before(18),
    shape: [6],
    nodes: [
      node('Split', ['x'], ['p', 'q', 'r'], { axis: int(-1) }),
      node('Mul', ['p', 'q'], 's'),
      node('Add', ['s', 'r'], 'h'),
    ],
  },
  {
    name: 'Split into a number, the last shorter',
    opsets: from(18),
    shape: [5],
    nodes: [
      node('Split', ['x'], ['p', 'q'], { axis: int(1), num_outputs: int(2) }),
      node('Concat', ['q', 'p'], 'h', { axis: int(1) }),
    ],
  },
  {
    name: 'Gather one',
    opsets: ALL,
    shape: [3, 2],
    nodes: one('Gather', { axis: int(1) }, 'i'),
    weights: { i: tensor('int64', [], [-1]) },
  },
  {
    name: 'Gather several',
    opsets: ALL,
    shape: [5],
    nodes: one('Gather', { axis: int(1) }, 'i'),
    weights: { i: tensor('int64', [2, 3], [0, 2, 4, 4, 1, 1]) },
  },
  {
    name: 'Pad',
    opsets: ALL,
    shape: [2, 3],
    nodes: one('Pad', {}, 'p'),
    weights: { p: i64(0, 1, 0, 0, 2, 1) },
  },
  {
    name: 'Pad with a stated 0, taking elements away at one end',
    opsets: ALL,
    shape: [5],
    nodes: one('Pad', { mode: text('constant') }, 'p', 'v'),
    weights: { p: i64(0, -2, 0, 3), v: f32([], [0]) },
  },
  {
    name: 'Pad along listed axes',
    opsets: from(18),
    shape: [2, 3],
    nodes: [node('Pad', ['x', 'p', '', 'a'], 'h')],
    weights: { p: i64(1, 2, 0, 1), a: i64(-1, 1) },
  },
  { name: 'PRelu of channels', opsets: ALL, nodes: one('PRelu', {}, 'v'), weights: { v: V } },
  {
    name: 'PRelu of one slope',
    opsets: ALL,
    shape: [2, 3],
    nodes: one('PRelu', {}, 'v'),
    weights: { v: f32([1], [0.3]) },
  },
  {
    name: 'Constant of numbers',
    opsets: ALL,
    nodes: [node('Constant', [], 'k', { value_floats: floats(1, 2, 3, 4) }), node('Add', ['x', 'k'], 'h')],
  },
  {
    name: 'Constant tensor',
    opsets: ALL,
    nodes: [node('Constant', [], 'k', { value: held(V) }), node('Add', ['x', 'k'], 'h')],
  },
  {
    name: 'Scaler',
    opsets: [17],
    nodes: [node('ml.Scaler', ['x'], 'h', { offset: floats(1, 2, 3, 4), scale: floats(0.5, 1, 2, 4) })],
  },
  {
    name: 'Scaler of one number',
    opsets: [17],
    nodes: [node('ml.Scaler', ['x'], 'h', { offset: floats(1), scale: floats(0.5) })],
  },
];
