/**
 * @module test/onnx/cases/single
 *
 * Operators that have a file of their own in graph/onnx/import/operators.
 */
import type { Case } from './case.js';

export const SINGLE: Case[] = [];
