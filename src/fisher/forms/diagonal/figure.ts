/**
 * @module fisher/forms/diagonal/figure
 *
 * Figure of a total from its sums: value, error in its parts, interval. Where the proxies of the examples that were not visited are
 * known, the interval is Student's with r·SE (theory (15.2)), for few examples in all the outermost of that and the next; else Hall's for
 * squares of scores, whose terms are at least 0 and skewed, and Student's for type 2 and mixes, whose terms have both signs (stats/rules,
 * theory (15.3) to (15.6)), none of which goes below 0; Student's as well, with the proxies' r where known, for totals whose entries have
 * weights of both signs, with no end at 0. Degrees of freedom by Satterthwaite: n − 1 of a spread over inputs, n(K − 1) of one within draws, none of a closed form.
 */
import type { ErrorSource, Estimator, Figure } from '../../estimate.js';
import type { ProxyFacts } from '../../meter.js';
import { type ErrorDesign, type ErrorVariances, rootOf } from '../../../stats/errors.js';
import { hallInterval, type Interval, satterthwaite, studentInterval } from '../../../stats/rules.js';
import type { TotalSums } from './totals.js';

/** What a figure follows from beside its sums. */
export interface FigureRules {
  readonly estimator: Estimator;
  readonly error: ErrorSource;
  readonly design: ErrorDesign;
  readonly level: number;
  /** What proxies say of the visits; null where there are none. */
  readonly proxy: ProxyFacts | null;
  /** N. */
  readonly populationSize: number;
  variances(label: number, spread: number): ErrorVariances;
}

/** The figure of one total: `value` has its value, `spread` what its errors come from; `nonNegative`: whether no term has another sign. */
export function figureOf(
  value: TotalSums,
  spread: TotalSums,
  rules: FigureRules,
  nonNegative = true,
): Figure {
  const { error, design } = rules;
  const v = rules.variances(spread.labelSum, spread.f.sampleVariance);
  const standardError = rootOf(v.total);
  // K-means already hold the draws' share; closed forms add it.
  const skewness =
    error === 'sampled'
      ? value.f.skewness / Math.sqrt(design.examples)
      : spread.skewness(design.draws, design.fraction === 1);
  const known = Number.isFinite(skewness) ? skewness : null;
  return {
    value: value.f.mean,
    standardError,
    labelError: rootOf(v.label),
    dataError: v.label === null ? null : rootOf(v.data),
    interval:
      standardError === null
        ? null
        : intervalOf({ value: value.f.mean, standardError, skewness: known, nonNegative }, v, rules),
    skewness: known,
    expectedCoverage: null,
  };
}

/** Examples in all for each one visited from which the proxy rule covers a distribution on its own. */
const ENOUGH = 10;

/** An estimate and what its interval goes by. */
interface Estimated {
  readonly value: number;
  readonly standardError: number;
  readonly skewness: number | null;
  readonly nonNegative: boolean;
}

function intervalOf(of: Estimated, variances: ErrorVariances, rules: FigureRules): Interval | null {
  const { value, nonNegative } = of;
  const { proxy, design, error, level, populationSize } = rules;
  const { fraction, examples } = design;
  // Proxies tell of examples that are not visited.
  if (!proxy || examples >= populationSize) return ownInterval(of, variances, rules);
  if (proxy.factor === null) return null;
  // A finite population knows the draws' share of what was visited.
  const fixed = fraction * (variances.label ?? 0);
  const between = proxy.factor ** 2 * ((variances.total as number) - fixed);
  const byProxy = studentInterval({
    value,
    standardError: Math.sqrt(Math.max(0, between) + fixed),
    degrees: degreesOf(variances, error, design),
    level,
    nonNegative,
  });
  if (fraction > 0 || populationSize >= ENOUGH * examples) return byProxy;
  const own = ownInterval(of, variances, rules);
  return [Math.min(own[0], byProxy[0]), Math.max(own[1], byProxy[1])];
}

/** From the visits alone. */
function ownInterval(
  { value, standardError, skewness, nonNegative }: Estimated,
  variances: ErrorVariances,
  { estimator, error, design, level }: FigureRules,
): Interval {
  const { fraction } = design;
  const of = {
    value,
    standardError,
    degrees: degreesOf(variances, error, design),
    level,
    nonNegative,
  };
  if (!nonNegative || estimator === 'type2' || estimator === 'mix') return studentInterval(of);
  const all = fraction === 1;
  return hallInterval({
    ...of,
    skewness: skewness ?? 0,
    fraction: all ? 0 : fraction,
    closedForm: all && error === 'closed-form',
  });
}

/** Of the total's variance. */
function degreesOf({ label, data, total }: ErrorVariances, error: ErrorSource, design: ErrorDesign): number {
  const { examples: n, draws, fraction } = design;
  const overInputs = n - 1;
  if (error !== 'sampled') {
    return satterthwaite([
      { variance: label ?? 0, degrees: Infinity },
      { variance: data ?? 0, degrees: overInputs },
    ]);
  }
  if (label === null || fraction === 0) return overInputs;
  const within = { variance: fraction * label, degrees: n * (draws - 1) };
  return satterthwaite([
    within,
    { variance: Math.max(0, (total ?? 0) - within.variance), degrees: overInputs },
  ]);
}
