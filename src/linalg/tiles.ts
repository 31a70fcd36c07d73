/**
 * @module linalg/tiles
 *
 * The ends of every recursion here: a triangular tile of a few rows, in plain loops, by substitution and never by an explicit inverse, so
 * what is built of them keeps its backward stability (Higham, Accuracy and Stability, 2nd ed., thm 8.5 and §14.2). All in place; a matrix
 * is an array, the index of its first element and its leading dimension `ld`.
 */
import { FimError } from '../core/errors.js';

/** Rows of a tile. */
export const TILE = 16;

/**
 * Lower triangle of A [n, n] ← L with LLᵀ = A. `first`: number of its first pivot in the whole matrix.
 * Throws `linalg/not-positive-definite`.
 */
export function factorTile(d: Float64Array, at: number, ld: number, n: number, first: number): void {
  for (let i = 0; i < n; i++) {
    const row = at + i * ld;
    for (let j = 0, other = at; j < i; j++, other += ld) {
      let sum = d[row + j];
      for (let k = 0; k < j; k++) sum -= d[row + k] * d[other + k];
      d[row + j] = sum / d[other + j];
    }
    let pivot = d[row + i];
    for (let k = 0; k < i; k++) pivot -= d[row + k] * d[row + k];
    if (!(pivot > 0) || pivot === Infinity) throw notPositive(first + i, pivot);
    d[row + i] = Math.sqrt(pivot);
  }
}

function notPositive(pivot: number, value: number): FimError {
  return new FimError({
    code: 'linalg/not-positive-definite',
    where: `Cholesky factor, pivot ${pivot}`,
    rule: 'a symmetric positive definite matrix has pivots above 0',
    got: String(value),
    cause:
      'a singular or indefinite matrix, damping too small for its rounding, or numbers that are not finite',
    next: 'raise the damping',
  });
}

/** X [m, n] ← X L⁻ᵀ: row by row, four rows at a time. */
export function solveRightTile(
  d: Float64Array,
  x: number,
  ldx: number,
  m: number,
  l: number,
  ldl: number,
  n: number,
): void {
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    const r0 = x + i * ldx;
    const r1 = r0 + ldx;
    const r2 = r1 + ldx;
    const r3 = r2 + ldx;
    for (let j = 0, row = l; j < n; j++, row += ldl) {
      let s0 = d[r0 + j];
      let s1 = d[r1 + j];
      let s2 = d[r2 + j];
      let s3 = d[r3 + j];
      for (let k = 0; k < j; k++) {
        const v = d[row + k];
        s0 -= d[r0 + k] * v;
        s1 -= d[r1 + k] * v;
        s2 -= d[r2 + k] * v;
        s3 -= d[r3 + k] * v;
      }
      const pivot = d[row + j];
      d[r0 + j] = s0 / pivot;
      d[r1 + j] = s1 / pivot;
      d[r2 + j] = s2 / pivot;
      d[r3 + j] = s3 / pivot;
    }
  }
  for (; i < m; i++) {
    const r = x + i * ldx;
    for (let j = 0, row = l; j < n; j++, row += ldl) {
      let sum = d[r + j];
      for (let k = 0; k < j; k++) sum -= d[r + k] * d[row + k];
      d[r + j] = sum / d[row + j];
    }
  }
}

/** X [n, m] ← L⁻¹ X; L may lie in an array of its own, and is read along its rows. */
export function solveLowerTile(
  d: Float64Array,
  x: number,
  ldx: number,
  m: number,
  L: Float64Array,
  l: number,
  ldl: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const row = x + i * ldx;
    const at = l + i * ldl;
    for (let k = 0; k < i; k++) subtractRow(d, row, x + k * ldx, m, L[at + k]);
    divideRow(d, row, m, L[at + i]);
  }
}

/** X [n, m] ← L⁻ᵀ X; L as above. */
export function solveUpperTile(
  d: Float64Array,
  x: number,
  ldx: number,
  m: number,
  L: Float64Array,
  l: number,
  ldl: number,
  n: number,
): void {
  for (let i = n - 1; i >= 0; i--) {
    const row = x + i * ldx;
    const at = l + i * ldl;
    divideRow(d, row, m, L[at + i]);
    for (let k = 0; k < i; k++) subtractRow(d, x + k * ldx, row, m, L[at + k]);
  }
}

/** x [n] ← (LLᵀ)⁻¹ x. */
export function solveVector(L: Float64Array, n: number, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = x[i];
    for (let k = 0, at = i * n; k < i; k++) sum -= L[at + k] * x[k];
    x[i] = sum / L[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    const value = (x[i] /= L[i * n + i]);
    for (let k = 0, at = i * n; k < i; k++) x[k] -= L[at + k] * value;
  }
}

/** Lower triangle L [n, n] ← L⁻¹, column by column. */
export function invertTile(d: Float64Array, at: number, ld: number, n: number): void {
  for (let j = 0; j < n; j++) {
    d[at + j * ld + j] = 1 / d[at + j * ld + j];
    // Rows above have their inverse in columns up to their own; the row's own L is read before it is replaced.
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= d[at + i * ld + k] * d[at + k * ld + j];
      d[at + i * ld + j] = sum / d[at + i * ld + i];
    }
  }
}

function subtractRow(d: Float64Array, y: number, x: number, m: number, factor: number): void {
  for (let c = 0; c < m; c++) d[y + c] -= factor * d[x + c];
}

function divideRow(d: Float64Array, y: number, m: number, by: number): void {
  for (let c = 0; c < m; c++) d[y + c] /= by;
}
