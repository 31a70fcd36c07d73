import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { between, jackknife, type JackknifeDesign, jackknifeSets, largelyCorrected } from './jackknife.js';
import { Moments } from './moments.js';
import { studentQuantile } from './student.js';

const DESIGN: Omit<JackknifeDesign, 'counts'> = {
  left: 1,
  level: 0.95,
  feasible: [-Infinity, Infinity],
  bends: false,
};

/** θ of means of groups, `sums` their sums. */
function figureOf(
  sums: readonly number[],
  counts: readonly number[],
  theta: (mean: number, n: number) => number,
  design: Partial<JackknifeDesign> = {},
) {
  const at = (groups: readonly number[]): number => {
    const n = groups.reduce((s, g) => s + counts[g], 0);
    return theta(groups.reduce((s, g) => s + sums[g], 0) / n, n);
  };
  const sets = jackknifeSets(counts);
  const values = {
    whole: at(counts.flatMap((c, g) => (c > 0 ? [g] : []))),
    without: sets.without.map(at),
    halves: sets.halves.map(at),
  };
  return jackknife(values, { ...DESIGN, counts, ...design });
}

/** B groups of `size` exponentials of mean 1. */
function groupsOf(random: Sequence, B: number, size: number): number[] {
  return Array.from({ length: B }, () => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum -= Math.log(random.next());
    return sum;
  });
}

