import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { byWeight, coverageByRepeats, withoutReplacement, withReplacement } from './coverage-by-repeats.js';
import { studentInterval } from './rules.js';

const normal = Float64Array.from({ length: 4000 }, (_, i) => new Sequence(3, 'normal', i).normal());
const none = new Float64Array(4000);

describe('coverage by repeats', () => {
  it('of Student’s rule on normal terms is its level, within 4 standard errors', () => {
    const [got] = coverageByRepeats({
      n: 12,
      seed: 1,
      draw: withReplacement(4000),
      terms: [normal, none],
      targets: [normal.reduce((s, v) => s + v, 0) / 4000],
      interval: (_, r) =>
        studentInterval({
          value: r.mean,
          standardError: Math.sqrt(r.variance / r.n),
          degrees: r.n - 1,
          level: 0.9,
          nonNegative: false,
        }),
    });
    expect(Math.abs(got - 0.9)).toBeLessThan(4 * Math.sqrt((0.9 * 0.1) / 1000));
  });

  it('gives the rule mean, variance and skewness of the visits', () => {
    const terms = Float64Array.of(1, 2, 4, 9);
    coverageByRepeats({
      n: 4,
      seed: 1,
      draw: (_, places) => places.set([0, 1, 2, 3]),
      terms: [terms, terms],
      targets: [0],
      interval: (_, r, beside) => {
        expect(r.mean).toBeCloseTo(4, 13);
        expect(r.variance).toBeCloseTo(38 / 3, 12);
        expect(r.skewness).toBeCloseTo((2 * (-27 - 8 + 125)) / 38 ** 1.5, 12);
        expect(beside).toEqual(r);
        return null;
      },
    });
  });

  it('draws what it says', () => {
    const places = new Uint32Array(3);
    const sequence = new Sequence(1, 'places');
    const without = withoutReplacement(3);
    for (let k = 0; k < 20; k++) {
      without(sequence, places);
      expect([...places].sort()).toEqual([0, 1, 2]);
    }
    const weighted = byWeight(Float64Array.of(1, 0, 3));
    const count = [0, 0, 0];
    const many = new Uint32Array(4000);
    weighted(sequence, many);
    many.forEach((p) => count[p]++);
    expect(count[1]).toBe(0);
    expect(Math.abs(count[0] - 1000)).toBeLessThan(4 * Math.sqrt(4000 * 0.25 * 0.75));
  });
});
