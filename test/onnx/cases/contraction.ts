/**
 * @module test/onnx/cases/contraction
 *
 * Matrix products, normalisations and reductions.
 */
import { f32, float, i64, int, ints, node } from '../builder.js';
import { ALL, before, type Case, from, one, V, W } from './case.js';

export const MATRIX: Case[] = [
  { name: 'MatMul', opsets: ALL, nodes: one('MatMul', {}, 'w'), weights: { w: W } },
  { name: 'MatMul with a vector', opsets: ALL, nodes: one('MatMul', {}, 'v'), weights: { v: V } },
  {
    name: 'MatMul of a vector',
    opsets: ALL,
    shape: [4, 2],
    nodes: [node('MatMul', ['v', 'x'], 'h')],
    weights: { v: V },
  },
  { name: 'MatMul of tokens', opsets: ALL, shape: [2, 4], nodes: one('MatMul', {}, 'w'), weights: { w: W } },
  {
    name: 'MatMul from the left',
    opsets: ALL,
    shape: [4, 2],
    nodes: [node('Transpose', ['w'], 'wt'), node('MatMul', ['wt', 'x'], 'h')],
    weights: { w: W },
  },
  {
    name: 'Gemm',
    opsets: ALL,
    nodes: one('Gemm', {}, 'w', 'b'),
    weights: { w: W, b: f32([3], [1, -1, 0.5]) },
  },
  { name: 'Gemm without C', opsets: ALL, nodes: one('Gemm', { alpha: float(0.5) }, 'w'), weights: { w: W } },
  {
    name: 'Gemm transB, alpha, beta',
    opsets: ALL,
    nodes: one('Gemm', { transB: int(1), alpha: float(0.5), beta: float(2) }, 'w', 'b'),
    weights: { w: f32([3, 4], [...W.data] as number[]), b: f32([1, 3], [1, -1, 0.5]) },
  },
  {
    name: 'Gemm with a scalar C',
    opsets: ALL,
    nodes: one('Gemm', { beta: float(0.25) }, 'w', 'b'),
    weights: { w: W, b: f32([], [3]) },
  },
  {
    name: 'Gemm transA',
    opsets: ALL,
    nodes: [node('Transpose', ['x'], 't'), node('Gemm', ['t', 'w', 'b'], 'h', { transA: int(1) })],
    weights: { w: W, b: f32([3], [1, -1, 0.5]) },
  },
  {
    name: 'Gemm with data on the right',
    opsets: ALL,
    nodes: [node('Gemm', ['w', 'x'], 't', { transA: int(1), transB: int(1) }), node('Transpose', ['t'], 'h')],
    weights: { w: W },
  },
];

export const NORMS: Case[] = [
  { name: 'Softmax', opsets: ALL, shape: [2, 4], nodes: one('Softmax') },
  { name: 'Softmax axis 1', opsets: ALL, shape: [2, 4], nodes: one('Softmax', { axis: int(1) }) },
  { name: 'LogSoftmax', opsets: ALL, shape: [2, 4], nodes: one('LogSoftmax') },
  { name: 'LogSoftmax axis -2', opsets: ALL, shape: [2, 4], nodes: one('LogSoftmax', { axis: int(-2) }) },
  {
    name: 'BatchNormalization',
    opsets: ALL,
    nodes: one('BatchNormalization', { epsilon: float(0.01) }, 's', 'b', 'm', 'q'),
    weights: {
      s: V,
      b: f32([4], [1, 2, 3, 4]),
      m: f32([4], [0.1, 0.2, 0.3, 0.4]),
      q: f32([4], [1, 2, 0.5, 0.25]),
    },
  },
  {
    name: 'BatchNormalization of channels',
    opsets: ALL,
    shape: [4, 2, 2],
    nodes: one('BatchNormalization', {}, 's', 'b', 'm', 'q'),
    weights: {
      s: V,
      b: f32([4], [1, 2, 3, 4]),
      m: f32([4], [0.1, 0.2, 0.3, 0.4]),
      q: f32([4], [1, 2, 0.5, 0.25]),
    },
  },
  {
    name: 'LayerNormalization',
    opsets: from(17),
    nodes: one('LayerNormalization', { epsilon: float(0.01) }, 's', 'b'),
    weights: { s: V, b: f32([4], [1, 2, 3, 4]) },
  },
  {
    name: 'LayerNormalization over two axes',
    opsets: from(17),
    shape: [2, 2],
    nodes: [
      node('LayerNormalization', ['x', 's'], ['y', 'mean', 'inv'], { axis: int(1) }),
      node('Add', ['y', 'mean'], 'z'),
      node('Mul', ['z', 'inv'], 'h'),
    ],
    weights: { s: f32([2, 2], [1, 2, 3, 4]) },
  },
];

const REDUCE = [
  'ReduceSum',
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceProd',
  'ReduceL1',
  'ReduceL2',
  'ReduceSumSquare',
  'ReduceLogSum',
  'ReduceLogSumExp',
];
export const REDUCTIONS: Case[] = REDUCE.flatMap((op): Case[] => {
  const range: [number, number] = op === 'ReduceLogSum' ? [0.1, 2] : [-2, 2];
  const shape = [2, 3];
  return [
    ...(op === 'ReduceSum'
      ? []
      : [
          {
            name: `${op} by attribute`,
            opsets: before(18),
            shape,
            range,
            nodes: one(op, { axes: ints(2), keepdims: int(0) }),
          },
          {
            name: `${op} of two axes by attribute`,
            opsets: before(18),
            shape,
            range,
            nodes: one(op, { axes: ints(-1, 1) }),
          },
        ]),
    {
      name: `${op} by operand`,
      opsets: op === 'ReduceSum' ? ALL : from(18),
      shape,
      range,
      nodes: one(op, { keepdims: int(0) }, 'a'),
      weights: { a: i64(-1) },
    },
    {
      name: `${op} of two axes by operand`,
      opsets: op === 'ReduceSum' ? ALL : from(18),
      shape,
      range,
      nodes: one(op, {}, 'a'),
      weights: { a: i64(1, 2) },
    },
  ];
});
export const NOOP: Case[] = ['ReduceSum', 'ReduceMean', 'ReduceMax'].map((op) => ({
  name: `${op} without axes as the identity`,
  opsets: op === 'ReduceSum' ? ALL : from(18),
  nodes: one(op, { noop_with_empty_axes: int(1) }),
  closed: (x: number) => x,
}));
