/**
 * @module linalg/check
 *
 * The one complaint about sizes, and what goes in and out of kernel memory.
 */
import { FimError } from '../core/errors.js';
import type { Part } from './blocks.js';

/** Throws `linalg/shape` unless `array` is a matrix of `rows` × `columns`. */
export function checkMatrix(where: string, array: Float64Array, rows: number, columns: number): void {
  const sizes = [rows, columns];
  if (sizes.every((s) => Number.isSafeInteger(s) && s >= 0) && array.length === rows * columns) return;
  throw new FimError({
    code: 'linalg/shape',
    kind: 'usage',
    where,
    rule: `a matrix of ${rows} × ${columns}, row by row, has ${rows * columns} elements`,
    got: `${array.length} elements`,
    next: 'new Float64Array(rows * columns), or subarray(0, rows * columns) of a larger room',
  });
}

/** Copies a matrix [rows, columns] into kernel memory. */
export function copyIn(
  data: Float64Array,
  to: Part,
  from: Float64Array,
  rows: number,
  columns: number,
): void {
  for (let i = 0; i < rows; i++) data.set(from.subarray(i * columns, (i + 1) * columns), to.at + i * to.ld);
}

/** Copies a matrix [rows, columns] out of kernel memory. */
export function copyOut(
  to: Float64Array,
  data: Float64Array,
  from: Part,
  rows: number,
  columns: number,
): void {
  for (let i = 0; i < rows; i++) {
    const at = from.at + i * from.ld;
    to.set(data.subarray(at, at + columns), i * columns);
  }
}

/** As copyIn of the lower triangle of a square matrix, with zeros above. */
export function copyLowerIn(data: Float64Array, to: Part, from: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const at = to.at + i * to.ld;
    data.set(from.subarray(i * n, i * n + i + 1), at);
    data.fill(0, at + i + 1, at + n);
  }
}

/** Upper triangle ← lower triangle. */
export function mirror(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
}
