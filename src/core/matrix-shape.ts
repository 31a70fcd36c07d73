/**
 * @module core/matrix-shape
 *
 * The rows and columns that a tensor of any shape is read as: a matrix as it is, an axis alone as one column, of more axes the first
 * longer than 1 against all that follow it ([out, in, height, width] of a convolution as [out, in·height·width]).
 */
import { sizeOf } from './tensor.js';

/** Rows and columns, row-major: entry i is in row ⌊i / columns⌋ and column i mod columns. */
export function matrixShape(shape: readonly number[]): readonly [rows: number, columns: number] {
  if (shape.length === 2) return [shape[0], shape[1]];
  const long = shape.findIndex((d) => d !== 1);
  const rows = long < 0 ? 1 : shape[long];
  return [rows, long < 0 ? 1 : sizeOf(shape.slice(long + 1))];
}
