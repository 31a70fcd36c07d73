import { describe, expect, it } from 'vitest';
import { normals, positive } from '../linalg/testing.js';
import { BlockMatrix } from './block-matrix.js';
import type { MatrixBlock } from './blocks/block.js';
import { DenseBlock } from './blocks/dense.js';
import { DiagonalBlock } from './blocks/diagonal.js';
import { EigenbasisBlock } from './blocks/eigenbasis.js';
import { KroneckerBlock } from './blocks/kronecker.js';
import { StackBlock } from './blocks/stack.js';
import { compareFishers, type Compared } from './compare.js';
import { innerOfBlocks, innerProduct } from './inner.js';
import { layoutOf } from './layout.js';
import { parameterRegion } from './region.js';
import { dot } from './vectors.js';

const [inner, outer] = [3, 2];
const kron = (stream: string): KroneckerBlock =>
  new KroneckerBlock({
    A: positive(inner, 0.1, `A ${stream}`),
    G: positive(outer, 0.1, `G ${stream}`),
    inner,
    outer,
  });
const eigen = (stream: string): EigenbasisBlock => {
  const { parts } = kron(stream).basis();
  return new EigenbasisBlock({ ...parts, scale: normals(outer, inner, stream).map(Math.abs) });
};
/** Of a table: A a diagonal, and unit vectors its basis. */
const table = (stream: string): KroneckerBlock =>
  new KroneckerBlock({
    A: normals(inner, 1, `a ${stream}`).map(Math.abs),
    G: positive(outer, 0.1, `G ${stream}`),
    inner,
    outer,
  });
const KINDS: Record<string, (stream: string) => MatrixBlock> = {
  diagonal: (s) => new DiagonalBlock(normals(6, 1, s)),
  dense: (s) => new DenseBlock(positive(6, 0.1, s), 6),
  kronecker: kron,
  eigenbasis: eigen,
  table,
  'table in a basis': (s) => table(s).basis(),
  stack: (s) => new StackBlock([new DenseBlock(positive(3, 0.1, s), 3), new DiagonalBlock(normals(3, 1, s))]),
};

describe('the inner product of two blocks', () => {
  const pairs = Object.keys(KINDS).flatMap((a) => Object.keys(KINDS).map((b) => [a, b] as const));
  it.each(pairs)('%s and %s: that of the matrices', (a, b) => {
    const [x, y] = [KINDS[a]('one'), KINDS[b]('two')];
    const exact = dot(x.toDense(), y.toDense());
    expect(Math.abs((innerOfBlocks(x, y) as number) / exact - 1)).toBeLessThanOrEqual(1e-11);
  });
});

const layout = layoutOf([['w', [6]]]);
const matrix = (block: MatrixBlock): BlockMatrix =>
  new BlockMatrix(block.kind, layout, [{ region: parameterRegion(layout[0]), block }]);

/** Dense matrices by group, whose sum is what `of` gives. */
function grouped(stream: string, shared?: string): Compared {
  const counts = Float64Array.from({ length: 10 }, () => 4);
  const parts = Array.from({ length: 10 }, (_, g) => {
    const own = positive(6, 0.1, `${stream} ${g}`);
    const common = shared ? positive(6, 0.1, `${shared} ${g}`) : null;
    return common ? own.map((v, i) => v / 20 + common[i]) : own;
  });
  const of = (groups: readonly number[]): BlockMatrix =>
    matrix(
      new DenseBlock(
        parts[0].map((_, i) => groups.reduce((s, g) => s + parts[g][i], 0) / groups.length),
        6,
      ),
    );
  return { counts, left: 1, of, whole: of(parts.map((_, g) => g)) };
}

