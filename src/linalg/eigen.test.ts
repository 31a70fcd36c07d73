import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { symmetricEigen } from './eigen.js';

function random(n: number, seed: number): Float64Array {
  const sequence = new Sequence(seed, 'eigen test');
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = sequence.normal();
  return a;
}

/** Largest |AV − VΛ| and |VᵀV − 1|, over the norm of A. */
function residuals(a: Float64Array, n: number): [number, number] {
  const { values, vectors: V } = symmetricEigen(a, n);
  const norm = Math.max(1e-300, ...values.map(Math.abs));
  let [residual, orthogonality] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let [av, vv] = [0, 0];
      for (let k = 0; k < n; k++) {
        av += a[i * n + k] * V[k * n + j];
        vv += V[k * n + i] * V[k * n + j];
      }
      residual = Math.max(residual, Math.abs(av - V[i * n + j] * values[j]) / norm);
      orthogonality = Math.max(orthogonality, Math.abs(vv - (i === j ? 1 : 0)));
    }
  }
  for (let j = 1; j < n; j++) expect(values[j]).toBeGreaterThanOrEqual(values[j - 1]);
  return [residual, orthogonality];
}

describe('symmetricEigen', () => {
  for (const n of [1, 2, 3, 10, 60, 120]) {
    it(`satisfies AV = VΛ with orthonormal V: n = ${n}`, () => {
      const [residual, orthogonality] = residuals(random(n, n), n);
      expect(residual).toBeLessThan(20 * n * 2 ** -53);
      expect(orthogonality).toBeLessThan(20 * n * 2 ** -53);
    });
  }

  it('knows a spectrum in closed form: second differences', () => {
    const n = 50;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = 2;
      if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
    }
    const { values } = symmetricEigen(a, n);
    values.forEach((v, k) => {
      expect(Math.abs(v - 4 * Math.sin(((k + 1) * Math.PI) / (2 * (n + 1))) ** 2)).toBeLessThan(1e-14 * n);
    });
  });

  it('keeps vectors orthogonal where values coincide or are far apart', () => {
    const n = 30;
    const same = new Float64Array(n * n).fill(1);
    for (let i = 0; i < n; i++) same[i * n + i] = 3;
    expect(Math.max(...residuals(same, n))).toBeLessThan(20 * n * 2 ** -53);
    const graded = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) graded[i * n + j] = 10 ** -((i + j) / 4);
    expect(Math.max(...residuals(graded, n))).toBeLessThan(20 * n * 2 ** -53);
    expect(Math.max(...residuals(new Float64Array(n * n), n))).toBe(0);
  });

  it('parts the zeros of a matrix of low rank', () => {
    const [n, rank] = [100, 40];
    const sequence = new Sequence(5, 'low rank');
    const B = Float64Array.from({ length: n * rank }, () => sequence.normal());
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++)
        for (let k = 0; k < rank; k++) a[i * n + j] += B[i * rank + k] * B[j * rank + k];
    }
    expect(Math.max(...residuals(a, n))).toBeLessThan(20 * n * 2 ** -53);
    const { values } = symmetricEigen(a, n);
    expect(values.filter((v) => Math.abs(v) < 1e-11)).toHaveLength(n - rank);
  });

  it('refuses what is not finite', () => {
    expect(() => symmetricEigen(Float64Array.of(1, NaN, NaN, 1), 2)).toThrow(/finite/);
    expect(symmetricEigen(new Float64Array(0), 0).values).toHaveLength(0);
  });
});
