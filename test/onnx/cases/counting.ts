/**
 * @module test/onnx/cases/counting
 *
 * Operators that shapes, masks and position tables are computed with, on the data and on known numbers.
 */
import { tensor } from '../../../src/core/tensor.js';
import type { OnnxNode } from '../../../src/graph/onnx/proto/index.js';
import { f32, float, i64, int, node } from '../builder.js';
import { ALL, type Case, from, map, one } from './case.js';

const bools = (...values: number[]) => tensor('bool', [values.length], values);
const bytes = (...values: number[]) => tensor('uint8', [values.length], values);
const rank0 = (value: number) => tensor('int64', [], [value]);

/** x ⊙ y, y of whole numbers or booleans. */
const times = (y: string): OnnxNode[] => [
  node('Cast', [y], 'factor', { to: int(1) }),
  node('Mul', ['x', 'factor'], 'h'),
];

/** A known tensor's use on x: [4] numbers as factors. */
const known = (name: string, opset: number, nodes: OnnxNode[], weights: Case['weights'] = {}): Case => ({
  name: `${name} of known numbers`,
  opsets: from(opset),
  nodes: [...nodes, ...times('k')],
  weights,
});

const cumulative = (attributes: Parameters<typeof one>[1]): Case => ({
  name: `CumSum ${JSON.stringify(Object.keys(attributes ?? {}))}`,
  opsets: from(14),
  nodes: one('CumSum', attributes, 'axis'),
  shape: [5, 3],
  weights: { axis: rank0(1) },
});

/** x₀, x₀x₁, x₀x₁x₂ along axis 1. */
const products: OnnxNode[] = [
  node('Split', ['x'], ['p0', 'p1', 'p2'], { axis: int(1), num_outputs: int(3) }),
  node('Mul', ['p0', 'p1'], 'p01'),
  node('Mul', ['p01', 'p2'], 'p012'),
];

