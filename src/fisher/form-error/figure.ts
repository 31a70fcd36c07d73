/**
 * @module fisher/form-error/figure
 *
 * Figure of how good a form is, ε = ‖F − F̂‖/‖F‖, with its error by a delete-a-group jackknife around the value of all groups, without
 * correction of bias: with h_g = n/n_g and θ_(−g) the value without group g,
 *
 *   θ_J = Bθ − Σ_g (1 − n_g/n) θ_(−g)      SE² = (1/B) Σ_g (h_g θ − (h_g − 1) θ_(−g) − θ_J)²/(h_g − 1)
 *
 * and t of B − 1 degrees of freedom (Busing, Meijer and van der Leeden 1999, for groups of unequal size). Estimated squares may be
 * negative: then ε is 0 and the interval reaches to its upper end.
 */
import { studentFactor } from '../../stats/rules.js';
import { examplesWithout, type Grouping } from './pair-sums.js';

/** How good a form is of a layer, or of all layers. */
export interface FormError {
  /** ε = ‖F − F̂‖/‖F‖ in Frobenius norm; null where the estimated ‖F‖² is not above 0. */
  readonly error: number | null;
  /** Its standard error; null where there are too few examples for one. */
  readonly standardError: number | null;
  /** Interval at the level of the estimate. */
  readonly interval: readonly [number, number] | null;
}

/** What a figure is of. */
export interface ErrorDesign {
  readonly groups: Grouping;
  /** 1 − n/N of a population of N that is known, 1 of a distribution. */
  readonly unseen: number;
  readonly level: number;
}

/** Squares over all groups but `out` (−1: over all). */
type Squares = (out: number) => { readonly whole: number; readonly kept: number };

const rootOf = (square: number): number => Math.sqrt(Math.max(0, square));

/** The figure from ‖F‖² and what the form keeps of it. */
export function errorFigure(squares: Squares, design: ErrorDesign): FormError {
  const { groups, unseen, level } = design;
  const { count: B } = groups;
  const relative = (out: number): number => {
    const { whole, kept } = squares(out);
    return whole > 0 ? (whole - kept) / whole : NaN;
  };
  const value = relative(-1);
  if (Number.isNaN(value)) return { error: null, standardError: null, interval: null };
  const error = rootOf(value);
  if (unseen === 0) return { error, standardError: 0, interval: [error, error] };
  const none = { error, standardError: null, interval: null };
  if (B < 8 || groups.of.length < 2 * B) return none;
  const without = Array.from({ length: B }, (_, g) => relative(g));
  if (without.some(Number.isNaN)) return none;
  const t = studentFactor(level, B - 1);
  const deviation = (v: number, all: readonly number[]) => Math.sqrt(unseen * jackknife(v, all, groups));
  if (value < 0) {
    const high = rootOf(value + t * deviation(value, without));
    return { error, standardError: high / t, interval: [0, high] };
  }
  const standardError = deviation(error, without.map(rootOf));
  const half = t * standardError;
  return { error, standardError, interval: [Math.max(0, error - half), error + half] };
}

/** SE² of a value by those without a group each. */
export function jackknife(value: number, without: readonly number[], groups: Grouping): number {
  const { sizes, count: B } = groups;
  const n = examplesWithout(groups, -1);
  const pseudo = without.map((v, g) => (n / sizes[g]) * value - (n / sizes[g] - 1) * v);
  const centre = without.reduce((sum, v, g) => sum - (1 - sizes[g] / n) * v, B * value);
  return pseudo.reduce((sum, p, g) => sum + (p - centre) ** 2 / (n / sizes[g] - 1), 0) / B;
}
