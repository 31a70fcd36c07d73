import { describe, expect, it } from 'vitest';
import { symmetricEigen } from './eigen.js';
import { Lanczos, lanczos } from './lanczos.js';
import { apart, flip, identity, largest, normals, positive, product, U } from './testing.js';

const times =
  (a: Float64Array, n: number) =>
  (x: Float64Array): Float64Array =>
    product(a, x, n, n, 1);

function diagonal(values: number[]): Float64Array {
  const n = values.length;
  const a = new Float64Array(n * n);
  values.forEach((v, i) => (a[i * n + i] = v));
  return a;
}

describe('lanczos', () => {
  it.each([1, 2, 5, 40])('of as many steps as dimensions is the whole spectrum: n = %i', (n) => {
    const A = positive(n, -0.5, `lanczos ${n}`);
    const { values, vectors, residuals } = lanczos(times(A, n), n, { steps: n, seed: 3 });
    const exact = symmetricEigen(A, n);
    const size = largest(exact.values);
    expect(apart(values, exact.values)).toBeLessThan(8 * n * U * size);
    expect(largest(residuals)).toBeLessThan(8 * n * U * size);
    const VtV = product(flip(vectors, n, n), vectors, n, n, n);
    expect(apart(VtV, identity(n))).toBeLessThan(16 * n * U);
  });

  it('values alone, and the leading pairs alone, are those of all pairs; first components are weights of quadrature', () => {
    const n = 30;
    const A = positive(n, 0.2, 'ritz');
    const process = new Lanczos(n, { steps: 12, seed: 5 });
    const start = (process.next() as Float64Array).slice();
    for (let v = process.next(); v; v = process.next()) process.take(times(A, n)(v));
    const { values, vectors, residuals } = process.pairs();
    const ritz = process.ritz();
    expect(apart(ritz.values, values)).toBeLessThan(1e-14);
    expect(apart(ritz.residuals, residuals)).toBeLessThan(1e-12);
    const along = product(start, vectors, 1, n, 12);
    expect(apart(ritz.first.map(Math.abs), along.map(Math.abs))).toBeLessThan(1e-12);
    // Exact for polynomials of degree 2k − 1: startᵀA³start.
    const cube = times(A, n)(times(A, n)(times(A, n)(start)));
    const sum = ritz.values.reduce((s, x, j) => s + ritz.first[j] ** 2 * x ** 3, 0);
    expect(Math.abs(sum - product(start, cube, 1, n, 1)[0])).toBeLessThan(1e-10);
    const two = process.leading(2);
    expect([...two.values]).toEqual([values[11], values[10]]);
    two.vectors.forEach((v, j) =>
      expect(
        apart(
          v,
          Float64Array.from({ length: n }, (_, i) => vectors[i * 12 + 11 - j]),
        ),
      ).toBeLessThan(1e-13),
    );
  });

  it('finds both ends first, each within its residual, which is the true one', () => {
    const n = 150;
    const A = diagonal(Array.from({ length: n }, (_, i) => (i === 0 ? -5 : i === n - 1 ? 10 : i / n)));
    const k = 12;
    const { values, vectors, residuals } = lanczos(times(A, n), n, { steps: k });
    expect(values).toHaveLength(k);
    expect(Math.abs(values[k - 1] - 10)).toBeLessThan(1e-12);
    expect(Math.abs(values[0] + 5)).toBeLessThan(1e-12);
    const AV = product(A, vectors, n, n, k);
    for (let j = 0; j < k; j++) {
      let square = 0;
      for (let i = 0; i < n; i++) square += (AV[i * k + j] - values[j] * vectors[i * k + j]) ** 2;
      expect(Math.abs(Math.sqrt(square) - residuals[j])).toBeLessThan(64 * U * 10);
      const nearest = Math.min(...Array.from({ length: n }, (_, i) => Math.abs(A[i * n + i] - values[j])));
      expect(nearest).toBeLessThanOrEqual(residuals[j] + 64 * U * 10);
    }
    expect(largest(residuals)).toBeGreaterThan(1e-3);
  });

  it('keeps orthogonal long after the ends have settled, so no value comes twice', () => {
    const n = 120;
    const A = diagonal(Array.from({ length: n }, (_, i) => 2 ** (-i / 4)));
    const k = 90;
    const { values, vectors } = lanczos(times(A, n), n, { steps: k });
    const VtV = product(flip(vectors, n, k), vectors, k, n, k);
    expect(apart(VtV, identity(k))).toBeLessThan(16 * n * U);
    expect(Math.abs(values[k - 1] - 1)).toBeLessThan(16 * U);
    expect(Math.abs(values[k - 2] - 2 ** -0.25)).toBeLessThan(16 * U);
  });

  it('stops where the space closes: as many values as distinct eigenvalues, exact', () => {
    const n = 30;
    const A = diagonal(Array.from({ length: n }, (_, i) => [1, 2, 7][i % 3]));
    const { values, residuals } = lanczos(times(A, n), n, { steps: n });
    expect(values).toHaveLength(3);
    expect(apart(values, Float64Array.of(1, 2, 7))).toBeLessThan(64 * U * 7);
    expect(residuals).toEqual(new Float64Array(3));
    expect(lanczos((x) => x.map(() => 0), 4).values).toEqual(Float64Array.of(0));
  });

  it('goes step by step as at once, from a seed or a start', () => {
    const n = 20;
    const A = positive(n, 0, 'steps');
    const at = new Lanczos(n, { steps: 6, seed: 9 });
    for (let v = at.next(); v; v = at.next()) at.take(times(A, n)(v));
    expect(at.pairs()).toEqual(lanczos(times(A, n), n, { steps: 6, seed: 9 }));
    expect(at.pairs()).not.toEqual(lanczos(times(A, n), n, { steps: 6, seed: 10 }));
    const start = normals(n, 1, 'start');
    const along = lanczos(times(A, n), n, { steps: 1, start });
    const rayleigh = product(start, times(A, n)(start), 1, n, 1)[0] / product(start, start, 1, n, 1)[0];
    expect(Math.abs(along.values[0] - rayleigh)).toBeLessThan(16 * U * rayleigh);
  });

  it('refuses what makes no sense', () => {
    expect(lanczos((x) => x, 0).values).toHaveLength(0);
    expect(() => lanczos((x) => x, 3, { steps: 0 })).toThrow(/steps is an integer from 1/);
    expect(() => lanczos(() => [1, 2], 3)).toThrow(/3 elements/);
    expect(() => lanczos(() => [1, NaN, 2], 3)).toThrow(/finite/);
    expect(() => lanczos((x) => x, 3, { start: new Float64Array(3) })).toThrow(/above 0/);
    const done = new Lanczos(1);
    done.take([2]);
    expect(done.next()).toBeNull();
    expect(() => done.take([2])).toThrow(/one more/);
  });
});
