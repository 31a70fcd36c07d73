/**
 * @module stats/rules
 *
 * Rules of intervals for estimates that are means of few or skewed terms, by what is known of them (theory (15.2) to (15.6)).
 *
 *   Student   value ± t_ν·SE: terms of mixed signs, and wherever a proxy gave the standard error its factor
 *   Hall      with T = (estimate − target)/SE, G = κ₃/SE³ the skewness of the estimate and H = Cov(estimate, SE²)/SE³,
 *
 *                W(y) = [∛(1 + 3A(y − B)) − 1]/A,   A = (3H − G)/6,   B = G/6,   interval [v − SE·W(t), v − SE·W(−t)]
 *
 * W inverts W + A W² + A²W³/3 + B, which increases everywhere, so no domain is to be guarded (P. Hall, J. R. Statist. Soc. B 54, 1992).
 * H = G where SE is the spread of the same terms, H = 0 where it is a closed form that does not depend on the draws.
 *
 * A quantity that cannot be negative has no interval below 0: the interval is intersected with [0, ∞), and is [0, t·SE] where
 * nothing would be left.
 */
import { studentQuantile } from './student.js';
import { zOfLevel } from './interval.js';

/** [low, high]. */
export type Interval = readonly [number, number];

/** What every rule takes. */
export interface Measured {
  /** The estimate. */
  readonly value: number;
  /** Its standard error. */
  readonly standardError: number;
  /** Degrees of freedom of the standard error; Infinity for a closed form. */
  readonly degrees: number;
  /** Confidence level, in (0, 1). */
  readonly level: number;
  /** Whether the target cannot be negative. */
  readonly nonNegative: boolean;
}

/** What Hall's rule takes besides. */
export interface Skewed extends Measured {
  /** g, the skewness of the estimate as a mean of independent terms: theirs over √n. Only its positive part is used. */
  readonly skewness: number;
  /** f = n/N, the part of a finite population that was drawn without replacement; 0 for a distribution. */
  readonly fraction?: number;
  /** Whether SE is a closed form that does not depend on the draws, rather than the spread of the same terms. */
  readonly closedForm?: boolean;
}

/** Where the far end of Hall's interval stops growing with the skewness: G t = 1.09. */
const FARTHEST = 1.09;

/** The last factor: repeats of one design ask for the same again and again. */
let last = { level: NaN, degrees: NaN, factor: NaN };

/** The half width of Student's interval in standard errors. Throws `stats/level`. */
export function studentFactor(level: number, degrees: number): number {
  if (level === last.level && degrees === last.degrees) return last.factor;
  const z = zOfLevel(level);
  const factor = degrees === Infinity ? z : studentQuantile((1 + level) / 2, degrees);
  last = { level, degrees, factor };
  return factor;
}

/** value ± t·SE, intersected with [0, ∞) where the target cannot be negative. Throws `stats/level`. */
export function studentInterval(of: Measured): Interval {
  const half = studentFactor(of.level, of.degrees) * of.standardError;
  return bounded([of.value - half, of.value + half], half, of.nonNegative);
}

/**
 * Hall's interval. Without replacement G = g(1 − 2f)/√(1 − f), H = g√(1 − f). In the end that the skewness moves outward g is at most
 * 1.09/t: that end is not monotone in g, so a larger skewness would shorten it. Throws `stats/level`.
 */
export function hallInterval(of: Skewed): Interval {
  const { value, standardError: se } = of;
  const t = studentFactor(of.level, of.degrees);
  const near = Math.max(0, of.skewness);
  return bounded(
    [value - se * end(t, near, t, of), value - se * end(-t, near, t, of)],
    t * se,
    of.nonNegative,
  );
}

/** W(y) at y = ±t. A > 0 stretches the upper end, y < 0, and A < 0 the lower one. */
function end(y: number, near: number, t: number, of: Skewed): number {
  const g = cubicA(near, of) * y < 0 ? Math.min(near, FARTHEST / t) : near;
  return inverse(y, cubicA(g, of), cubicB(g, of));
}

/** G. */
const skewOf = (g: number, f: number): number => (f < 1 ? (g * (1 - 2 * f)) / Math.sqrt(1 - f) : 0);

/** A = (3H − G)/6 of W + A W² + A²W³/3 + B. */
function cubicA(g: number, { fraction: f = 0, closedForm = false }: Skewed): number {
  const H = closedForm ? 0 : g * Math.sqrt(1 - f);
  return (3 * H - skewOf(g, f)) / 6;
}

/** B = G/6. */
const cubicB = (g: number, { fraction: f = 0 }: Skewed): number => skewOf(g, f) / 6;

/** W(y). */
function inverse(y: number, A: number, B: number): number {
  const shifted = y - B;
  return Math.abs(A) < 1e-7 ? shifted : (Math.cbrt(1 + 3 * A * shifted) - 1) / A;
}

/** The interval as far as the target can lie in it. */
function bounded([low, high]: Interval, half: number, nonNegative: boolean): Interval {
  if (!nonNegative) return [low, high];
  return high <= 0 ? [0, half] : [Math.max(0, low), high];
}

/** Satterthwaite's degrees of freedom of a sum of variances: (Σ v)²/Σ(v²/ν); Infinity where all that vary are closed forms. */
export function satterthwaite(parts: readonly { variance: number; degrees: number }[]): number {
  const sum = parts.reduce((s, { variance }) => s + variance, 0);
  const spread = parts.reduce(
    (s, { variance, degrees }) => s + (variance === 0 ? 0 : variance ** 2 / degrees),
    0,
  );
  return spread === 0 ? Infinity : sum ** 2 / spread;
}
