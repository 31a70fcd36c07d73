/**
 * @module linalg/testing
 *
 * Matrices for this folder's tests, and how far a product is from what it should be.
 */
import { Sequence } from '../core/random.js';

export const U = 2 ** -53;

/** Standard normal [rows, columns]. */
export function normals(rows: number, columns: number, stream: string): Float64Array {
  const random = new Sequence(1, stream);
  return Float64Array.from({ length: rows * columns }, () => random.normal());
}

/** Plain op(A) op(B). */
export function product(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const v = a[i * k + l];
      for (let j = 0; j < n; j++) out[i * n + j] += v * b[l * n + j];
    }
  }
  return out;
}

/** Plain transpose of [rows, columns]. */
export function flip(a: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: a.length }, (_, at) => a[(at % rows) * columns + Math.floor(at / rows)]);
}

/** Positive definite BBᵀ/n + shift. */
export function positive(n: number, shift: number, stream: string): Float64Array {
  const B = normals(n, n, stream);
  const A = product(B, flip(B, n, n), n, n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) A[i * n + j] = A[j * n + i] = A[j * n + i] / n + (i === j ? shift : 0);
  }
  return A;
}

/** Largest |element|; NaN where there is one. */
export const largest = (a: Float64Array): number =>
  a.reduce((m, v) => (Math.abs(v) <= m ? m : Math.abs(v)), 0);

/** Largest |a − b|. */
export const apart = (a: Float64Array, b: Float64Array): number => largest(a.map((v, i) => v - b[i]));

/** √Σa². */
export const frobenius = (a: Float64Array): number => Math.sqrt(a.reduce((sum, v) => sum + v * v, 0));

export function identity(n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  return out;
}
