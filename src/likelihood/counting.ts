/**
 * @module likelihood/counting
 *
 * Inverse CDF of a count from one uniform: the least y with P(Y ≤ y) ≥ u. It starts beside a normal guess and walks by
 * probabilities that it adds, never subtracts: up from the lower tail where u ≤ ½, down from the upper tail, against the
 * exact 1 − u, beyond. So no mass is lost at either end, and the walk takes a few steps however large the mean is.
 */
import { normalQuantile } from '../core/random.js';

/** A distribution on 0, 1, …, `last`. */
export interface CountLaw {
  readonly last: number;
  readonly mean: number;
  readonly variance: number;
  /** Standardised third moment times the standard deviation: κ3/v. */
  readonly tilt: number;
  probability(y: number): number;
  /** P(Y ≤ y), accurate where it is small. */
  lower(y: number): number;
  /** P(Y > y), accurate where it is small. */
  upper(y: number): number;
}

export interface CountDraw {
  readonly y: number;
  /** Distance of u from the nearest step of the CDF inside (0, 1). */
  readonly distance: number;
}

/** Counts above this are not told apart from their neighbours by float64. */
const EXACT = 2 ** 52;

export function countQuantile(law: CountLaw, u: number): CountDraw {
  const { last, mean, variance, tilt } = law;
  const z = normalQuantile(u);
  // Cornish and Fisher's second term.
  const guess = Math.floor(mean + Math.sqrt(variance) * z + (tilt * (z * z - 1)) / 6);
  const clamp = (y: number) => Math.min(last, Math.max(0, y));
  if (mean > EXACT) return { y: clamp(guess), distance: 0 };
  return u <= 0.5 ? fromBelow(law, u, clamp(guess - 1)) : fromAbove(law, 1 - u, clamp(guess + 1));
}

function fromBelow(law: CountLaw, u: number, start: number): CountDraw {
  let y = start;
  let below = law.lower(y);
  while (below >= u && y > 0) {
    y -= 1;
    below = law.lower(y);
  }
  if (below >= u) return { y, distance: y < law.last ? below - u : Infinity };
  // Here P(Y ≤ y) < u.
  for (;;) {
    const next = below + law.probability(y + 1);
    y += 1;
    if (next >= u || y >= law.last) {
      return { y, distance: Math.min(u - below, y < law.last ? Math.abs(next - u) : Infinity) };
    }
    below = next;
  }
}

/** The least y with P(Y > y) ≤ w. */
function fromAbove(law: CountLaw, w: number, start: number): CountDraw {
  let y = start;
  let above = law.upper(y);
  while (above > w && y < law.last) {
    y += 1;
    above = law.upper(y);
  }
  for (;;) {
    if (y === 0) return { y, distance: w - above };
    const next = above + law.probability(y);
    if (next > w) {
      return { y, distance: Math.min(next - w, y < law.last ? w - above : Infinity) };
    }
    above = next;
    y -= 1;
  }
}

/** P(Y is not the mode y), from log P(y) ≤ 0. */
export function offOne(logProbability: number): number {
  return -Math.expm1(Math.min(0, logProbability));
}