export const COUNTING: Case[] = [
  {
    ...map('Swish', 24, (x) => x / (1 + Math.exp(-x))),
    instead: [node('Sigmoid', ['x'], 's'), node('Mul', ['x', 's'], 'h')],
  },
  {
    ...map('Swish', 24, (x) => x / (1 + Math.exp(-0.5 * x)), { alpha: float(0.5) }),
    weights: { half: f32([], [0.5]) },
    instead: [node('Mul', ['x', 'half'], 'z'), node('Sigmoid', ['z'], 's'), node('Mul', ['x', 's'], 'h')],
  },
  {
    name: 'SwiGLU',
    opsets: [27, 28],
    nodes: one('SwiGLU', { alpha: float(0.5) }, 'x'),
    closed: (x) => (x * x) / (1 + Math.exp(-0.5 * x)),
    weights: { half: f32([], [0.5]) },
    instead: [
      node('Mul', ['x', 'half'], 'z'),
      node('Sigmoid', ['z'], 's'),
      node('Mul', ['x', 's'], 'y'),
      node('Mul', ['x', 'y'], 'h'),
    ],
  },
  {
    name: 'Mod of floating-point numbers',
    opsets: ALL,
    nodes: one('Mod', { fmod: int(1) }, 'd'),
    weights: { d: f32([4], [0.7, -0.6, 0.75, -1]) },
  },
  {
    name: 'Mod of whole numbers among the data',
    opsets: ALL,
    nodes: [
      node('Cast', ['x'], 'i', { to: int(7) }),
      node('Mod', ['i', 'd'], 'm'),
      node('Mod', ['i', 'd'], 'f', { fmod: int(1) }),
      node('Mul', ['m', 'three'], 'm3'),
      node('Sub', ['m3', 'f'], 'c'),
      node('Cast', ['c'], 'h', { to: int(1) }),
    ],
    range: [-30, 30],
    weights: { d: i64(3, -4, 5, -7), three: i64(3) },
  },
  known('Mod', 13, [node('Mod', ['a', 'b'], 'k')], { a: i64(7, -7, 7, -7), b: i64(3, 3, -3, -3) }),
  known('Mod', 13, [node('Mod', ['a', 'b'], 'k', { fmod: int(1) })], {
    a: i64(7, -7, 7, -7),
    b: i64(3, 3, -3, -3),
  }),
  cumulative({}),
  cumulative({ exclusive: int(1) }),
  cumulative({ reverse: int(1) }),
  cumulative({ exclusive: int(1), reverse: int(1) }),
  {
    name: 'positions from a mask: CumSum of whole numbers among the data',
    opsets: from(14),
    shape: [6],
    nodes: [
      node('Greater', ['x', 'zero'], 'seen'),
      node('Cast', ['seen'], 'mask', { to: int(7) }),
      node('CumSum', ['mask', 'axis'], 'count'),
      node('Mul', ['count', 'mask'], 'position'),
      node('Cast', ['position'], 'h', { to: int(1) }),
    ],
    weights: { axis: tensor('int32', [], [1]), zero: f32([], [0]) },
  },
  known('CumSum', 14, [node('CumSum', ['a', 'axis'], 'k', { reverse: int(1) })], {
    a: i64(3, 1, 4, 1),
    axis: rank0(0),
  }),
  {
    name: 'CumProd',
    opsets: [26, 28],
    shape: [3, 2],
    nodes: one('CumProd', {}, 'axis'),
    weights: { axis: rank0(1) },
    instead: [...products, node('Concat', ['p0', 'p01', 'p012'], 'h', { axis: int(1) })],
  },
  {
    name: 'CumProd exclusive',
    opsets: [26, 28],
    shape: [3, 2],
    nodes: one('CumProd', { exclusive: int(1) }, 'axis'),
    weights: { axis: rank0(1) },
    instead: [
      ...products,
      node('Div', ['p0', 'p0'], 'unit'),
      node('Concat', ['unit', 'p0', 'p01'], 'h', { axis: int(1) }),
    ],
  },
  {
    name: 'Tile',
    opsets: ALL,
    shape: [1, 3],
    nodes: one('Tile', {}, 'r'),
    weights: { r: i64(1, 4, 2) },
  },
  {
    name: 'Tile of a row for each example',
    opsets: ALL,
    nodes: [
      node('Shape', ['x'], 's'),
      node('Slice', ['s', 'zero', 'one'], 'n'),
      node('Concat', ['n', 'one'], 'r', { axis: int(0) }),
      node('Tile', ['row', 'r'], 'rows'),
      node('Concat', ['x', 'rows'], 'h', { axis: int(1) }),
    ],
    weights: { zero: i64(0), one: i64(1), row: f32([1, 3], [1, 2, 3]) },
  },
  known('Tile', 13, [node('Tile', ['a', 'r'], 'k')], { a: i64(3, 1), r: i64(2) }),
  { name: 'Trilu', opsets: from(14), shape: [3, 4], nodes: one('Trilu') },
  {
    name: 'Trilu, the lower triangle with a diagonal',
    opsets: from(14),
    shape: [3, 4],
    nodes: one('Trilu', { upper: int(0) }, 'k'),
    weights: { k: rank0(-1) },
  },
  {
    name: 'a causal mask from Trilu',
    opsets: from(15),
    shape: [4, 4],
    nodes: [
      node('Shape', ['x'], 's', { start: int(1) }),
      node('ConstantOfShape', ['s'], 'ones', { value: { type: 'tensor', value: { ...i64(1), name: '' } } }),
      node('Trilu', ['ones', 'k'], 'future'),
      node('Cast', ['future'], 'hidden', { to: int(9) }),
      node('Where', ['hidden', 'low', 'x'], 'masked'),
      node('Softmax', ['masked'], 'h', { axis: int(-1) }),
    ],
    weights: { k: rank0(1), low: f32([], [-Infinity]) },
  },
  {
    name: 'EyeLike',
    opsets: ALL,
    shape: [2],
    nodes: [
      node('EyeLike', ['like'], 'eye', { dtype: int(1), k: int(1) }),
      node('MatMul', ['x', 'eye'], 'h'),
    ],
    weights: { like: tensor('int64', [2, 3], [0, 0, 0, 0, 0, 0]) },
  },
  known('NonZero', 13, [node('NonZero', ['a'], 'n'), node('Squeeze', ['n'], 'k')], {
    a: i64(0, 3, -1, 0, 2, 0, 7),
  }),
  known(
    'Round',
    13,
    [
      node('Cast', ['a'], 'f', { to: int(1) }),
      node('Constant', [], 'two', { value_float: float(2) }),
      node('Div', ['f', 'two'], 'half'),
      node('Round', ['half'], 'round'),
      node('Floor', ['half'], 'floor'),
      node('Ceil', ['half'], 'ceil'),
      node('Sum', ['round', 'floor', 'ceil'], 'k'),
    ],
    { a: i64(1, 3, -5, 7) },
  ),
  known('BitwiseAnd', 18, [node('BitwiseAnd', ['a', 'b'], 'k')], {
    a: i64(12, -5, 7, 255),
    b: i64(10, 6, -8, 15),
  }),
  known('BitwiseOr', 18, [node('BitwiseOr', ['a', 'b'], 'k')], {
    a: i64(12, -5, 7, 255),
    b: i64(10, 6, -8, 15),
  }),
  known('BitwiseXor', 18, [node('BitwiseXor', ['a', 'b'], 'k')], {
    a: i64(12, -5, 7, 255),
    b: i64(10, 6, -8, 15),
  }),
  known('BitwiseNot', 18, [node('BitwiseNot', ['a'], 'k')], { a: i64(12, -5, 7, 255) }),
  known('BitwiseNot of bytes', 18, [node('BitwiseNot', ['a'], 'k')], { a: bytes(12, 0, 7, 255) }),
  known(
    'BitShift',
    13,
    [node('BitShift', ['a', 'b'], 'k', { direction: { type: 'string', value: 'LEFT' } })],
    {
      a: bytes(12, 200, 7, 255),
      b: bytes(1, 2, 0, 7),
    },
  ),
  known(
    'BitShift',
    13,
    [node('BitShift', ['a', 'b'], 'k', { direction: { type: 'string', value: 'RIGHT' } })],
    {
      a: bytes(12, 200, 7, 255),
      b: bytes(1, 2, 0, 7),
    },
  ),
  known('Xor', 13, [node('Xor', ['a', 'b'], 'k')], { a: bools(0, 1, 0, 1), b: bools(0, 0, 1, 1) }),
  {
    name: 'IsNaN',
    opsets: ALL,
    nodes: [node('Log', ['x'], 'l'), node('IsNaN', ['l'], 'n'), node('Where', ['n', 'x', 'l'], 'h')],
  },
  {
    name: 'IsInf',
    opsets: from(20),
    nodes: [
      node('Sub', ['x', 'x'], 'zero'),
      node('Div', ['x', 'zero'], 'o'),
      node('IsInf', ['o'], 'both'),
      node('IsInf', ['o'], 'up', { detect_negative: int(0) }),
      node('IsInf', ['o'], 'down', { detect_positive: int(0) }),
      node('Where', ['both', 'x', 'one'], 'a'),
      node('Where', ['up', 'a', 'two'], 'd'),
      node('Where', ['down', 'd', 'three'], 'h'),
    ],
    weights: {
      one: f32([], [1]),
      two: f32([], [2]),
      three: f32([], [3]),
    },
  },
  ...(['HannWindow', 'HammingWindow', 'BlackmanWindow'] as const).flatMap((op) =>
    [0, 1].map((periodic): Case => ({
      name: `${op}, periodic ${periodic}`,
      opsets: from(17),
      nodes: [node(op, ['size'], 'w', { periodic: int(periodic) }), node('Mul', ['x', 'w'], 'h')],
      weights: { size: rank0(4) },
    })),
  ),
  ...(['ReduceMean', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp'] as const).map(
    (op): Case => ({
      name: `${op} of known numbers`,
      opsets: from(18),
      nodes: [
        node('Shape', ['x'], 's', { start: int(1) }),
        node('Cast', ['s'], 'f', { to: int(1) }),
        node(op, ['f'], 'r'),
        node('Mul', ['x', 'r'], 'h'),
      ],
      shape: [2, 3],
    }),
  ),
];
