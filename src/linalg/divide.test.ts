import { describe, expect, it } from 'vitest';
import { symmetricEigen, symmetricEigenvalues } from './eigen.js';
import { multiply } from './multiply.js';
import { secularRoots, secularVectors } from './secular.js';
import { apart, flip, identity, largest, normals, U } from './testing.js';
import { diagonalise } from './tridiagonal.js';

/** Tridiagonal matrix in full. */
function tridiagonal(d: readonly number[], e: readonly number[]): Float64Array {
  const n = d.length;
  const a = new Float64Array(n * n);
  d.forEach((v, i) => (a[i * n + i] = v));
  e.slice(0, n - 1).forEach((v, i) => (a[i * n + i + 1] = a[(i + 1) * n + i] = v));
  return a;
}

/** Largest |AV − VΛ| over that of Λ, and largest |VᵀV − 1|, over n. */
function residuals(a: Float64Array, n: number): { values: Float64Array; worst: number } {
  const { values, vectors: V } = symmetricEigen(a, n);
  const norm = Math.max(1e-300, largest(values));
  const VL = V.map((v, at) => v * values[at % n]);
  const own = apart(multiply(a, V, n, n, n), VL) / norm;
  const orthogonal = apart(multiply(V, V, n, n, n, { transposeA: true }), identity(n));
  return { values, worst: Math.max(own, orthogonal) / n };
}

/** VΛVᵀ of the orthonormal vectors of another matrix. */
function withValues(n: number, value: (i: number) => number): Float64Array {
  const B = normals(n, n, 'divide');
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) B[j * n + i] = B[i * n + j];
  const { vectors: V } = symmetricEigen(B, n);
  const VL = V.map((v, at) => v * value(at % n));
  const A = multiply(VL, V, n, n, n, { transposeB: true });
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) A[j * n + i] = A[i * n + j];
  return A;
}

describe('symmetricEigen by halves', () => {
  it.each<[string, (i: number) => number]>([
    ['each value ten times', (i) => Math.floor(i / 10)],
    ['clusters 1e-13 wide', (i) => Math.floor(i / 50) + 1 + 1e-15 * (i % 50)],
    ['two thirds zeros', (i) => (i < 220 ? 0 : i)],
    ['thirty decades', (i) => 10 ** (-i / 11)],
    ['all the same', () => 1],
    ['signs in turns', (i) => (i % 2 ? 1 : -1) * (1 + Math.floor(i / 2))],
  ])('knows spectra of 333 values: %s', (_, value) => {
    const n = 333;
    const exact = Float64Array.from({ length: n }, (_, i) => value(i)).sort();
    const { values, worst } = residuals(withValues(n, value), n);
    expect(worst).toBeLessThan(8 * U);
    expect(apart(values, exact)).toBeLessThan(16 * n * U * largest(exact));
  });

  it('knows second differences of 500 points in closed form', () => {
    const n = 500;
    const a = tridiagonal(new Array<number>(n).fill(2), new Array<number>(n).fill(-1));
    const exact = Float64Array.from(
      { length: n },
      (_, k) => 4 * Math.sin(((k + 1) * Math.PI) / (2 * (n + 1))) ** 2,
    );
    const { values, worst } = residuals(a, n);
    expect(apart(values, exact)).toBeLessThan(4 * n * U);
    expect(worst).toBeLessThan(8 * U);
    expect(apart(symmetricEigenvalues(a, n), exact)).toBeLessThan(4 * n * U);
  });

  it('keeps vectors orthogonal for Wilkinson’s matrices glued by 1e-9, whose values are all but the same', () => {
    const [own, copies] = [21, 12];
    const d = Array.from({ length: own * copies }, (_, i) => Math.abs((i % own) - 10));
    const e = d.map((_, i) => (i % own === own - 1 ? 1e-9 : 1));
    const n = d.length;
    const { values, worst } = residuals(tridiagonal(d, e), n);
    expect(worst).toBeLessThan(8 * U);
    const [plain, off] = [Float64Array.from(d), Float64Array.from([...e.slice(0, n - 1), 0])];
    diagonalise(plain, off, new Float64Array(0), 0);
    expect(apart(values, plain.sort())).toBeLessThan(16 * n * U * 11);
  });

  it('takes couplings of either sign, none, and scales far from 1', () => {
    const n = 100;
    const d = Array.from({ length: n }, (_, i) => ((i * 37) % 11) - 5);
    const e = Array.from({ length: n }, (_, i) => (i % 7 === 3 ? 0 : (i % 2 ? -1 : 1) * (1 + (i % 5))));
    for (const scale of [1, 1e150, 1e-150]) {
      const a = tridiagonal(
        d.map((v) => v * scale),
        e.map((v) => v * scale),
      );
      expect(residuals(a, n).worst).toBeLessThan(8 * U);
    }
  });
});

describe('secularRoots', () => {
  it.each<[string, number[], number[], number]>([
    ['plain', [-1, 0.5, 2, 3, 7], [1, 2, 3, 1, 2], 0.7],
    ['one alone', [3], [1], 2],
    ['z over twelve decades', [0, 1, 2, 3, 4], [1, 1e-6, 1e-12, 1e-3, 1], 1],
    ['poles 1e-12 apart', [1, 1 + 1e-12, 1 + 3e-12, 2], [1, 1, 1, 1], 1],
    ['a tiny weight', [0, 1, 2], [1, 1, 1], 1e-9],
    ['a huge one', [0, 1, 2], [1, 1, 1], 1e9],
  ])('makes D + ρzzᵀ diagonal with orthogonal vectors: %s', (_, dList, zList, rho) => {
    const d = Float64Array.from(dList);
    const k = d.length;
    const length = Math.hypot(...zList);
    const z = Float64Array.from(zList, (v) => v / length);
    const rows = new Float64Array(k * k);
    const roots = secularRoots({ d, z, rho }, rows, 0, k);
    roots.forEach((root, j) => {
      expect(root).toBeGreaterThanOrEqual(d[j]);
      expect(root).toBeLessThanOrEqual(j === k - 1 ? d[j] + rho * (1 + 4 * U) : d[j + 1]);
    });
    secularVectors({ d, z, rho }, rows, 0, k, [...d.keys()]);
    const A = identity(k).map((v, at) => {
      const [i, j] = [Math.floor(at / k), at % k];
      return v * d[i] + rho * z[i] * z[j];
    });
    const V = flip(rows, k, k);
    const VL = V.map((v, at) => v * roots[at % k]);
    const norm = largest(roots);
    expect(apart(multiply(A, V, k, k, k), VL) / norm).toBeLessThan(16 * k * U);
    expect(apart(multiply(rows, V, k, k, k), identity(k))).toBeLessThan(16 * k * U);
  });
});
