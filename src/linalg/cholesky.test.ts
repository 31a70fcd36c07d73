import { describe, expect, it } from 'vitest';
import { FimError } from '../core/errors.js';
import { cholesky, choleskyInverse, choleskySolve, logDeterminant } from './cholesky.js';
import { apart, flip, frobenius, identity, largest, normals, positive, product, U } from './testing.js';

/** Around a tile (16), around where halving starts (96), whole and ragged tiles. */
const SIZES = [1, 2, 7, 16, 17, 64, 95, 96, 97, 112, 191, 257];

/** A lower factor with diagonal from 1 to 2, and its A. */
function known(n: number): { L: Float64Array; A: Float64Array } {
  const L = normals(n, n, `factor ${n}`);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) L[i * n + j] = j > i ? 0 : j < i ? L[i * n + j] / n : 1 + (i % 5) / 4;
  }
  return { L, A: product(L, flip(L, n, n), n, n, n) };
}

function complaint(run: () => unknown): FimError {
  try {
    run();
  } catch (error) {
    if (error instanceof FimError) return error;
  }
  throw new FimError({ code: 'test', where: 'complaint', rule: 'something is thrown' });
}

describe('cholesky', () => {
  it.each(SIZES)('has a residual of rounding, and zeros above: n = %i', (n) => {
    const A = positive(n, 0.01, `positive ${n}`);
    const L = cholesky(A, n);
    const residual = apart(product(L, flip(L, n, n), n, n, n), A);
    expect(residual).toBeLessThanOrEqual(2 * (n + 1) * U * largest(A));
    expect(L.every((v, at) => at % n <= Math.floor(at / n) || Object.is(v, 0))).toBe(true);
  });

  it.each(SIZES)('finds the factor that the matrix was made of: n = %i', (n) => {
    const { L, A } = known(n);
    expect(apart(cholesky(A, n), L)).toBeLessThan(16 * (n + 1) * U);
  });

  it('reads the lower triangle only, and writes where it is told', () => {
    for (const n of [10, 100]) {
      const { A } = known(n);
      const L = cholesky(A, n);
      const half = A.map((v, at) => (at % n > Math.floor(at / n) ? NaN : v));
      expect(cholesky(half, n)).toEqual(L);
      expect(cholesky(half, n, half)).toBe(half);
      expect(half).toEqual(L);
    }
  });

  it('names the pivot that is not positive, and its value', () => {
    const error = complaint(() => cholesky(Float64Array.of(1, 2, 2, 1), 2));
    expect(error.code).toBe('linalg/not-positive-definite');
    expect([error.complaint.where, error.complaint.got]).toEqual(['Cholesky factor, pivot 1', '-3']);
    expect(error.complaint.next).toMatch(/damping/);
    const n = 200;
    for (const pivot of [0, 15, 16, 100, 150, 199]) {
      const A = identity(n);
      A[pivot * n + pivot] = -2;
      const { where, got } = complaint(() => cholesky(A, n)).complaint;
      expect([where, got]).toEqual([`Cholesky factor, pivot ${pivot}`, '-2']);
      A[pivot * n + pivot] = NaN;
      expect(complaint(() => cholesky(A, n)).complaint.got).toBe('NaN');
    }
    // The memory is whole again after a failure.
    const { A, L } = known(100);
    expect(apart(cholesky(A, 100), L)).toBeLessThan(1600 * U);
  });

  it('a singular matrix has a pivot of rounding: exactly the rank before it', () => {
    const ones = new Float64Array(80 * 80).fill(1);
    const { where, got } = complaint(() => cholesky(ones, 80)).complaint;
    expect([where, got]).toEqual(['Cholesky factor, pivot 1', '0']);
  });

  it('takes n = 0, and refuses what has another size', () => {
    const none = new Float64Array(0);
    expect(cholesky(none, 0)).toHaveLength(0);
    expect(choleskySolve(none, 0, none)).toHaveLength(0);
    expect(choleskyInverse(none, 0)).toHaveLength(0);
    expect(logDeterminant(none, 0)).toBe(0);
    for (const run of [
      () => cholesky(new Float64Array(3), 2),
      () => cholesky(new Float64Array(4), 2, none),
      () => choleskySolve(new Float64Array(4), 2, new Float64Array(3)),
      () => choleskySolve(new Float64Array(4), 2, new Float64Array(4), 3),
      () => choleskyInverse(none, 1),
      () => logDeterminant(none, -1),
    ]) {
      expect(complaint(run).code).toBe('linalg/shape');
    }
  });
});

describe('what follows from the factor', () => {
  it.each([1, 5, 16, 17, 64, 95, 112, 150])('solves for a known x: n = %i', (n) => {
    const { A } = known(n);
    const L = cholesky(A, n);
    for (const columns of [1, 3, 8, 65]) {
      const x = normals(n, columns, `x ${n}`);
      const b = product(A, x, n, n, columns);
      const kept = b.slice();
      expect(apart(choleskySolve(L, n, b, columns), x)).toBeLessThan(64 * (n + 1) * U * largest(x));
      expect(b).toEqual(kept);
    }
    expect(choleskySolve(L, n, new Float64Array(0), 0)).toHaveLength(0);
  });

  it('is backward stable where the matrix is nearly singular', () => {
    const n = 120;
    const A = positive(n, 0, 'singular');
    // Least eigenvalue pushed to 1e-13 of the largest: the solution is lost, the residual is not.
    const low = normals(n, 20, 'low rank');
    const K = product(low, flip(low, n, 20), n, 20, n);
    for (let i = 0; i < n; i++) K[i * n + i] += 1e-13 * largest(K);
    for (const M of [A, K]) {
      const L = cholesky(M, n);
      for (const columns of [1, 16]) {
        const b = normals(n, columns, 'right');
        const x = choleskySolve(L, n, b, columns);
        const residual = apart(product(M, x, n, n, columns), b);
        expect(residual).toBeLessThan(4 * n * U * frobenius(M) * largest(x));
      }
    }
  });

  it.each([1, 2, 16, 17, 40, 96, 97, 150])('inverts, symmetric to the last bit: n = %i', (n) => {
    const { A } = known(n);
    const inverse = choleskyInverse(cholesky(A, n), n);
    expect(apart(product(A, inverse, n, n, n), identity(n))).toBeLessThan(64 * (n + 1) * U);
    expect(flip(inverse, n, n)).toEqual(inverse);
  });

  it('has the determinant', () => {
    expect(Math.abs(logDeterminant(cholesky(Float64Array.of(4, 2, 2, 3), 2), 2) - Math.log(8))).toBeLessThan(
      8 * U,
    );
    // Of second differences of order n: n + 1.
    const n = 100;
    const A = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      A[i * n + i] = 2;
      if (i > 0) A[i * n + i - 1] = A[(i - 1) * n + i] = -1;
    }
    expect(Math.abs(logDeterminant(cholesky(A, n), n) - Math.log(n + 1))).toBeLessThan(4 * n * U);
  });
});