describe('the jackknife by groups', () => {
  it('leaves a mean as it is, with the error of the spread of its groups', () => {
    const counts = Array.from({ length: 10 }, () => 4);
    const sums = groupsOf(new Sequence(1, 'mean'), 10, 4);
    const { plugIn, value, standardError, interval } = figureOf(sums, counts, (m) => m);
    const spread = new Moments();
    for (const s of sums) spread.add(s / 4);
    expect(value).toBeCloseTo(plugIn, 12);
    expect(standardError).toBeCloseTo(spread.standardError, 12);
    const [low, high] = interval as [number, number];
    expect((high - low) / 2).toBeCloseTo(studentQuantile(0.975, 9) * spread.standardError, 12);
  });

  it('what no group changes is itself, without rounding', () => {
    const counts = [3, 7, 5, 9, 4, 6, 8, 11, 10];
    const sums = counts.map((n) => n * 0.1);
    expect(figureOf(sums, counts, () => 1 / 3)).toEqual({
      ...{ plugIn: 1 / 3, value: 1 / 3, standardError: 0 },
      interval: [1 / 3, 1 / 3],
    });
  });

  it('removes a bias of c/n to the last digit, also with unequal groups', () => {
    const counts = [3, 5, 4, 6, 2, 3, 7, 5, 4, 3];
    const sums = counts.map((n) => 2 * n);
    const { plugIn, value, standardError } = figureOf(sums, counts, (m, n) => m + 10 / n);
    expect(plugIn).toBeCloseTo(2 + 10 / 42, 12);
    expect(value).toBeCloseTo(2, 12);
    // Nothing varies, and the half-samples see the same.
    expect(standardError as number).toBeLessThan(0.02);
  });

  it('the square of a mean: no bias left, and 95 % is covered (2,000 repeats, z within 4.5)', () => {
    const random = new Sequence(2, 'square');
    const [plain, corrected] = [new Moments(), new Moments()];
    let covered = 0;
    const repeats = 2000;
    const counts = Array.from({ length: 20 }, () => 5);
    for (let r = 0; r < repeats; r++) {
      const { plugIn, value, interval } = figureOf(groupsOf(random, 20, 5), counts, (m) => m * m);
      plain.add(plugIn - 1);
      corrected.add(value - 1);
      const [low, high] = interval as [number, number];
      if (low <= 1 && high >= 1) covered++;
    }
    // E m² = 1 + 1/n.
    expect(Math.abs(plain.mean - 0.01) / plain.standardError).toBeLessThanOrEqual(4.5);
    expect(Math.abs(corrected.mean) / corrected.standardError).toBeLessThanOrEqual(4.5);
    expect(covered / repeats).toBeGreaterThan(0.925);
    expect(covered / repeats).toBeLessThan(0.975);
  });

  it('of N that are all there is, a share of correction and variance is left, and nothing where all were visited', () => {
    const counts = Array.from({ length: 8 }, () => 3);
    const sums = groupsOf(new Sequence(3, 'finite'), 8, 3);
    const all = figureOf(sums, counts, (m) => m);
    const half = figureOf(sums, counts, (m) => m, { left: 0.25 });
    expect(half.standardError).toBeCloseTo((all.standardError as number) / 2, 12);
    const squared = [1, 0.25, 0].map((left) => figureOf(sums, counts, (m) => m * m, { left }));
    expect(squared[1].value - squared[1].plugIn).toBeCloseTo(
      0.25 * (squared[0].value - squared[0].plugIn),
      12,
    );
    expect(squared[2]).toEqual({
      plugIn: squared[2].plugIn,
      value: squared[2].plugIn,
      standardError: 0,
      interval: [squared[2].plugIn, squared[2].plugIn],
    });
  });

  it('a function that bends beyond correction is unresolved where it is to be trusted, and else wider', () => {
    const counts = Array.from({ length: 8 }, () => 2);
    const sums = counts.map((n) => 2 * n);
    const bent = (m: number, n: number): number => m + 30 / n ** 2;
    const refused = figureOf(sums, counts, bent, { bends: true });
    expect(refused.interval).toBeNull();
    expect(refused.standardError).toBeNull();
    expect(refused.unresolved).toMatch(/more examples/);
    const wide = figureOf(sums, counts, bent);
    expect(wide.standardError as number).toBeGreaterThan(0.1);
  });

  it('few groups, few examples and values that are none have no interval', () => {
    const seven = Array.from({ length: 7 }, () => 10);
    expect(figureOf(seven, seven, (m) => m).unresolved).toMatch(/too few/);
    const ones = Array.from({ length: 20 }, () => 1);
    expect(figureOf(ones, ones, (m) => m).unresolved).toMatch(/too few/);
    const eight = Array.from({ length: 8 }, () => 10);
    expect(figureOf(eight, eight, (m, n) => (n < 75 ? NaN : m)).unresolved).toMatch(/no value/);
    expect(figureOf(eight, eight, () => NaN).unresolved).toBe('it has no value');
  });

  it('keeps to what is feasible, drops empty groups, and says when it corrects by more than an error', () => {
    const counts = [4, 4, 0, 4, 4, 4, 4, 4, 4, 4];
    const sums = groupsOf(new Sequence(4, 'feasible'), 10, 4);
    const figure = figureOf(sums, counts, (m) => m - 1, { feasible: [0, 0.05] });
    expect(figure.interval?.[0]).toBe(0);
    expect(figure.value).toBeLessThanOrEqual(0.05);
    expect(jackknifeSets(counts).without).toHaveLength(9);
    expect(jackknifeSets(counts).halves).toHaveLength(10);
    const moved = { plugIn: 3, value: 2, standardError: 0.5, interval: null };
    expect(largelyCorrected(moved)).toBe(true);
    expect(largelyCorrected({ ...moved, standardError: 2 })).toBe(false);
  });
});

it.each([
  [0.5, 0.2, 0.5, [0.3, 0.7]],
  [-0.1, 0.3, 0, [0, 0.2]],
  [-2, 0.3, 0, [0, 0.3]],
  [0.9, 0.3, 0.9, [0.6, 1]],
  [4, 0.3, 1, [0.7, 1]],
  [4, 9, 1, [0, 1]],
  [-2, 0, 0, [0, 0]],
] as const)('%d ± %d between 0 and 1', (value, half, kept, interval) => {
  const found = between(value, half, [0, 1]);
  expect(found.value).toBe(kept);
  found.interval.forEach((end, i) => expect(end).toBeCloseTo(interval[i], 12));
});
