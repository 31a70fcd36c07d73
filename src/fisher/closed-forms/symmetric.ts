/**
 * @module fisher/closed-forms/symmetric
 *
 * Eigenvalues of the tiny symmetric matrices of an output family (T×T, T²×T²), in the order that bounds want them: falling.
 */
import { symmetricEigenvalues } from '../../linalg/index.js';

/** Eigenvalues of a symmetric matrix [n, n], in falling order. Throws what `symmetricEigenvalues` throws. */
export const eigenvalues = (matrix: ArrayLike<number>, n: number): Float64Array =>
  symmetricEigenvalues(Float64Array.from(matrix), n).reverse();

/** The largest eigenvalue; 0 of an empty matrix. */
export const largestEigenvalue = (matrix: ArrayLike<number>, n: number): number =>
  n === 0 ? 0 : eigenvalues(matrix, n)[0];

/** A map M̄ [T², T²] of symmetric matrices (M_abcd symmetric in (ab) and in (cd)), in the orthonormal basis e_a⊗e_a, (e_a⊗e_b + e_b⊗e_a)/√2: [T(T+1)/2] squared. */
export function onSymmetric(M: Float64Array, T: number): Float64Array {
  const basis: [number, number][] = [];
  for (let a = 0; a < T; a++) for (let b = 0; b <= a; b++) basis.push([a, b]);
  const size = basis.length;
  const out = new Float64Array(size * size);
  basis.forEach(([a, b], i) =>
    basis.forEach(([c, d], j) => {
      const scale = (a === b ? 1 : Math.SQRT2) * (c === d ? 1 : Math.SQRT2);
      out[i * size + j] = scale * M[((a * T + b) * T + c) * T + d];
    }),
  );
  return out;
}
