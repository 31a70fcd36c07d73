/**
 * @module rl/linear/matrix
 *
 * The few products that the linear-quadratic regulator needs, as rows of plain numbers.
 */
/** A matrix as a list of rows. */
export type Matrix = readonly (readonly number[])[];

/** Aᵀ. */
export const transposed = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));

/** A B. */
export const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, v, k) => sum + v * b[k][j], 0)));

/** a + factor·b. */
export const plus = (a: Matrix, b: Matrix, factor = 1): Matrix =>
  a.map((row, i) => row.map((v, j) => v + factor * b[i][j]));

/** factor·A. */
export const scaled = (a: Matrix, factor: number): Matrix => a.map((row) => row.map((v) => v * factor));

/** A B Aᵀ. */
export const sandwich = (a: Matrix, b: Matrix): Matrix => times(times(a, b), transposed(a));

/** tr(A B) for symmetric matrices. */
export const inner = (a: Matrix, b: Matrix): number =>
  a.reduce((sum, row, i) => sum + row.reduce((s, v, j) => s + v * b[i][j], 0), 0);

/** factor·I [n, n]. */
export const identity = (n: number, factor = 1): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? factor : 0)));

/** X with A X = B, by Gauss–Jordan with pivoting. */
export function solved(a: Matrix, b: Matrix): Matrix {
  const n = a.length;
  const rows = a.map((row, i) => [...row, ...b[i]]);
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
    [rows[k], rows[best]] = [rows[best], rows[k]];
    const pivot = rows[k][k];
    rows[k] = rows[k].map((v) => v / pivot);
    for (let i = 0; i < n; i++) {
      const factor = rows[i][k];
      if (i !== k) rows[i] = rows[i].map((v, j) => v - factor * rows[k][j]);
    }
  }
  return rows.map((row) => row.slice(n));
}
