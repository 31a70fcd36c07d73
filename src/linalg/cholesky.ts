/**
 * @module linalg/cholesky
 *
 * A = LLᵀ for symmetric positive definite A in float64, and what follows from it.
 *
 * Left-looking by block columns (Golub & Van Loan, Matrix Computations, 4th ed., §4.2.9): each takes the product of what is to its left,
 * by the small engine's float64 matrix product, then is factored by plain loops. Backward stable: ‖LLᵀ − A‖ ≤ c n 2⁻⁵³ ‖A‖ (Higham,
 * Accuracy and Stability, thm 10.3). n³/3 operations; the plain loops alone run at 1–1.5 GFLOP/s.
 */
import { FimError } from '../core/errors.js';
import { BLOCK, panelProduct } from './panel.js';

/** Below this size plain loops are faster. */
const PLAIN = 3 * BLOCK;

/**
 * The lower factor L [n, n] (zeros above) of A [n, n], of which the lower triangle is read. Throws `linalg/not-positive-definite`,
 * naming the pivot.
 */
export function cholesky(a: Float64Array, n: number): Float64Array {
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++) L.set(a.subarray(i * n, i * n + i + 1), i * n);
  if (n < PLAIN) factorInPlace(L, n, n, n, 0);
  else blocked(L, n);
  return L;
}

/** Block columns as arrays of their own, so that a product reads rows that lie together. */
function blocked(L: Float64Array, n: number): void {
  const product = panelProduct(n);
  const panels: Float64Array[] = [];
  try {
    for (let from = 0; from < n; from += BLOCK) {
      const width = Math.min(BLOCK, n - from);
      const rows = n - from;
      const panel = new Float64Array(rows * BLOCK);
      for (let i = 0; i < rows; i++) {
        const at = (from + i) * n + from;
        panel.set(L.subarray(at, at + Math.min(width, i + 1)), i * BLOCK);
      }
      panels.forEach((left, k) => {
        const skip = (from - k * BLOCK) * BLOCK;
        product.subtract(panel, left.subarray(skip, skip + rows * BLOCK), rows);
      });
      factorInPlace(panel, BLOCK, rows, width, from);
      for (let i = 0; i < rows; i++) {
        const kept = Math.min(width, i + 1);
        L.set(panel.subarray(i * BLOCK, i * BLOCK + kept), (from + i) * n + from);
      }
      panels.push(panel);
    }
  } finally {
    product.dispose();
  }
}

/** Factors the first `width` columns of a panel of `rows` rows; its rows lie `stride` apart. */
function factorInPlace(m: Float64Array, stride: number, rows: number, width: number, first: number): void {
  for (let i = 0; i < rows; i++) {
    const row = i * stride;
    const end = Math.min(i + 1, width);
    for (let j = 0; j < end; j++) {
      const other = j * stride;
      let sum = m[row + j];
      for (let k = 0; k < j; k++) sum -= m[row + k] * m[other + k];
      if (j < i) m[row + j] = sum / m[other + j];
      else {
        if (!(sum > 0) || !Number.isFinite(sum)) throw notPositive(first + i, sum);
        m[row + j] = Math.sqrt(sum);
      }
    }
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

/** X with AX = B from A = LLᵀ; B and X are [n, columns], row by row. 2n² operations a column. */
export function choleskySolve(L: Float64Array, n: number, b: Float64Array, columns = 1): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) eliminate(x, columns, i, k, L[i * n + k]);
    divide(x, columns, i, L[i * n + i]);
  }
  for (let i = n - 1; i >= 0; i--) {
    divide(x, columns, i, L[i * n + i]);
    for (let k = 0; k < i; k++) eliminate(x, columns, k, i, L[i * n + k]);
  }
  return x;
}

/** Row i −= factor · row k. */
function eliminate(x: Float64Array, columns: number, i: number, k: number, factor: number): void {
  for (let c = 0; c < columns; c++) x[i * columns + c] -= factor * x[k * columns + c];
}

function divide(x: Float64Array, columns: number, i: number, by: number): void {
  for (let c = 0; c < columns; c++) x[i * columns + c] /= by;
}

/** A⁻¹ [n, n] from A = LLᵀ, symmetric to the last bit. n³ operations. */
export function choleskyInverse(L: Float64Array, n: number): Float64Array {
  const identity = new Float64Array(n * n);
  for (let i = 0; i < n; i++) identity[i * n + i] = 1;
  const inverse = choleskySolve(L, n, identity, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) inverse[j * n + i] = inverse[i * n + j];
  return inverse;
}

/** log det A = 2 Σ log L_ii. */
export function logDeterminant(L: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(L[i * n + i]);
  return 2 * sum;
}
