import { describe, expect, it } from 'vitest';
import { symmetricEigen, symmetricEigenvalues } from './eigen.js';
import { apart, flip, identity, largest, normals, positive, product, U } from './testing.js';

/** Largest |AV − VΛ| over that of Λ, and largest |VᵀV − 1|; values in order, and alone the same to rounding. */
function residuals(a: Float64Array, n: number): number[] {
  const { values, vectors: V } = symmetricEigen(a, n);
  const norm = Math.max(1e-300, largest(values));
  for (let j = 1; j < n; j++) expect(values[j]).toBeGreaterThanOrEqual(values[j - 1]);
  expect(apart(symmetricEigenvalues(a, n), values)).toBeLessThanOrEqual(4 * n * U * norm);
  const VL = V.map((v, at) => v * values[at % n]);
  return [apart(product(a, V, n, n, n), VL) / norm, apart(product(flip(V, n, n), V, n, n, n), identity(n))];
}

/** VΛVᵀ with orthonormal V from the eigenvectors of another matrix, symmetric to the last bit. */
function withValues(values: number[], stream: string): Float64Array {
  const n = values.length;
  const { vectors: V } = symmetricEigen(positive(n, 0, stream), n);
  const A = product(
    V.map((v, at) => v * values[at % n]),
    flip(V, n, n),
    n,
    n,
    n,
  );
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) A[j * n + i] = A[i * n + j];
  return A;
}

describe('symmetricEigen', () => {
  it.each([1, 2, 3, 4, 5, 10, 61, 120, 200])('satisfies AV = VΛ with orthonormal V: n = %i', (n) => {
    const a = normals(n, n, `eigen ${n}`);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
    expect(Math.max(...residuals(a, n))).toBeLessThan(8 * (n + 4) * U);
    // The upper triangle is not read.
    const half = a.map((v, at) => (at % n > Math.floor(at / n) ? NaN : v));
    expect(symmetricEigen(half, n)).toEqual(symmetricEigen(a, n));
  });

  it('knows a spectrum in closed form: second differences', () => {
    const n = 100;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = 2;
      if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
    }
    const exact = Float64Array.from(
      { length: n },
      (_, k) => 4 * Math.sin(((k + 1) * Math.PI) / (2 * (n + 1))) ** 2,
    );
    expect(apart(symmetricEigen(a, n).values, exact)).toBeLessThan(n * U * 4);
    expect(Math.max(...residuals(a, n))).toBeLessThan(8 * n * U);
  });

  it.each<[string, (i: number) => number]>([
    ['each value ten times', (i) => Math.floor(i / 10) - 3],
    ['clusters 1e-14 wide', (i) => Math.floor(i / 10) + 1 + (i % 10) * 1e-15],
    ['eighty zeros', (i) => (i < 80 ? 0 : i)],
    ['eleven decades', (i) => 10 ** (i / 8 - 11)],
    ['plus and minus the same', (i) => (i % 2 ? 1 : -1) * (1 + Math.floor(i / 2))],
    ['one far from all', (i) => (i === 0 ? 1e8 : 1 + i / 100)],
  ])('keeps vectors orthonormal and values to rounding of the largest: %s', (_, value) => {
    const n = 90;
    const values = Array.from({ length: n }, (_, i) => value(i));
    const a = withValues(values, 'cluster');
    expect(Math.max(...residuals(a, n))).toBeLessThan(8 * n * U);
    const exact = Float64Array.from(values).sort();
    expect(apart(symmetricEigen(a, n).values, exact)).toBeLessThan(16 * n * U * largest(exact));
  });

  it('takes matrices that are diagonal, zero, constant or steeply graded', () => {
    const n = 30;
    const same = new Float64Array(n * n).fill(1);
    const graded = same.map((_, at) => 10 ** -((Math.floor(at / n) + (at % n)) / 4));
    const flipped = graded.slice().reverse();
    const diagonal = identity(n).map((v, at) => v * ((at * 7) % 11));
    for (const a of [
      same,
      graded,
      flipped,
      diagonal,
      graded.map((v) => v * 1e150),
      graded.map((v) => v * 1e-150),
    ]) {
      expect(Math.max(...residuals(a, n))).toBeLessThan(8 * n * U);
    }
    expect(residuals(new Float64Array(n * n), n)).toEqual([0, 0]);
  });

  it('parts the zeros of a matrix of low rank', () => {
    const [n, rank] = [100, 40];
    const B = normals(n, rank, 'low rank');
    const a = product(B, flip(B, n, rank), n, rank, n);
    expect(Math.max(...residuals(a, n))).toBeLessThan(8 * n * U);
    const { values } = symmetricEigen(a, n);
    expect(values.filter((v) => Math.abs(v) < 8 * n * U * largest(values))).toHaveLength(n - rank);
  });

  it('refuses what is not finite or not square', () => {
    expect(() => symmetricEigen(Float64Array.of(1, 0, NaN, 1), 2)).toThrow(/element \(1, 0\)[\s\S]*finite/);
    expect(() => symmetricEigenvalues(Float64Array.of(Infinity), 1)).toThrow(/finite/);
    expect(() => symmetricEigen(new Float64Array(3), 2)).toThrow(/2 × 2/);
    expect(symmetricEigen(new Float64Array(0), 0)).toEqual({
      values: new Float64Array(0),
      vectors: new Float64Array(0),
    });
  });
});
