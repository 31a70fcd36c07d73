/**
 * @module fisher/forms/diagonal/visit-figure
 *
 * Figures of weighted visits from the sums of their two strata, those taken once and those drawn (theory (16.2) to (16.5)). With T the
 * taken, R the drawn, y = uf:
 *
 *   F = (1/N) Σ_T f + (1/n_R) Σ_R y,         V = s²(y)/n_R  (+ Σ_R u²𝒱/(K n_R²) where s² is of exact values)
 *   population `data`        SE² = V
 *   a distribution           SE² = V + S²/N,   S² = N/(N−1) [(1/N) Σ_T f² + (1/n_R) Σ_R u(f² − 𝒱/K) − F² + V]
 *
 * Of an estimate that ended before all T were visited, the t that were are a sample of them without replacement:
 *
 *   (1/N)(T/t) Σ_t f in place of (1/N) Σ_T f,   V + (T/N)² (1 − t/T) s²(f)/t
 *
 * with Hall's rule for exact columns and signs and Student's, times r of the proxies, for draws of labels and for totals whose entries
 * have weights of both signs.
 */
import type { Figure, Population } from '../../estimate.js';
import type { ProxyFacts } from '../../meter.js';
import {
  closedFormErrors,
  type ErrorDesign,
  type ErrorVariances,
  rootOf,
  sampledErrors,
} from '../../../stats/errors.js';
import { hallInterval, type Interval, studentInterval } from '../../../stats/rules.js';
import type { Decided } from '../../decided.js';
import type { TensorSums } from './tensor-sums.js';
import type { VisitTotals } from './visit-totals.js';

/** A number of both strata: `taken` and `drawn`. */
export interface Strata<S> {
  readonly taken: S;
  readonly drawn: S;
}

/** What the errors depend on beside the sums. */
export interface VisitRules extends Pick<Decided, 'estimator' | 'error' | 'level'> {
  /** K, at least 1. */
  readonly draws: number;
  /** N. */
  readonly count: number;
  /** T, the examples taken once. */
  readonly certain: number;
  readonly population: Population;
  readonly proxy: ProxyFacts | null;
}

/** What a stratum says of one number: of `drawn` visits y, of all f. */
interface VisitMoments {
  /** Visits drawn n_R. */
  readonly n: number;
  /** Variance of the part of the taken: 0 where all were visited, null where that cannot be told. */
  readonly missing: number | null;
  /** (1/N) Σ_T f. */
  readonly certain: number;
  /** (1/N) Σ_T f². */
  readonly certainSquares: number;
  /** Of y. */
  readonly mean: number;
  readonly variance: number;
  /** Σ u²𝒱, Σ uf², Σ u𝒱 over the drawn. */
  readonly label: number;
  readonly squares: number;
  readonly within: number;
}

/** What the sum over the t of T that were visited is multiplied by. */
const extended = (t: number, { certain: T }: VisitRules): number => (t === 0 ? 0 : T / t);

/** Variance of (1/N)(T/t) Σ_t f from the squares about the mean of f over the t. */
function missingOf(t: number, squares: number, { certain: T, count: N }: VisitRules): number | null {
  if (t >= T) return 0;
  return t < 2 ? null : (T / N) ** 2 * (1 - t / T) * (Math.max(0, squares) / (t - 1) / t);
}

/** Variances of one number; of the total alone null where some of the taken were not visited, and too few were to tell. */
export function visitVariances(m: VisitMoments, rules: VisitRules): ErrorVariances {
  if (m.missing === null) return { label: null, data: null, total: null };
  const whole = variancesOf(m, rules);
  if (m.missing === 0 || whole.total === null) return whole;
  return {
    ...whole,
    data: whole.data === null ? null : whole.data + m.missing,
    total: whole.total + m.missing,
  };
}

function variancesOf(m: VisitMoments, rules: VisitRules): ErrorVariances {
  const { error, draws: K, count: N, population } = rules;
  const design: ErrorDesign = { examples: m.n, draws: K, fraction: 0 };
  const visits =
    m.n === 0
      ? { label: 0, data: 0, total: 0 }
      : error === 'sampled'
        ? sampledErrors(m.variance, m.label / m.n, design)
        : closedFormErrors(m.label, m.variance, design);
  if (population === 'data' || visits.total === null) return visits;
  // Closed forms have the spread of exact values, in which no draw is.
  const own = error === 'sampled' ? visits.total : (visits.data as number);
  const noise = error === 'sampled' && K > 1 ? m.within / K : 0;
  const spread = m.n === 0 ? 0 : (m.squares - noise) / m.n;
  const S2 = (N / (N - 1)) * (m.certainSquares + spread - (m.certain + m.mean) ** 2 + own);
  const more = N > 1 ? Math.max(0, S2) / N : 0;
  return {
    label: visits.label,
    data: visits.data === null ? null : visits.data + more,
    total: visits.total + more,
  };
}

