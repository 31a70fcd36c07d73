/**
 * @module test/onnx/cases/shapes
 *
 * Shapes that a graph computes, as exporters write them.
 */
import { tensor } from '../../../src/core/tensor.js';
import { f32, held, i64, int, node } from '../builder.js';
import { ALL, type Case, from, W } from './case.js';

export const SHAPED: Case[] = [
  {
    name: 'x.view(x.size(0), -1)',
    opsets: ALL,
    shape: [2, 3],
    nodes: [
      node('Shape', ['x'], 's'),
      node('Constant', [], 'zero', { value_int: int(0) }),
      node('Gather', ['s', 'zero'], 'n'),
      node('Unsqueeze', ['n', 'ax'], 'n1'),
      node('Concat', ['n1', 'rest'], 't', { axis: int(0) }),
      node('Reshape', ['x', 't'], 'h'),
    ],
    weights: { ax: i64(0), rest: i64(-1) },
  },
  {
    name: 'a dense layer on tokens, with the shape computed',
    opsets: ALL,
    shape: [2, 4],
    nodes: [
      node('Shape', ['x'], 's'),
      node('Cast', ['s'], 's32', { to: int(6) }),
      node('Slice', ['s32', 'st', 'en'], 'lead'),
      node('ReduceProd', ['lead'], 'count', { keepdims: int(1) }),
      node('Cast', ['count'], 'c64', { to: int(7) }),
      node('Concat', ['c64', 'four'], 'flat', { axis: int(0) }),
      node('Reshape', ['x', 'flat'], 'rows'),
      node('MatMul', ['rows', 'w'], 'y'),
      node('Cast', ['lead'], 'lead64', { to: int(7) }),
      node('Concat', ['lead64', 'three'], 'back', { axis: int(0) }),
      node('Reshape', ['y', 'back'], 'h'),
    ],
    weights: { st: i64(0), en: i64(2), four: i64(4), three: i64(3), w: W },
  },
  {
    name: 'Expand to the batch',
    opsets: ALL,
    shape: [3],
    nodes: [
      node('Shape', ['x'], 's'),
      node('Slice', ['s', 'z', 'o'], 'n'),
      node('Concat', ['n', 'two'], 't', { axis: int(0) }),
      node('Expand', ['v', 't'], 'e'),
      node('Concat', ['x', 'e'], 'h', { axis: int(1) }),
    ],
    weights: { z: i64(0), o: i64(1), two: i64(2), v: f32([1, 2], [5, 6]) },
  },
  {
    name: 'a column of ones from ConstantOfShape',
    opsets: ALL,
    shape: [3],
    nodes: [
      node('Shape', ['x'], 's'),
      node('Gather', ['s', 'z'], 'n'),
      node('Concat', ['n', 'o'], 't', { axis: int(0) }),
      node('ConstantOfShape', ['t'], 'e', { value: held(f32([1], [1])) }),
      node('Concat', ['x', 'e'], 'h', { axis: int(1) }),
    ],
    weights: { z: i64(0), o: i64(1) },
  },
  {
    name: "PyTorch's expand, with its Where",
    opsets: ALL,
    shape: [1, 3],
    nodes: [
      node('ConstantOfShape', ['len'], 'ones', { value: held(i64(1)) }),
      node('Mul', ['ones', 'minus'], 'neg'),
      node('Equal', ['want', 'neg'], 'eq'),
      node('Where', ['eq', 'ones', 'want'], 't'),
      node('Expand', ['x', 't'], 'h'),
    ],
    weights: { len: i64(3), minus: i64(-1), want: i64(-1, 2, -1) },
  },
  {
    name: 'Range, Size, Floor and integer arithmetic',
    opsets: ALL,
    shape: [2, 3],
    nodes: [
      node('Size', ['x'], 'sz'),
      node('Div', ['sz', 'six'], 'n'),
      node('Unsqueeze', ['n', 'ax'], 'n1'),
      node('Range', ['lo', 'hi', 'step'], 'r'),
      node('Slice', ['r', 'one', 'two'], 'three'),
      node('Concat', ['n1', 'three', 'two'], 't', { axis: int(0) }),
      node('Reshape', ['x', 't'], 'h'),
    ],
    weights: {
      six: tensor('int64', [], [6]),
      ax: i64(0),
      lo: tensor('int64', [], [1]),
      hi: tensor('int64', [], [7]),
      step: tensor('int64', [], [2]),
      one: i64(1),
      two: i64(2),
    },
  },
  {
    name: 'part of a shape',
    opsets: from(15),
    shape: [2, 3],
    nodes: [
      node('Shape', ['x'], 's', { start: int(-1), end: int(3) }),
      node('Shape', ['x'], 'n', { end: int(1) }),
      node('Max', ['two', 's'], 'm'),
      node('Concat', ['n', 'm', 'two'], 't', { axis: int(0) }),
      node('Reshape', ['x', 't'], 'h'),
    ],
    weights: { two: i64(2) },
  },
  {
    name: 'a scale from a size',
    opsets: ALL,
    shape: [2, 3],
    nodes: [
      node('Shape', ['x'], 's'),
      node('Gather', ['s', 'last'], 'd'),
      node('Cast', ['d'], 'f', { to: int(1) }),
      node('Sqrt', ['f'], 'q'),
      node('Div', ['x', 'q'], 'h'),
    ],
    weights: { last: tensor('int64', [], [-1]) },
    closed: (x) => x / Math.sqrt(3),
  },
];
