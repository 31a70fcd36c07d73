/**
 * @module test/onnx/cases/single
 *
 * Operators that have a file of their own in graph/onnx/import/operators.
 */
import { ALL, type Case, one } from './case.js';

export const SINGLE: Case[] = [
  { name: 'GlobalAveragePool', opsets: ALL, nodes: one('GlobalAveragePool'), shape: [3, 5] },
  { name: 'GlobalAveragePool of images', opsets: ALL, nodes: one('GlobalAveragePool'), shape: [2, 3, 4] },
];
