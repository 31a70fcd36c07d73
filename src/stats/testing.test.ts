import { describe, expect, it } from 'vitest';
import { FimError } from '../core/errors.js';
import {
  Z_LIMIT,
  expectedCoverage,
  interval,
  judgeCoverage,
  qualifies,
  repeatsFor,
  seedOf,
  zOfLevel,
  zScore,
  type CoverageCase,
} from './index.js';

describe('interval', () => {
  it('is value ± z·se, never clipped', () => {
    expect(zOfLevel(0.95)).toBeCloseTo(1.959963984540054, 14);
    const [low, high] = interval(1, 2, 0.95);
    expect(low).toBeCloseTo(1 - 2 * 1.959963984540054, 14);
    expect(high).toBeCloseTo(1 + 2 * 1.959963984540054, 14);
    expect(interval(3, 0, 0.5)).toEqual([3, 3]);
  });

  it.each([0, 1, -0.1, 95, NaN])('refuses level %d', (level) => {
    expect(() => zOfLevel(level)).toThrow(FimError);
    if (level === 95) expect(() => zOfLevel(level)).toThrow('`level: 0.95`');
  });
});

describe('z-tests', () => {
  it('an estimator without error must be equal', () => {
    expect(zScore(2, 2, 0)).toBe(0);
    expect(zScore(2.1, 2, 0)).toBe(Infinity);
    expect(zScore(1.9, 2, 0)).toBe(-Infinity);
    expect(zScore(NaN, 2, 0)).toBeNaN();
    expect(zScore(3, 2, 0.5)).toBe(2);
    expect(Z_LIMIT).toBe(4.5);
  });

  it('seeds differ with the name, and are safe integers', () => {
    expect(seedOf('a')).not.toBe(seedOf('b'));
    expect(seedOf('a')).toBe(seedOf('a'));
    expect(Number.isSafeInteger(seedOf('a long name, with punctuation'))).toBe(true);
  });

  it('repeats bring the skewness of a mean to 0.2', () => {
    expect(2 / Math.sqrt(repeatsFor(2))).toBeLessThanOrEqual(0.2);
    expect(2 / Math.sqrt(repeatsFor(2) - 1)).toBeGreaterThan(0.2);
    expect(repeatsFor(0)).toBe(2);
  });
});

describe('coverage', () => {
  const make = (name: string, skewness: number, closedForm: boolean, covered: number): CoverageCase => ({
    name,
    skewness,
    closedForm,
    covered,
    repeats: 2000,
  });

  it('which cases are tested', () => {
    expect(qualifies({ skewness: 0.2, closedForm: false })).toBe(true);
    expect(qualifies({ skewness: -0.3, closedForm: false })).toBe(false);
    expect(qualifies({ skewness: -0.5, closedForm: true })).toBe(true);
    expect(qualifies({ skewness: 0.51, closedForm: true })).toBe(false);
    expect(expectedCoverage(0.2)).toBeCloseTo(0.94, 14);
  });

  it('passes what holds and names what does not', () => {
    const good = [make('a', 0.1, true, 1895), make('b', 0.4, true, 1905), make('c', 0.1, false, 1900)];
    expect(judgeCoverage(good).passed).toBe(true);
    expect(judgeCoverage([...good, make('d', 3, false, 1500)])).toMatchObject({
      passed: true,
      listed: [{ name: 'd' }],
    });
    const bad = judgeCoverage([...good, make('e', 0.1, true, 1800)]);
    expect(bad.passed).toBe(false);
    expect(bad.failed.map((c) => c.name)).toEqual(['e']);
  });

  it('an average off by 0.8 points fails though each case is within 2', () => {
    const verdict = judgeCoverage([make('a', 0, true, 1884), make('b', 0, true, 1884)]);
    expect(verdict.failed).toEqual([]);
    expect(verdict.average).toBeCloseTo(0.942, 12);
    expect(verdict.passed).toBe(false);
  });

  it('too few qualifying closed-form cases fail', () => {
    const verdict = judgeCoverage([
      make('a', 0, true, 1900),
      make('b', 2, true, 1900),
      make('c', 2, true, 1900),
    ]);
    expect(verdict.qualifyingShare).toBeCloseTo(1 / 3, 14);
    expect(verdict.passed).toBe(false);
  });
});
