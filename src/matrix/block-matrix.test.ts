import { describe, expect, it } from 'vitest';
import { frobenius, identity, normals, positive, product, flip } from '../linalg/testing.js';
import { symmetricEigen } from '../linalg/index.js';
import { BlockMatrix } from './block-matrix.js';
import { isFailure } from './blocks/block.js';
import { DenseBlock } from './blocks/dense.js';
import { DiagonalBlock } from './blocks/diagonal.js';
import { KroneckerBlock } from './blocks/kronecker.js';
import { layoutOf } from './layout.js';
import type { Solved } from './matrix.js';
import { joinedRegion, parameterRegion, weightRegion } from './region.js';

const layout = layoutOf([
  ['b1', [3]],
  ['w1', [2, 3]],
  ['w2', [2, 3]],
  ['scale', [4]],
]);
const [b1, w1, w2, scale] = layout;
// w1 [in 2, out 3] with b1 as a last column: [out 3, in 3]. w2 [out 2, in 3] without one.
const first = weightRegion({ weight: w1, bias: b1, inputs: 2, outputs: 3, outFirst: false });
const second = weightRegion({ weight: w2, bias: null, inputs: 3, outputs: 2, outFirst: true });
const K = { A: positive(3, 0.1, 'A'), G: positive(3, 0.1, 'G'), inner: 3, outer: 3 };
const matrix = new BlockMatrix('kfac', layout, [
  { region: first, block: new KroneckerBlock(K) },
  { region: second, block: new DenseBlock(positive(6, 0.2, 'F'), 6) },
  { region: parameterRegion(scale), block: new DiagonalBlock(Float64Array.of(1, 2, 0, 4)) },
]);
const P = 19;
const off = (a: Float64Array, b: Float64Array): number => frobenius(a.map((v, i) => v - b[i])) / frobenius(b);
const solvedOf = async (lambda: number, v: Float64Array): Promise<Solved> => {
  const solved = await matrix.solve(v, lambda);
  if (isFailure(solved)) throw new Error(solved.failed);
  return solved;
};

describe('a matrix of blocks', () => {
  it('places entries by name: a weight stored [in, out] with its bias as the last column', async () => {
    const F = (await matrix.toDense()) as Float64Array;
    const at = (i: number, j: number): number => F[i * P + j];
    // w1[i][o] is place 3 + 3i + o, b1[o] place o; entry (o, i) against (p, j) is G_op A_ij.
    for (const [o, p] of [
      [0, 0],
      [1, 2],
    ]) {
      expect(at(3 + 3 * 1 + o, 3 + 3 * 0 + p)).toBeCloseTo(K.G[o * 3 + p] * K.A[1 * 3 + 0], 14);
      expect(at(o, 3 + 3 * 1 + p)).toBeCloseTo(K.G[o * 3 + p] * K.A[2 * 3 + 1], 14);
      expect(at(o, p)).toBeCloseTo(K.G[o * 3 + p] * K.A[8], 14);
    }
    expect(at(16, 16)).toBe(2);
    expect(at(0, 9)).toBe(0);
  });

  it('every operation against its own dense matrix', async () => {
    const F = (await matrix.toDense()) as Float64Array;
    const v = normals(P, 1, 'v');
    const Fv = product(F, v, P, P, 1);
    expect(off(await matrix.multiply(v), Fv)).toBeLessThanOrEqual(1e-12);
    expect(await matrix.quadratic(v)).toBeCloseTo(product(v, Fv, 1, P, 1)[0], 10);
    const { values } = symmetricEigen(F, P);
    expect(off(matrix.eigenvalues(), values)).toBeLessThanOrEqual(1e-12);
    const top = await matrix.top(4);
    expect(off(top.values, values.slice(-4).reverse())).toBeLessThanOrEqual(1e-12);
    const { value: trace } = await matrix.trace();
    expect(trace).toBeCloseTo(
      values.reduce((s, x) => s + x, 0),
      10,
    );
    expect((await matrix.frobenius()).value).toBeCloseTo(frobenius(F), 10);
    expect(await matrix.diagonal()).toEqual(Float64Array.from({ length: P }, (_, i) => F[i * P + i]));
    const lambda = 0.05;
    const logdet = await matrix.logdet(lambda);
    if (isFailure(logdet)) throw new Error(logdet.failed);
    expect(logdet.value).toBeCloseTo(
      values.reduce((s, x) => s + Math.log(x + lambda), 0),
      9,
    );
    const { solution } = await solvedOf(lambda, v);
    const M = F.map((x, i) => x + (i % (P + 1) === 0 ? lambda : 0));
    expect(off(product(M, solution, P, P, 1), v)).toBeLessThanOrEqual(1e-10);
    const L = new Float64Array(P * P);
    for (let j = 0; j < P; j++) {
      const column = matrix.root(identity(P).slice(j * P, (j + 1) * P), lambda) as Float64Array;
      column.forEach((x, i) => (L[i * P + j] = x));
    }
    expect(off(product(product(L, flip(L, P, P), P, P, P), M, P, P, P), identity(P))).toBeLessThanOrEqual(
      1e-10,
    );
  });

  it('draws are keyed, and the root of standard normals', async () => {
    const [a, again, other] = [
      await matrix.sample(0.1, 7),
      await matrix.sample(0.1, 7),
      await matrix.sample(0.1, 7, 1),
    ];
    expect(a).toEqual(again);
    expect(a).not.toEqual(other);
  });

  it('what has no inverse is a value that names the block', async () => {
    const solved = await matrix.solve(new Float64Array(P).fill(1), 0);
    expect(isFailure(solved) && solved.failed).toMatch(/^scale: .*not positive definite/);
  });

  it('every parameter is in one block of its size', () => {
    const diagonal = (n: number) => new DiagonalBlock(new Float64Array(n));
    expect(() => new BlockMatrix('x', layout, [])).toThrow(/none for b1/);
    expect(
      () => new BlockMatrix('x', [scale], [{ region: parameterRegion(scale), block: diagonal(3) }]),
    ).toThrow(/has 4 numbers/);
    const twice = { region: parameterRegion(scale), block: diagonal(4) };
    expect(() => new BlockMatrix('x', [scale], [twice, twice])).toThrow(/one block only/);
    expect(() => new BlockMatrix('x', [b1], [twice])).toThrow(/of the layout/);
  });

  it('regions join', () => {
    const both = joinedRegion('both', [first, second]);
    const v = normals(P, 1, 'join');
    const back = new Float64Array(P);
    both.scatter(both.gather(v), back);
    expect(back.slice(0, 15)).toEqual(v.slice(0, 15));
    expect(both.parameters).toEqual(['w1', 'b1', 'w2']);
  });
});
