import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { cholesky, choleskyInverse, choleskySolve, logDeterminant } from './cholesky.js';

/** BBᵀ/n + shift. */
function positive(n: number, shift: number, seed = 1): Float64Array {
  const random = new Sequence(seed, 'cholesky test');
  const B = Float64Array.from({ length: n * n }, () => random.normal());
  const A = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += B[i * n + k] * B[j * n + k];
      A[i * n + j] = A[j * n + i] = sum / n + (i === j ? shift : 0);
    }
  }
  return A;
}

const largest = (a: ArrayLike<number>): number => Array.from(a).reduce((m, v) => Math.max(m, Math.abs(v)), 0);

describe('cholesky', () => {
  // 192 and above are blocked; 257 and 330 end in part of a block.
  for (const n of [1, 2, 7, 64, 191, 192, 257, 330]) {
    it(`is a factor to rounding: n = ${n}`, () => {
      const A = positive(n, 0.1);
      const L = cholesky(A, n);
      let worst = 0;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let k = 0; k <= Math.min(i, j); k++) sum += L[i * n + k] * L[j * n + k];
          worst = Math.max(worst, Math.abs(sum - A[i * n + j]));
          if (j > i) expect(L[i * n + j]).toBe(0);
        }
      }
      expect(worst).toBeLessThanOrEqual(8 * n * 2 ** -53 * largest(A));
    });
  }

  it('solves, inverts and has the determinant', () => {
    const n = 20;
    const A = positive(n, 0.5);
    const L = cholesky(A, n);
    const x = Float64Array.from({ length: n * 3 }, (_, i) => Math.sin(i));
    const b = new Float64Array(n * 3);
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < 3; c++) for (let k = 0; k < n; k++) b[i * 3 + c] += A[i * n + k] * x[k * 3 + c];
    }
    const solved = choleskySolve(L, n, b, 3);
    expect(largest(solved.map((v, i) => v - x[i]))).toBeLessThan(1e-13);
    const inverse = choleskyInverse(L, n);
    const product = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        for (let k = 0; k < n; k++) product[i * n + j] += A[i * n + k] * inverse[k * n + j];
        product[i * n + j] -= i === j ? 1 : 0;
      }
    }
    expect(largest(product)).toBeLessThan(1e-13);
    expect(Math.abs(logDeterminant(cholesky(Float64Array.of(4, 2, 2, 3), 2), 2) - Math.log(8))).toBeLessThan(
      1e-15,
    );
  });

  it('names the pivot of a matrix that is not positive definite', () => {
    expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow(/pivot 1[\s\S]*got: {3}-3/);
    const A = positive(200, 0.1);
    A[150 * 200 + 150] = -1;
    expect(() => cholesky(A, 200)).toThrow(/pivot 150/);
    expect(cholesky(new Float64Array(0), 0)).toHaveLength(0);
  });
});
