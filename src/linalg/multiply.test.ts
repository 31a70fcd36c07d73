import { describe, expect, it } from 'vitest';
import { withMatrices } from '../engine/small/index.js';
import { gram, multiply, transposed } from './multiply.js';
import { apart, flip, normals, product, U } from './testing.js';

const SHAPES: [number, number, number][] = [
  [1, 1, 1],
  [3, 5, 2],
  [17, 16, 33],
  [65, 300, 70],
  [130, 7, 64],
  [70, 600, 5],
];

describe('multiply', () => {
  it.each(SHAPES)('%i × %i × %i, each operand as it is or transposed', (m, k, n) => {
    const a = normals(m, k, 'a');
    const b = normals(k, n, 'b');
    const exact = product(a, b, m, k, n);
    const size = product(a.map(Math.abs), b.map(Math.abs), m, k, n);
    // Both sums round: the plain one k times.
    const bound = (k + Math.min(k, 256) + k / 256 + 3) * U * Math.max(...size);
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const c = multiply(transposeA ? flip(a, m, k) : a, transposeB ? flip(b, k, n) : b, m, k, n, {
          transposeA,
          transposeB,
        });
        expect(apart(c, exact)).toBeLessThanOrEqual(bound);
      }
    }
  });

  it('of nothing is nothing, and a sum of no terms 0', () => {
    const none = new Float64Array(0);
    expect(multiply(none, none, 2, 0, 3)).toEqual(new Float64Array(6));
    expect(multiply(none, none, 2, 0, 3, { transposeB: true })).toEqual(new Float64Array(6));
    expect(multiply(none, new Float64Array(6), 0, 2, 3)).toHaveLength(0);
    expect(() => multiply(none, none, 1, 1, 1)).toThrow(/1 × 1, row by row, has 1 elements/);
  });

  it.each([
    [1, 1],
    [5, 30],
    [97, 12],
    [200, 300],
  ])('gram of %i rows of %i', (n, k) => {
    const a = normals(n, k, 'gram');
    const g = gram(a, n, k);
    expect(flip(g, n, n)).toEqual(g);
    expect(apart(g, product(a, flip(a, n, k), n, k, n))).toBeLessThan(2 * (k + 3) * U * 2 * k);
    expect(transposed(a, n, k)).toEqual(flip(a, n, k));
  });

  it('leaves alone what an outer call holds, and gives everything back', () => {
    const a = normals(40, 40, 'outer');
    const alone = multiply(a, a, 40, 40, 40);
    const first = withMatrices((memory) => memory.reserve(1000));
    withMatrices((memory) => {
      const at = memory.reserve(1000);
      expect(at).toBe(first);
      memory.data.fill(7, at, at + 1000);
      expect(multiply(a, a, 40, 40, 40)).toEqual(alone);
      expect(memory.data.subarray(at, at + 1000).every((v) => v === 7)).toBe(true);
    });
    expect(() => withMatrices(() => gram(a, 1, 1))).toThrow(/1 × 1/);
    expect(withMatrices((memory) => memory.bytes)).toBeLessThanOrEqual(64 * 1048576);
  });
});
