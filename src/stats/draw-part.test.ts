import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { drawPart } from './draw-part.js';
import { jackknife } from './jackknife.js';
import { Moments } from './moments.js';

/** 20 groups of 3 examples with K draws each: sums of the means of all draws, of the first, of the others. */
function drawn(random: Sequence, centres: readonly number[], K: number, first: number) {
  const groups = centres.map((centre) => {
    const draws = Array.from({ length: K }, () => 3 * centre + Math.sqrt(3) * random.normal());
    const mean = (from: number, to: number) => draws.slice(from, to).reduce((s, v) => s + v, 0) / (to - from);
    return { all: mean(0, K), first: mean(0, first), second: mean(first, K) };
  });
  const n = 3 * centres.length;
  const theta = (of: (g: number) => number): number => (groups.reduce((s, _, g) => s + of(g), 0) / n) ** 2;
  const changed = (part: 'first' | 'second') =>
    groups.map((_, g) => theta((other) => groups[other][other === g ? part : 'all']));
  return {
    whole: theta((g) => groups[g].all),
    draws: {
      ...{ first: changed('first'), second: changed('second'), share: first / K },
      all: [theta((g) => groups[g].first), theta((g) => groups[g].second)] as const,
    },
  };
}

describe('the part of draws', () => {
  const centres = Array.from({ length: 20 }, (_, g) => 0.2 * Math.sin(g));
  const truth = (centres.reduce((s, c) => s + c, 0) / 20) ** 2;

  it.each([
    [2, 1],
    [3, 1],
    [5, 2],
  ])(
    'of a square: bias and variance of %i draws, %i of them first (3,000 repeats, z within 4.5)',
    (K, first) => {
      const random = new Sequence(K, 'draw part');
      const [bias, variance] = [new Moments(), new Moments()];
      const mean = 0.2 * (centres.reduce((s, _, g) => s + Math.sin(g), 0) / 20);
      for (let r = 0; r < 3000; r++) {
        const { whole, draws } = drawn(random, centres, K, first);
        const part = drawPart(whole, draws);
        bias.add(whole - part.bias - truth);
        variance.add(part.variance);
      }
      expect(Math.abs(bias.mean) / bias.standardError).toBeLessThanOrEqual(4.5);
      // First order at the mean, whose square varies by v = 1/(60 K): Var m² = 4 μ² v + 2 v², of which the estimate's mean has 4 (μ² + v) v.
      const v = 1 / (60 * K);
      const expected = 4 * (mean ** 2 + v) * v;
      expect(variance.mean / expected).toBeGreaterThan(0.9);
      expect(variance.mean / expected).toBeLessThan(1.1);
    },
  );

  it('is all that is left where every input was visited, and nothing where the draws agree', () => {
    const { whole, draws } = drawn(new Sequence(9, 'one'), centres, 2, 1);
    const design = {
      counts: centres.map(() => 3),
      left: 0,
      level: 0.95,
      feasible: [0, Infinity],
      bends: false,
    } as const;
    const told = jackknife({ whole, without: [], halves: [], draws }, design);
    const part = drawPart(whole, draws);
    expect(told.value).toBeCloseTo(Math.max(0, whole - part.bias), 12);
    expect(told.standardError).toBeCloseTo(
      Math.sqrt(part.variance + part.remaining ** 2 + part.bias ** 2),
      12,
    );
    const same = centres.map(() => whole);
    const agreed = { first: same, second: same, all: [whole, whole] as const, share: 0.5 };
    const none = jackknife({ whole, without: [], halves: [], draws: agreed }, design);
    expect(none).toMatchObject({ plugIn: whole, value: whole, standardError: 0 });
  });
});
