/**
 * @module test/onnx/cases/single
 *
 * Operators that have a file of their own in graph/onnx/import/operators.
 */
import { tensor } from '../../../src/core/tensor.js';
import { float, i64, int, ints, node } from '../builder.js';
import { ALL, type Case, from, one, W } from './case.js';

/** Whole numbers of x as ids: rounded towards zero, −3 … 3. */
const ids = node('Cast', ['x'], 'i', { to: int(7) });

export const SINGLE: Case[] = [
  { name: 'GlobalAveragePool', opsets: ALL, nodes: one('GlobalAveragePool'), shape: [3, 5] },
  { name: 'GlobalAveragePool of images', opsets: ALL, nodes: one('GlobalAveragePool'), shape: [2, 3, 4] },
  {
    name: 'Gather of a table by ids',
    opsets: ALL,
    nodes: [ids, node('Gather', ['w', 'i'], 'h')],
    shape: [5],
    range: [-3.9, 3.9],
    weights: { w: W },
  },
  {
    name: 'Gather of columns by ids in int32, on the second axis',
    opsets: ALL,
    nodes: [
      node('Cast', ['x'], 'i', { to: int(6) }),
      node('Transpose', ['w'], 'v'),
      node('Gather', ['v', 'i'], 'h', { axis: int(1) }),
    ],
    shape: [2, 2],
    range: [-3.9, 3.9],
    weights: { w: W },
  },
  {
    name: 'Gather of rows in no order',
    opsets: ALL,
    nodes: one('Gather', { axis: int(1) }, 'i'),
    shape: [6, 2],
    weights: { i: i64(5, 0, 3, -1, 4, 0, 2, 5, 1, 1, 0, 3) },
  },
  ...[
    { name: 'Shrink', attributes: {} },
    { name: 'Shrink by a bias', attributes: { lambd: float(0.75), bias: float(0.5) } },
  ].map(({ name, attributes }): Case => ({ name, opsets: ALL, nodes: one('Shrink', attributes) })),
  {
    name: 'Compress of an axis',
    opsets: ALL,
    nodes: one('Compress', { axis: int(-2) }, 'k'),
    shape: [5, 2],
    weights: { k: tensor('bool', [4], [0, 1, 1, 1]) },
  },
  {
    name: 'Compress of weights in a row',
    opsets: ALL,
    nodes: [node('Compress', ['w', 'k'], 'v'), node('MatMul', ['x', 'v'], 'h')],
    weights: { w: W, k: tensor('bool', [7], [1, 0, 1, 0, 0, 1, 1]) },
  },
  {
    name: 'CenterCropPad of every axis but the examples',
    opsets: from(18),
    nodes: [
      node('Shape', ['x'], 'n', { end: int(1) }),
      node('Concat', ['n', 'to'], 's', { axis: int(0) }),
      node('CenterCropPad', ['x', 's'], 'h'),
    ],
    shape: [5, 4, 3],
    weights: { to: i64(2, 7, 3) },
  },
  {
    name: 'CenterCropPad of some axes',
    opsets: from(18),
    nodes: one('CenterCropPad', { axes: ints(-1, 1) }, 's'),
    shape: [3, 2, 6],
    weights: { s: i64(3, 6) },
  },
  ...[
    { name: 'of a real signal', shape: [6, 1], n: null, attributes: {} },
    { name: 'one-sided', shape: [7, 1], n: null, attributes: { onesided: int(1) } },
    { name: 'cut short', shape: [6, 1], n: 4, attributes: { onesided: int(1) } },
    { name: 'padded', shape: [5, 2], n: 8, attributes: {} },
  ].map(({ name, shape, n, attributes }): Case => ({
    name: `DFT ${name}`,
    opsets: from(17),
    nodes: one('DFT', attributes, ...(n === null ? [] : ['n'])),
    shape,
    weights: n === null ? {} : { n: tensor('int64', [], [n]) },
  })),
  {
    name: 'DFT along an axis by an attribute',
    opsets: from(17).filter((o) => o < 20),
    nodes: one('DFT', { axis: int(2) }),
    shape: [2, 4, 3, 2],
  },
  {
    name: 'DFT along an axis by an operand',
    opsets: from(20),
    nodes: one('DFT', {}, '', 'a'),
    shape: [2, 4, 3, 2],
    weights: { a: tensor('int64', [], [2]) },
  },
];
