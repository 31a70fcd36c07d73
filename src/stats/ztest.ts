/**
 * @module stats/ztest
 *
 * Tests of unbiasedness at a fixed number of repeats R, with a known standard error: |z| ≤ 4.5 (a correct estimator fails
 * once in 150,000), a seed made of the test's own name, and R large enough that the mean's skewness g/√R is at most 0.2.
 */
import { hashString } from '../core/random-hash.js';

/** The largest |z| that passes. */
export const Z_LIMIT = 4.5;

/** The seed of a test. */
export function seedOf(testName: string): number {
  return hashString(testName);
}

/** (estimate − truth)/standardError. Without error the two must be equal: 0 if they are, else ±∞. */
export function zScore(estimate: number, truth: number, standardError: number): number {
  if (standardError > 0) return (estimate - truth) / standardError;
  return estimate === truth ? 0 : estimate > truth ? Infinity : estimate < truth ? -Infinity : NaN;
}

/** Fewest repeats at which a term of skewness g may be z-tested. */
export function repeatsFor(skewness: number): number {
  return Math.max(2, Math.ceil((skewness / 0.2) ** 2));
}
