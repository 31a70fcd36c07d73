/**
 * @module test/onnx/cases/single
 *
 * Operators that have a file of their own in graph/onnx/import/operators.
 */
import { i64, int, node } from '../builder.js';
import { ALL, type Case, one, W } from './case.js';

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
];
