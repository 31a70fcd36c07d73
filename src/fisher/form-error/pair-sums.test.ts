import { describe, expect, it } from 'vitest';
import { Sequence } from '../../core/random.js';
import { dot, examplesWithout, groupsInOrder, PairSums } from './pair-sums.js';

const rng = new Sequence(3, 'vectors');
const vectors = Array.from({ length: 6 }, () => Float64Array.from({ length: 4 }, () => 1 + rng.normal()));

/** Sums over pairs of some of the vectors, in `most` groups. */
function sumsOf(of: readonly Float64Array[], most: number): PairSums {
  const sums = new PairSums(groupsInOrder(of.length, most));
  const n = of.length;
  const v = Float64Array.from({ length: n * n }, (_, at) => dot(of[Math.floor(at / n)], of[at % n]));
  sums.addTile(v, { row: 0, rows: n, column: 0, columns: n });
  return sums;
}

const squareOfMean = (of: readonly Float64Array[]): number => {
  const mean = of[0].map((_, i) => of.reduce((s, v) => s + v[i], 0) / of.length);
  return dot(mean, mean);
};

describe('squares of means', () => {
  it('of all of a population are the square itself', () => {
    expect(sumsOf(vectors, 3).squared(-1, 1 / 6)).toBeCloseTo(squareOfMean(vectors), 12);
  });

  it('of a part of a population are right on average over all parts', () => {
    const found: number[] = [];
    for (let a = 0; a < 6; a++)
      for (let c = 0; c < a; c++)
        for (let d = 0; d < c; d++)
          found.push(sumsOf([vectors[a], vectors[c], vectors[d]], 3).squared(-1, 1 / 6));
    expect(found).toHaveLength(20);
    expect(found.reduce((s, v) => s + v, 0) / 20).toBeCloseTo(squareOfMean(vectors), 12);
  });

  it('without a group are those of the others', () => {
    const sums = sumsOf(vectors, 3);
    const others = [...vectors.slice(0, 2), ...vectors.slice(4)];
    expect(sums.squared(1, 0)).toBeCloseTo(sumsOf(others, 2).squared(-1, 0), 12);
    expect(examplesWithout(sums.groups, 1)).toBe(4);
  });

  it('are the same by tiles and by sums of vectors', () => {
    const whole = sumsOf(vectors, 3);
    const tiled = new PairSums(whole.groups);
    const part = (row: number, column: number) =>
      Float64Array.from({ length: 9 }, (_, at) =>
        dot(vectors[row + Math.floor(at / 3)], vectors[column + (at % 3)]),
      );
    for (const [row, column] of [
      [0, 0],
      [0, 3],
      [3, 3],
    ])
      tiled.addTile(part(row, column), { row, rows: 3, column, columns: 3 });
    const sum = (g: number) => vectors[2 * g].map((v, i) => v + vectors[2 * g + 1][i]);
    const own = (g: number) =>
      dot(vectors[2 * g], vectors[2 * g]) + dot(vectors[2 * g + 1], vectors[2 * g + 1]);
    const byVectors = PairSums.ofVectors(whole.groups, [0, 1, 2].map(sum), Float64Array.from([0, 1, 2], own));
    for (const out of [-1, 0, 1, 2])
      for (const other of [tiled, byVectors])
        expect(other.squared(out, 0.1)).toBeCloseTo(whole.squared(out, 0.1), 12);
  });

  it('groups are equal in size to one', () => {
    const { sizes, count } = groupsInOrder(105, 20);
    expect(count).toBe(20);
    expect(new Set(sizes)).toEqual(new Set([5, 6]));
    expect(groupsInOrder(7, 20).count).toBe(7);
  });
});
