/**
 * @module test/onnx/cases/elementwise
 *
 * Elementwise operators, each with its closed form.
 */
import { erf, sigmoid, softplus } from '../../../src/core/numeric.js';
import { tensor } from '../../../src/core/tensor.js';
import { operatorOf } from '../../../src/graph/registry.js';
import { MAPS } from '../../graph/maps.js';
import { f32, float, int, node, text } from '../builder.js';
import { ALL, type Case, from, map, one, r } from './case.js';

const elu = (x: number, a: number): number => (x > 0 ? x : a * Math.expm1(x));
const clamp = (x: number, lo: number, hi: number): number => Math.min(hi, Math.max(lo, x));
const gelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2));
const geluTanh = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

export const ELEMENTWISE: Case[] = [
  ...Object.entries(MAPS).map(([op, { range, opset = 13 }]): Case => ({
    name: op,
    opsets: from(opset),
    nodes: one(op),
    range,
    closed: (x) => operatorOf(op).elementwise!.of(x, 0, 0),
  })),
  map('Neg', 13, (x) => -x),
  map('Abs', 13, Math.abs),
  map('Sign', 13, Math.sign),
  map('Exp', 13, Math.exp),
  map('Log', 13, Math.log, {}, [0.1, 3]),
  map('Sqrt', 13, Math.sqrt, {}, [0.1, 3]),
  map('Reciprocal', 13, (x) => 1 / x, {}, [0.5, 2]),
  map('Erf', 13, erf),
  map('Tanh', 13, Math.tanh),
  map('Sigmoid', 13, sigmoid),
  map('Relu', 13, (x) => Math.max(x, 0)),
  map('Softplus', 13, softplus),
  map('Softplus', 13, softplus, {}, [-90, 90]),
  map('Softsign', 13, (x) => x / (1 + Math.abs(x))),
  map('LeakyRelu', 13, (x) => (x > 0 ? x : r(0.01) * x)),
  map('LeakyRelu', 13, (x) => (x > 0 ? x : 0.25 * x), { alpha: float(0.25) }),
  map('Elu', 13, (x) => elu(x, 1), {}, [-40, 40]),
  map('Elu', 13, (x) => elu(x, 1.5), { alpha: float(1.5) }),
  map('Selu', 13, (x) => r(1.0507009873554805) * elu(x, r(1.6732632423543772))),
  map('Selu', 13, (x) => 2 * elu(x, 1.25), { alpha: float(1.25), gamma: float(2) }),
  map('Celu', 13, (x) => (x > 0 ? x : 1.5 * Math.expm1(x / 1.5)), { alpha: float(1.5) }),
  map('HardSigmoid', 13, (x) => clamp(r(0.2) * x + 0.5, 0, 1), {}, [-4, 4]),
  map(
    'HardSigmoid',
    13,
    (x) => clamp(0.25 * x + 0.375, 0, 1),
    { alpha: float(0.25), beta: float(0.375) },
    [-4, 4],
  ),
  map('HardSwish', 14, (x) => x * clamp(x / 6 + 0.5, 0, 1), {}, [-5, 5]),
  map('ThresholdedRelu', 13, (x) => (x > 1 ? x : 0)),
  map('ThresholdedRelu', 13, (x) => (x > 0.5 ? x : 0), { alpha: float(0.5) }),
  map('Mish', 18, (x) => x * Math.tanh(softplus(x))),
  map('Gelu', 20, gelu),
  map('Gelu', 20, geluTanh, { approximate: text('tanh') }),
  map('Identity', 13, (x) => x),
  {
    name: 'Clip both',
    opsets: ALL,
    nodes: one('Clip', {}, 'lo', 'hi'),
    weights: { lo: f32([], [-0.5]), hi: f32([], [1]) },
    closed: (x) => clamp(x, -0.5, 1),
  },
  {
    name: 'Clip below',
    opsets: ALL,
    nodes: one('Clip', {}, 'lo'),
    weights: { lo: f32([], [-0.5]) },
    closed: (x) => Math.max(x, -0.5),
  },
  {
    name: 'Clip above',
    opsets: ALL,
    nodes: one('Clip', {}, '', 'hi'),
    weights: { hi: f32([], [1]) },
    closed: (x) => Math.min(x, 1),
  },
  { name: 'Clip nowhere', opsets: ALL, nodes: one('Clip'), closed: (x) => x },
  {
    name: 'Dropout',
    opsets: ALL,
    nodes: one('Dropout', {}, 'ratio'),
    weights: { ratio: f32([], [0.5]) },
    closed: (x) => x,
  },
  ...[1, 2, 3, 0.5, -0.5, -1, 2.5].map((p): Case => ({
    name: `Pow ${p}`,
    opsets: [13, 15],
    nodes: one('Pow', {}, 'p'),
    weights: { p: f32(p === 2 ? [1] : [], [p]) },
    range: [0.25, 2],
    closed: (x) => x ** p,
  })),
  {
    name: 'Pow with an integer exponent',
    opsets: [13, 15],
    nodes: one('Pow', {}, 'p'),
    weights: { p: tensor('int64', [], [3]) },
    closed: (x) => x ** 3,
  },
  {
    name: 'Sub',
    opsets: ALL,
    nodes: [node('Sub', ['v', 'x'], 'h')],
    weights: { v: f32([], [0.5]) },
    closed: (x) => 0.5 - x,
  },
  {
    name: 'Sum',
    opsets: ALL,
    nodes: [node('Sum', ['x', 'v', 'x'], 'h')],
    weights: { v: f32([], [0.5]) },
    closed: (x) => 2 * x + 0.5,
  },
  {
    name: 'Mean',
    opsets: ALL,
    nodes: [node('Mean', ['x', 'v', 'x'], 'h')],
    weights: { v: f32([], [0.5]) },
    closed: (x) => (2 * x + 0.5) / 3,
  },
  {
    name: 'Max',
    opsets: ALL,
    nodes: [node('Neg', ['x'], 'm'), node('Max', ['x', 'v', 'm'], 'h')],
    weights: { v: f32([], [0.5]) },
    closed: (x) => Math.max(x, 0.5, -x),
  },
  {
    name: 'Min',
    opsets: ALL,
    nodes: [node('Neg', ['x'], 'm'), node('Min', ['x', 'v', 'm'], 'h')],
    weights: { v: f32([], [0.5]) },
    closed: (x) => Math.min(x, 0.5, -x),
  },
  {
    name: 'Swish written out',
    opsets: ALL,
    nodes: [node('Sigmoid', ['x'], 's'), node('Mul', ['x', 's'], 'h')],
    closed: (x) => x * sigmoid(x),
  },
  {
    name: 'Where and comparisons',
    opsets: ALL,
    nodes: [
      node('Greater', ['x', 'a'], 'g'),
      node('LessOrEqual', ['x', 'b'], 'l'),
      node('And', ['g', 'l'], 'in'),
      node('Less', ['x', 'a'], 's'),
      node('Not', ['in'], 'out'),
      node('Or', ['in', 's'], 'o'),
      node('Xor', ['o', 'out'], 'z'),
      node('Cast', ['z'], 'zf', { to: int(1) }),
      node('Where', ['in', 'x', 'a'], 'w'),
      node('Add', ['w', 'zf'], 'h'),
    ],
    weights: { a: f32([], [-0.5]), b: f32([], [0.75]) },
    closed: (x) => {
      const inside = x > -0.5 && x <= 0.75;
      return (inside ? x : -0.5) + +((inside || x < -0.5) !== !inside);
    },
  },
  {
    name: 'GreaterOrEqual and Equal',
    opsets: ALL,
    nodes: [
      node('Sign', ['x'], 's'),
      node('Equal', ['s', 'a'], 'e'),
      node('GreaterOrEqual', ['x', 'b'], 'g'),
      node('Where', ['e', 'x', 'b'], 'w'),
      node('Where', ['g', 'w', 'a'], 'h'),
    ],
    weights: { a: f32([], [1]), b: f32([], [-0.25]) },
    steps: ['a'],
    closed: (x) => (x >= -0.25 ? (x > 0 ? x : -0.25) : 1),
  },
  {
    name: 'CastLike',
    opsets: from(15),
    nodes: [node('Cast', ['x'], 'i', { to: int(7) }), node('CastLike', ['i', 'x'], 'h')],
    range: [-9, 9],
    closed: Math.trunc,
  },
  {
    name: 'Constant, one number',
    opsets: ALL,
    nodes: [node('Constant', [], 'k', { value_float: float(1.5) }), node('Mul', ['x', 'k'], 'h')],
    closed: (x) => 1.5 * x,
  },
  {
    name: 'Constant, integers and casts',
    opsets: ALL,
    nodes: [
      node('Constant', [], 'k', { value_int: int(3) }),
      node('Cast', ['k'], 'f', { to: int(1) }),
      node('Div', ['x', 'f'], 'h'),
    ],
    closed: (x) => x / 3,
  },
  {
    name: 'scalars folded',
    opsets: ALL,
    nodes: [node('Sqrt', ['two'], 'q'), node('Div', ['x', 'q'], 'h')],
    weights: { two: f32([], [2]) },
    closed: (x) => x / Math.SQRT2,
  },
];
