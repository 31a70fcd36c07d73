import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { hallInterval, Moments, satterthwaite, studentInterval, studentQuantile } from './index.js';

const base = { value: 3, standardError: 0.5, degrees: 9, level: 0.95, nonNegative: false };

describe('Student', () => {
  it('is value ± t·SE; z where the error is a closed form', () => {
    const t = studentQuantile(0.975, 9);
    expect(studentInterval(base)).toEqual([3 - 0.5 * t, 3 + 0.5 * t]);
    expect(studentInterval({ ...base, degrees: Infinity })[1]).toBeCloseTo(3 + 0.5 * 1.959963984540054, 14);
  });

  it('never goes below 0 for what cannot be negative', () => {
    expect(studentInterval({ ...base, value: 0.2, nonNegative: true })[0]).toBe(0);
    const [low, high] = studentInterval({ ...base, value: -5, nonNegative: true });
    expect([low, high]).toEqual([0, 0.5 * studentQuantile(0.975, 9)]);
  });
});

describe('Hall', () => {
  it('goes to Student without skewness, and takes a negative one for none', () => {
    expect(hallInterval({ ...base, skewness: 0 })).toEqual(studentInterval(base));
    expect(hallInterval({ ...base, skewness: -0.4 })).toEqual(studentInterval(base));
    const [low, high] = hallInterval({ ...base, skewness: 1e-9 });
    expect(low).toBeCloseTo(studentInterval(base)[0], 8);
    expect(high).toBeCloseTo(studentInterval(base)[1], 8);
  });

  it('inverts W + A W² + A²W³/3 + B at both ends, A = G/3, B = G/6', () => {
    const G = 0.3;
    const t = studentQuantile(0.975, 9);
    const [low, high] = hallInterval({ ...base, skewness: G });
    const g = (W: number) => W + (G / 3) * W ** 2 + (G ** 2 / 27) * W ** 3 + G / 6;
    expect(g((3 - low) / 0.5)).toBeCloseTo(t, 12);
    expect(g((3 - high) / 0.5)).toBeCloseTo(-t, 12);
  });

  it('turns round for a closed form: A = −G/6', () => {
    const G = 0.3;
    const t = 1.959963984540054;
    const [low, high] = hallInterval({ ...base, degrees: Infinity, skewness: G, closedForm: true });
    const A = -G / 6;
    const g = (W: number) => W + A * W ** 2 + (A ** 2 / 3) * W ** 3 + G / 6;
    expect(g((3 - low) / 0.5)).toBeCloseTo(t, 12);
    expect(g((3 - high) / 0.5)).toBeCloseTo(-t, 12);
  });

  it('takes a finite population’s G and H', () => {
    const f = 0.7;
    const g = 0.2;
    const G = (g * (1 - 2 * f)) / Math.sqrt(1 - f);
    const H = g * Math.sqrt(1 - f);
    const A = (3 * H - G) / 6;
    const t = studentQuantile(0.975, 9);
    const [low, high] = hallInterval({ ...base, skewness: g, fraction: f });
    const map = (W: number) => W + A * W ** 2 + (A ** 2 / 3) * W ** 3 + G / 6;
    expect(map((3 - low) / 0.5)).toBeCloseTo(t, 12);
    expect(map((3 - high) / 0.5)).toBeCloseTo(-t, 12);
  });

  it('holds the far end at G = 1.09/t, so that it never shrinks with more skewness', () => {
    const ends = [0.1, 0.3, 0.5, 1, 2, 20].map((skewness) => hallInterval({ ...base, skewness })[1]);
    for (let i = 1; i < ends.length; i++) expect(ends[i]).toBeGreaterThanOrEqual(ends[i - 1]);
    expect(ends[5]).toBe(ends[2]);
  });

  it('covers a skewed law where Student does not: gamma(½), n = 20, 4,000 repeats', () => {
    const draws = new Sequence(11, 'rules');
    const repeats = 4000;
    let hall = 0;
    let student = 0;
    for (let r = 0; r < repeats; r++) {
      const terms = Moments.of(Array.from({ length: 20 }, () => draws.normal() ** 2));
      const of = {
        value: terms.mean,
        standardError: terms.standardError,
        degrees: 19,
        level: 0.95,
        nonNegative: true,
      };
      const inside = ([low, high]: readonly [number, number]) => (low <= 1 && 1 <= high ? 1 : 0);
      student += inside(studentInterval(of));
      hall += inside(hallInterval({ ...of, skewness: terms.skewness / Math.sqrt(20) }));
    }
    // Simulated elsewhere: about 90 and 94 in 100; one standard error here is 0.4 points.
    expect(hall / repeats).toBeGreaterThan(0.925);
    expect(student / repeats).toBeLessThan(0.915);
  });
});

it('Satterthwaite: one part keeps its degrees, closed forms add certainty', () => {
  expect(satterthwaite([{ variance: 2, degrees: 7 }])).toBe(7);
  expect(satterthwaite([{ variance: 2, degrees: Infinity }])).toBe(Infinity);
  expect(
    satterthwaite([
      { variance: 1, degrees: 7 },
      { variance: 1, degrees: Infinity },
    ]),
  ).toBe(28);
});
