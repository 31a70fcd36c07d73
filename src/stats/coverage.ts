/**
 * @module stats/coverage
 *
 * Do 95 % intervals hold the truth 95 % of the time? Each case is a quantity with the skewness g of its estimator. Cases
 * of small skewness are tested: each within 2 points of 95 %, their average within 0.7, and at least half of the cases
 * whose error is exact or closed-form must be among them. The rest are listed with what is expected of them, about
 * 95 − 25 g² where the error is estimated from the same data.
 */

/** How often the intervals of one quantity held the truth. */
export interface CoverageCase {
  /** The quantity, for messages. */
  name: string;
  /** Skewness of the estimator over everything that is drawn. */
  skewness: number;
  /** Whether the label part of its error is 0 or in closed form. */
  closedForm: boolean;
  /** Intervals that held the truth. */
  covered: number;
  /** Intervals in all. */
  repeats: number;
}

/** What a set of cases says about the intervals. */
export interface CoverageVerdict {
  /** Cases that qualify, in the order given. */
  tested: CoverageCase[];
  /** Cases of larger skewness, which are listed with what is expected of them. */
  listed: CoverageCase[];
  /** Qualifying cases further than 2 points from 95 %. */
  failed: CoverageCase[];
  /** Mean coverage of the qualifying cases; NaN without any. */
  average: number;
  /** Part of the exact and closed-form cases that qualify; 1 without any. */
  qualifyingShare: number;
  /** Whether no case failed, the average is near 95 % and enough cases qualify. */
  passed: boolean;
}

/** g ≤ 0.2, or g ≤ 0.5 where the label part is exact or closed-form. */
export function qualifies(c: Pick<CoverageCase, 'skewness' | 'closedForm'>): boolean {
  return Math.abs(c.skewness) <= (c.closedForm ? 0.5 : 0.2);
}

/** What a studentised 95 % interval covers at skewness g, to second order: 0.95 − 0.25 g². */
export function expectedCoverage(skewness: number): number {
  return 0.95 - 0.25 * skewness ** 2;
}

/** The verdict over the cases of one model and estimator. */
export function judgeCoverage(cases: readonly CoverageCase[]): CoverageVerdict {
  const tested = cases.filter(qualifies);
  const listed = cases.filter((c) => !qualifies(c));
  const rate = (c: CoverageCase) => c.covered / c.repeats;
  const failed = tested.filter((c) => Math.abs(rate(c) - 0.95) > 0.02);
  const average = tested.reduce((sum, c) => sum + rate(c), 0) / tested.length;
  const closed = cases.filter((c) => c.closedForm);
  const qualifyingShare = closed.length === 0 ? 1 : closed.filter(qualifies).length / closed.length;
  const passed =
    tested.length > 0 && failed.length === 0 && Math.abs(average - 0.95) <= 0.007 && qualifyingShare >= 0.5;
  return { tested, listed, failed, average, qualifyingShare, passed };
}
