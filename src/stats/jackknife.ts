/**
 * @module stats/jackknife
 *
 * The delete-a-group jackknife of a smooth function θ of means over examples, whose plug-in value is biased: with groups of n_g of the n
 * examples, h_g = n/n_g, θ of all and θ_(−g) of all but a group,
 *
 *   θ_J = Bθ − Σ (1 − n_g/n) θ_(−g)
 *   var = (1/B) Σ (h_gθ − (h_g − 1)θ_(−g) − θ_J)²/(h_g − 1)        (F. Busing, E. Meijer, R. van der Leeden, Stat. Comput. 9, 1999)
 *
 * and t_{B−1}. A second extrapolation from half-samples, θ_H = 2θ − (their mean by examples), checks the first: D = θ_H − θ_J is what the
 * correction leaves, to first order, and widens the error, SE² = var + D². For functions that bend too much to be corrected (a log-determinant,
 * an effective dimension) |D| > 0.3 √var says that nothing is known yet: `unresolved`. Where the examples are drawn from N that are all there is,
 * a share 1 − n/N of bias and variance is left, and all of the part of their draws (stats/draw-part), whose bias widens the error by itself
 * and, where it is above √var_L, says that nothing is known yet: labels that were not drawn are not seen missing. The correction of an
 * eigenvalue behind the first, whose neighbours it may cross from group to group, is made as far as it stands out (stats/credit).
 */
import { Sequence } from '../core/random.js';
import { credited } from './credit.js';
import { drawPart, type DrawValues, type JackknifePart, partLeft } from './draw-part.js';
import { studentQuantile } from './student.js';
import { zOfLevel } from './interval.js';

/** Fewest groups of an interval. */
export const FEWEST_GROUPS = 8;

/** Splits of the groups into halves. */
const SPLITS = 5;

/** Part of √var that D may be of. */
const RESOLVED = 0.3;

/** Which groups go into each evaluation. */
export interface JackknifeSets {
  /** All but one group, by the group left out. */
  readonly without: readonly (readonly number[])[];
  /** Halves of the groups, two for each split. */
  readonly halves: readonly (readonly number[])[];
}

/** Values of θ for the sets, in their order. */
export interface JackknifeValues {
  /** θ of all groups. */
  readonly whole: number;
  /** θ_(−g). */
  readonly without: readonly number[];
  /** θ of the halves. */
  readonly halves: readonly number[];
  /** Of draws that are changed, where a share of what the inputs do is left; absent: there are none, or they are not told apart. */
  readonly draws?: DrawValues | null | undefined;
}

/** How the examples came about, and of what θ is. */
export interface JackknifeDesign {
  /** Examples of each group [B]. */
  readonly counts: ArrayLike<number>;
  /** Share of variance and bias that is left, 1 − n/N, where the N are all there is; 1 for a distribution. */
  readonly left: number;
  /** Of the interval, in (0, 1). */
  readonly level: number;
  /** Where θ can be. */
  readonly feasible: readonly [low: number, high: number];
  /** Whether it is a function that is not to be trusted where D is large. */
  readonly bends: boolean;
  /** Whether it is told from numbers above and below it by rank alone, and is corrected as far as that stands out; default false. */
  readonly crosses?: boolean;
}

/** A number that is no mean, with its error. */
export interface NonlinearFigure {
  /** θ of all examples, as it is. */
  readonly plugIn: number;
  /** Its bias removed. */
  readonly value: number;
  /** Of `value`; null: not known. */
  readonly standardError: number | null;
  /** Of the value; null: not known. */
  readonly interval: readonly [number, number] | null;
  /** Part of its error that is of random probes; absent where there are none. */
  readonly probeError?: number;
  /** Of an eigenvalue μ by products: ‖Fv − μv‖/μ, where that did not become small; an eigenvalue is no further off than that. */
  readonly residual?: number;
  /** Why nothing is known of its error. */
  readonly unresolved?: string;
}

/**
 * The sets of groups to evaluate θ on, for groups of so many examples; empty ones drop.
 * @throws FimError with `random/seed`, `random/sequence`
 */
export function jackknifeSets(counts: ArrayLike<number>): JackknifeSets {
  const groups = filled(counts);
  const random = new Sequence(0, 'stats/half-samples');
  return {
    without: groups.map((g) => groups.filter((other) => other !== g)),
    halves: Array.from({ length: SPLITS }, () => {
      const order = random.shuffle([...groups]);
      const middle = order.length >> 1;
      return [order.slice(0, middle), order.slice(middle)];
    }).flat(),
  };
}

/** Whether groups of so many examples tell an error: 8 of them, and two examples each on average. */
export function tellsErrors(counts: ArrayLike<number>): boolean {
  const groups = filled(counts);
  return groups.length >= FEWEST_GROUPS && sum(groups, counts) >= 2 * groups.length;
}