function momentsOf({ taken, drawn }: Strata<VisitTotals>, rules: VisitRules): VisitMoments {
  const { count } = rules;
  const t = taken.f.count;
  const [sum, squares] = taken.powers;
  const share = extended(t, rules) / count;
  return {
    n: drawn.f.count,
    missing: missingOf(t, t === 0 ? 0 : squares - sum ** 2 / t, rules),
    certain: sum * share,
    certainSquares: squares * share,
    mean: drawn.f.mean,
    variance: drawn.f.count > 1 ? drawn.f.sampleVariance : 0,
    label: drawn.label,
    squares: drawn.powers[1],
    within: drawn.within,
  };
}

/** The figure of one total: `value` has its value, `spread` what its errors come from. */
export function visitFigure(
  value: Strata<VisitTotals>,
  spread: Strata<VisitTotals>,
  rules: VisitRules,
  nonNegative = true,
): Figure {
  const { count: N } = rules;
  const F = (value.taken.powers[0] * extended(value.taken.f.count, rules)) / N + value.drawn.f.mean;
  const v = visitVariances(momentsOf(spread, rules), rules);
  const standardError = rootOf(v.total);
  const skewness = standardError === null ? null : skewnessOf(spread, standardError, rules);
  return {
    value: F,
    standardError,
    labelError: rootOf(v.label),
    dataError: v.label === null ? null : rootOf(v.data),
    interval:
      standardError === null
        ? null
        : visitInterval({ value: F, standardError, skewness, nonNegative }, value.drawn.f.count, rules),
    skewness,
    expectedCoverage: null,
  };
}

/** Third central moment of the estimate over SE³, without the part of the draws. */
function skewnessOf({ taken, drawn }: Strata<VisitTotals>, se: number, rules: VisitRules): number | null {
  const n = drawn.f.count;
  if (n === 0 || se === 0) return 0;
  let third = drawn.f.m3 / n ** 3;
  if (rules.population !== 'data') {
    const { count: N } = rules;
    const more = extended(taken.f.count, rules);
    const [one, two, three] = [0, 1, 2].map((i) => (taken.powers[i] * more) / N + drawn.powers[i] / n);
    third += (three - 3 * one * two + 2 * one ** 3) / (N * N);
  }
  const g = third / se ** 3;
  return Number.isFinite(g) ? g : null;
}

/** The interval of weighted visits. */
export function visitInterval(
  {
    value,
    standardError,
    skewness,
    nonNegative,
  }: {
    readonly value: number;
    readonly standardError: number;
    readonly skewness: number | null;
    readonly nonNegative: boolean;
  },
  n: number,
  { estimator, level, proxy }: VisitRules,
): Interval | null {
  const of = { value, standardError, degrees: n > 1 ? n - 1 : Infinity, level, nonNegative };
  const squares = estimator === 'exact' || estimator === 'rademacher' || estimator === 'empirical';
  if (squares && nonNegative) return hallInterval({ ...of, skewness: skewness ?? 0 });
  const factor = proxy ? proxy.factor : 1;
  return factor === null ? null : studentInterval({ ...of, standardError: factor * standardError });
}

/** Variances of every entry of a tensor, and its values. */
export function visitEntries(
  value: Strata<TensorSums>,
  spread: Strata<TensorSums>,
  rules: VisitRules,
): { fisher: Float64Array; variances: (i: number) => ErrorVariances } {
  const { count: N } = rules;
  const { taken, drawn } = spread;
  const n = drawn.f.count;
  const s2 = drawn.f.sampleVariance();
  // Σ_T f is T times the mean over those that were visited.
  const T = value.taken.f.count === 0 ? 0 : rules.certain;
  const fisher = Float64Array.from(value.drawn.f.mean, (y, i) => y + (value.taken.f.mean[i] * T) / N);
  const t = taken.f.count;
  const shares = t === 0 ? 0 : rules.certain / N;
  const variances = (i: number): ErrorVariances =>
    visitVariances(
      {
        n,
        missing: missingOf(t, t === 0 ? 0 : taken.f.m2[i], rules),
        certain: taken.f.mean[i] * shares,
        certainSquares: taken.f.mean[i] ** 2 * shares + (taken.f.m2[i] * extended(t, rules)) / N,
        mean: drawn.f.mean[i],
        variance: n > 1 ? Math.max(0, s2[i]) : 0,
        label: drawn.label[i],
        squares: drawn.tilt?.squares[i] ?? 0,
        within: drawn.tilt?.label[i] ?? 0,
      },
      rules,
    );
  return { fisher, variances };
}
