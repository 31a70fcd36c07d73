/**
 * @module fisher/visits-needed
 *
 * Visits that a target error takes, from a pilot (theory (17.1) to (17.3)): with v the variance of one visit's term, F̂ the mean,
 *
 *   n = ⌈ v/F̂² · exp(1.2816 √L)/target² ⌉,     L = max(2/(n₀ − 1), (k₄ − 1 + 4c² − 4ck₃)/n₀),     c = √v/F̂,
 *
 * the upper 90 % limit of the pilot's relative variance by the delta method, k₃ and k₄ the pilot's standardised moments. Where afterwards
 * the reported error is above the target, n goes up by a tenth more than the square of their ratio.
 */
import { Moments } from '../stats/moments.js';

/** Φ⁻¹(0.9). */
const NINE_OF_TEN = 1.2815515655446004;
/** More than a top-up seems to need. */
const MORE = 1.1;

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
  readonly finite?: number;
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