describe('two Fishers side by side', () => {
  it('one and itself: to the last bit, without error, in groups of any size', async () => {
    const one = { ...grouped('one'), counts: Float64Array.from({ length: 10 }, (_, g) => 3 + g) };
    for (const paired of [true, false]) {
      const found = await compareFishers(one, one, { share: 0.3, level: 0.95, paired });
      if (paired) {
        for (const name of ['cosine', 'traceRatio', 'overlap'] as const)
          expect(found[name]).toMatchObject({ value: 1, plugIn: 1, standardError: 0 });
        expect(found.relativeDistance).toMatchObject({ value: 0, plugIn: 0, standardError: 0 });
      } else expect([found.cosine.plugIn, found.relativeDistance.plugIn]).toEqual([1, 0]);
    }
  });

  const request = { paired: false, level: 0.95, share: 0.3 };

  it('one and twice itself: cosine 1, distance 1, traces 2, all of the largest', async () => {
    const block = KINDS.dense('F') as DenseBlock;
    const twice = new DenseBlock(
      block.values.map((v) => 2 * v),
      6,
    );
    const of = (): never => {
      throw new Error('no groups');
    };
    const none = { counts: new Float64Array(0), left: 1, of };
    const found = await compareFishers(
      { ...none, whole: matrix(block) },
      { ...none, whole: matrix(twice) },
      request,
    );
    expect(found.cosine.plugIn).toBeCloseTo(1, 12);
    expect(found.relativeDistance.plugIn).toBeCloseTo(1, 12);
    expect(found.traceRatio.plugIn).toBeCloseTo(2, 12);
    expect(found.overlap).toMatchObject({ share: 0.3, value: 1, standardError: null });
    expect(found.cosine.unresolved).toMatch(/no sums by group/);
  });

  it('of the same examples the errors are those of the difference, else larger', async () => {
    const [a, b] = [grouped('a', 'common'), grouped('b', 'common')];
    const paired = await compareFishers(a, b, { ...request, paired: true });
    const apart = await compareFishers(a, b, request);
    expect(paired.traceRatio.plugIn).toBe(apart.traceRatio.plugIn);
    expect(paired.traceRatio.standardError as number).toBeGreaterThan(0);
    expect(apart.traceRatio.standardError as number).toBeGreaterThan(
      5 * (paired.traceRatio.standardError as number),
    );
    for (const name of ['cosine', 'relativeDistance', 'traceRatio'] as const)
      expect(apart[name].interval).not.toBeNull();
  });

  it.each(Object.keys(KINDS))(
    '%s and itself: distance 0 and cosine 1 to the last bit; a near one keeps its digits',
    async (kind) => {
      const make = KINDS[kind];
      const none = { counts: new Float64Array(0), left: 1, of: () => matrix(make('F')) };
      const same = await compareFishers(
        { ...none, whole: matrix(make('F')) },
        { ...none, whole: matrix(make('F')) },
        request,
      );
      expect([same.relativeDistance.plugIn, same.cosine.plugIn]).toEqual([0, 1]);
    },
  );

  it('the distance of near ones is that of their difference, of Kronecker products too', async () => {
    const near = KINDS.kronecker('k') as KroneckerBlock;
    const { A, G, inner, outer } = near.parts;
    const moved = new KroneckerBlock({ A: A.map((v, i) => v * (1 + 1e-9 * (i % 3))), G, inner, outer });
    const none = { counts: new Float64Array(0), left: 1, of: () => matrix(near) };
    const found = await compareFishers(
      { ...none, whole: matrix(near) },
      { ...none, whole: matrix(moved) },
      request,
    );
    const [x, y] = [near.toDense(), moved.toDense()];
    const apart = Math.sqrt(
      dot(
        x.map((v, i) => v - y[i]),
        x.map((v, i) => v - y[i]),
      ),
    );
    expect(found.relativeDistance.plugIn / (apart / Math.sqrt(dot(x, x)))).toBeCloseTo(1, 6);
  });

  it('the overlap of groups has an error, and lies within 0 and 1', async () => {
    const [a, b] = [grouped('a', 'one'), grouped('b', 'two')];
    const { overlap } = await compareFishers(a, b, request);
    expect(overlap.value).toBe(overlap.plugIn);
    expect(overlap.standardError as number).toBeGreaterThanOrEqual(0);
    const [low, high] = overlap.interval as readonly [number, number];
    expect(low >= 0 && high <= 1).toBe(true);
  });

  it('a diagonal is compared with any form by the diagonals', async () => {
    const [x, y] = [KINDS.kronecker('k'), KINDS.diagonal('d')];
    expect(await innerProduct(matrix(x), matrix(y))).toBeCloseTo(dot(x.diagonal(), y.diagonal()), 12);
  });

  it('blocks over other regions are compared in full', async () => {
    const two = layoutOf([
      ['u', [2]],
      ['v', [4]],
    ]);
    const split = new BlockMatrix(
      'block',
      two,
      two.map((p) => ({
        region: parameterRegion(p),
        block: new DenseBlock(positive(p.size, 0.1, p.name), p.size),
      })),
    );
    const whole = matrix(KINDS.dense('whole'));
    const dense = dot((await split.toDense()) as Float64Array, (await whole.toDense()) as Float64Array);
    expect(await innerProduct(split, whole)).toBeCloseTo(dense, 12);
  });

  it.each([true, false])('ended by a signal, paired %s: values without errors', async (paired) => {
    const [a, b] = [grouped('a', 'shared'), grouped('b', 'shared')];
    const abort = new AbortController();
    let pauses = 0;
    const pause = (): Promise<void> => Promise.resolve(pauses++ === 5 ? abort.abort() : undefined);
    const full = await compareFishers(a, b, { ...request, paired });
    const ended = await compareFishers(a, b, { ...request, paired, pause, signal: abort.signal });
    expect([full.interrupted, ended.interrupted]).toEqual([false, true]);
    for (const name of ['cosine', 'relativeDistance', 'traceRatio'] as const) {
      const { plugIn } = full[name];
      const unresolved = 'interrupted before its error was known';
      expect(ended[name]).toEqual({ plugIn, value: plugIn, standardError: null, interval: null, unresolved });
    }
  });
});