/** A number and its interval within bounds. */
export interface BoundedFigure {
  /** The number, clipped to the bounds. */
  readonly value: number;
  /** Its interval, clipped to the bounds. */
  readonly interval: readonly [number, number];
}

/** value ± half of what lies between two bounds: clipped to them, and as wide as `half` from a bound where nothing would be left. */
export function between(value: number, half: number, [low, high]: readonly [number, number]): BoundedFigure {
  const clip = (v: number): number => Math.min(high, Math.max(low, v));
  const [from, to] = [value - half, value + half];
  const interval = to <= low ? [low, low + half] : from >= high ? [high - half, high] : [from, to];
  return { value: clip(value), interval: [clip(interval[0]), clip(interval[1])] };
}

/**
 * The figure of θ.
 * @throws FimError with `random/seed`, `random/sequence`, `stats/level`
 */
export function jackknife(values: JackknifeValues, design: JackknifeDesign): NonlinearFigure {
  const { whole, without, halves, draws = null } = values;
  const { counts, left, level, feasible, bends, crosses = false } = design;
  zOfLevel(level);
  const groups = filled(counts);
  const n = sum(groups, counts);
  if (left === 0 && !draws)
    return { plugIn: whole, value: whole, standardError: 0, interval: [whole, whole] };
  if (groups.length === 0) return untold(whole, 'there are no sums by group of examples');
  if (!tellsErrors(counts)) return untold(whole, `${groups.length} groups of ${n} examples are too few`);
  if (!Number.isFinite(whole)) return untold(whole, 'it has no value');
  const changed = draws ? [...draws.first, ...draws.second, ...draws.all] : [];
  const lost = [...without, ...halves, ...changed].some((v) => !Number.isFinite(v));
  if (lost) return untold(whole, 'without some of the examples or draws it has no value');
  // The same with whatever groups: rounding of weights that add up to 1 is no bias.
  if ([...without, ...halves, ...changed].every((v) => v === whole))
    return { plugIn: whole, value: whole, standardError: 0, interval: [whole, whole] };
  const both = left === 0 ? NOTHING : groupPart(values, counts);
  const drawn = draws ? drawPart(whole, draws) : NOTHING;
  const found = draws ? partLeft(both, drawn, left) : both;
  const here = draws ? found : scaledPart(both, left);
  const part = crosses ? credited(here) : here;
  const value = whole - part.bias;
  const bent =
    Math.abs(found.remaining) > RESOLVED * Math.sqrt(found.variance) ||
    Math.abs(drawn.bias) > Math.sqrt(drawn.variance);
  if (bends && bent)
    return {
      ...untold(whole, 'it needs more examples or fewer draws'),
      value: between(value, 0, feasible).value,
    };
  const standardError = Math.sqrt(part.variance + part.remaining ** 2 + drawn.bias ** 2);
  const half = studentQuantile((1 + level) / 2, groups.length - 1) * standardError;
  return { plugIn: whole, standardError, ...between(value, half, feasible) };
}

/** Of a share of bias and variance. */
const scaledPart = ({ bias, variance, remaining }: JackknifePart, share: number): JackknifePart => ({
  bias: share * bias,
  variance: share * variance,
  remaining: share * remaining,
});

const NOTHING: JackknifePart = { bias: 0, variance: 0, remaining: 0 };

/** Of inputs and draws together, by groups left out. */
function groupPart({ whole, without, halves }: JackknifeValues, counts: ArrayLike<number>): JackknifePart {
  const groups = filled(counts);
  const n = sum(groups, counts);
  const B = groups.length;
  const corrected = B * whole - groups.reduce((s, g, k) => s + (1 - counts[g] / n) * without[k], 0);
  const variance =
    groups.reduce((s, g, k) => {
      const h = n / counts[g];
      return s + (h * whole - (h - 1) * without[k] - corrected) ** 2 / (h - 1);
    }, 0) / B;
  const sets = jackknifeSets(counts);
  const halved = sets.halves.reduce((s, set, k) => s + (sum(set, counts) / n) * halves[k], 0) / SPLITS;
  return { bias: whole - corrected, variance, remaining: 2 * whole - halved - corrected };
}

/** Whether the correction is larger than its error, which is to be said. */
export const largelyCorrected = ({ plugIn, value, standardError }: NonlinearFigure): boolean =>
  standardError !== null && Math.abs(value - plugIn) > standardError;

/** A figure of whose error nothing is known, and why. */
export const untold = (whole: number, unresolved?: string): NonlinearFigure => ({
  plugIn: whole,
  value: whole,
  standardError: null,
  interval: null,
  ...(unresolved === undefined ? {} : { unresolved }),
});

const filled = (counts: ArrayLike<number>): number[] =>
  Array.from(counts, (_, g) => g).filter((g) => counts[g] > 0);

const sum = (groups: readonly number[], counts: ArrayLike<number>): number =>
  groups.reduce((s, g) => s + counts[g], 0);
