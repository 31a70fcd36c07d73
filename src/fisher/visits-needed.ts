/**
 * @module fisher/visits-needed
 *
 * Visits that a target error takes, from a pilot (theory (17.1) to (17.3)): with v the variance of one visit's term, F̂ the mean,
 *
 *   n = ⌈ v/F̂² · exp(1.2816 √L)/target² ⌉,     L = max(2/(n₀ − 1), (k₄ − 1 + 4c² − 4ck₃)/n₀),     c = √v/F̂,
 *
 * the upper 90 % limit of the pilot's relative variance by the delta method, k₃ and k₄ the pilot's standardised moments. If the
 * reported error is above the target afterwards, n goes up by a tenth more than the square of their ratio, else by the same rule from all
 * terms so far. All examples with K draws each, which leave a variance of their labels of 𝒱 beside one over inputs of S², take
 * K·𝒱/(target²F̂² − S²) draws, and a quarter more.
 */
import { Moments } from '../stats/moments.js';

/** Φ⁻¹(0.9). */
const NINE_OF_TEN = 1.2815515655446004;
/** More than a top-up seems to need. */
const MORE = 1.1;
/** More draws than seem to be needed, for the error of the label part itself. */
const MORE_DRAWS = 1.25;
/** Draws per example beyond which more are not taken. */
export const MOST_DRAWS = 4096;

/** Examples of a pilot of closed forms, for a data set of N. */
export function pilotSize(N: number): number {
  return Math.min(N, 200, Math.max(20, Math.floor(N / 4)));
}

/** What a pilot of n₀ visits says of one. */
export interface PilotTerms {
  /** n₀. */
  readonly examples: number;
  /** F̂. */
  readonly mean: number;
  /** Variance of one visit's term, draws and all. */
  readonly variance: number;
  /** The share of it that is of the draws. */
  readonly label: number;
  /** exp(1.2816 √L). */
  readonly room: number;
}

/** What is known of a pilot without its terms: with example weights, whose terms are ratios. */
export interface PilotFigures {
  /** n₀. */
  readonly examples: number;
  /** F̂. */
  readonly mean: number;
  /** Variance of one visit's term, and its skewness. */
  readonly variance: number;
  /** Of one visit's term. */
  readonly skewness: number;
}

/** The same with the fourth moment that a gamma law of that skewness has, k₄ = 3 + 1.5 k₃². */
export function pilotFromFigures(
  { examples: n, mean, variance, skewness }: PilotFigures,
  label: number,
): PilotTerms {
  const c = Math.sqrt(variance) / mean;
  const fourth = 3 + 1.5 * skewness ** 2;
  const L = Math.max(2 / (n - 1), (fourth - 1 + 4 * c * c - 4 * c * skewness) / n);
  return { examples: n, mean, variance, label, room: Math.exp(NINE_OF_TEN * Math.sqrt(L)) };
}

/** From the pilot's terms y, in any order; `factor`: r of the proxies. */
export function pilotTerms(terms: readonly number[], factor: number, label: number): PilotTerms {
  const m = Moments.of(terms);
  const n = m.count;
  const variance = factor ** 2 * m.sampleVariance;
  const spread = Math.sqrt(m.m2 / n);
  let fourth = 0;
  for (const y of terms) fourth += spread > 0 ? ((y - m.mean) / spread) ** 4 / n : 0;
  const c = Math.sqrt(variance) / m.mean;
  const L = Math.max(2 / (n - 1), (fourth - 1 + 4 * c * c - 4 * c * m.skewness) / n);
  const room = Math.exp(NINE_OF_TEN * Math.sqrt(L));
  return { examples: n, mean: m.mean, variance, label: factor ** 2 * label, room };
}

/** How the variance of an estimate falls with its visits. */
export interface ErrorLaw {
  /** Visits that take a share of the variance over inputs away by themselves: N of a finite population that is visited uniformly. */
  readonly finite?: number | undefined;
  /** Variance that no number of visits takes away: S²/N of a distribution that is known by N examples, visited with weights. */
  readonly floor?: number;
}

/** The smallest n that is expected to reach `target`; Infinity where none does. */
export function visitsNeeded(
  pilot: PilotTerms,
  target: number,
  { finite, floor = 0 }: ErrorLaw = {},
): number {
  const { mean, variance, label, room } = pilot;
  const tolerance = (target * mean) ** 2;
  const over = finite === undefined ? 0 : (room * Math.max(0, variance - label)) / finite;
  const left = tolerance + over - floor;
  return left > 0 ? Math.max(2, Math.ceil((room * variance) / left)) : Infinity;
}

/** Visits after a stage that reports a relative error of `reported`. */
export const topUp = (n: number, reported: number, target: number): number =>
  Math.ceil(MORE * n * (reported / target) ** 2);

/** Variances of an estimate: over its inputs, and of its draws. */
export interface VarianceParts {
  /** Over inputs; no draw takes it away. */
  readonly data: number;
  /** Of the draws. */
  readonly label: number;
}

/** What they are expected to be from n visits, at the upper limit that the pilot leaves; `finite` as in `ErrorLaw`. */
export function partsAt(
  { variance, label, room }: PilotTerms,
  n: number,
  { finite = Infinity }: Pick<ErrorLaw, 'finite'> = {},
): VarianceParts {
  const inputs = Math.max(0, variance - label);
  return { data: room * inputs * Math.max(0, 1 / n - 1 / finite), label: (room * label) / n };
}

/** Draws for each of the same examples that reach a variance of `tolerance`; null where none do. `labels`: draws of `parts`. */
export function drawsNeeded(
  { data, label }: VarianceParts,
  labels: number,
  tolerance: number,
): number | null {
  const left = tolerance - data;
  if (labels === 0 || !(left > 0)) return null;
  return Math.max(1, Math.ceil((MORE_DRAWS * labels * label) / left));
}

/** The variance that all of `parts` come to with K draws in place of `labels`, with the room that `drawsNeeded` leaves. */
export function varianceWith({ data, label }: VarianceParts, labels: number, K: number): number {
  return K <= labels ? data + label : data + (MORE_DRAWS * label * labels) / K;
}
