/**
 * @module fisher/forms/diagonal/foretold
 *
 * Coverage that is to be expected of the intervals of an estimate's totals (theory (15.8)): the printed rule on repeats of the same
 * design, on a pseudo-population. Where the proxies of all inputs are known it is a(x)·e_x, e resampled from the ratios f_j/A_j of the
 * visits; else the visits' own terms stand for the population. Null where neither says enough: for draws of labels, since the visits that
 * drew no unlikely label do not know how far one would have moved the total, and for fewer than 20 visits without proxies.
 */
import { Sequence } from '../../../core/random.js';
import {
  byWeight,
  type CoverageRequest,
  coverageByRepeats,
  withoutReplacement,
  withReplacement,
} from '../../../stats/coverage-by-repeats.js';
import { hallInterval, type Interval, studentInterval } from '../../../stats/rules.js';
import type { Decided } from '../../decided.js';
import type { ProxyFacts } from '../../meter.js';
import type { VisitDesign } from '../../visits.js';
import type { Trail } from './trail.js';

/** What the coverage of several totals is foretold from. */
export interface Foretold {
  readonly decided: Decided;
  /** Visits n, and how many were drawn where visits are weighted. */
  readonly examples: number;
  readonly drawn: number;
  /** Terms f of each total, in the order of the visits. */
  readonly trails: readonly Trail[];
  readonly proxy: ProxyFacts | null;
  readonly design: VisitDesign | null;
}

/** Fewest visits that may stand for the population. */
const FEWEST = 20;

/** Expected coverage of each total; null where it is not known. */
export function foretell(of: Foretold): (number | null)[] {
  const { decided, examples, trails, proxy, design } = of;
  const unknown = trails.map(() => null);
  const { estimator, populationSize, population } = decided;
  const labels = estimator === 'type1' || estimator === 'type2' || estimator === 'mix';
  if (population === 'data' && examples === populationSize && !design)
    return estimator === 'exact' || estimator === 'empirical' ? trails.map(() => 1) : unknown;
  if (labels) return unknown;
  if (proxy && (design || examples < populationSize)) {
    return design ? weighted(of, proxy, design) : uniform(of, proxy);
  }
  return design ? unknown : ownTerms(of);
}

/** Pseudo-populations of every total over the examples `places`; null where no visit has a proxy above 0. */
function pseudo(
  { trails, decided }: Foretold,
  { values, visited, amounts }: ProxyFacts,
  places: readonly number[],
): Float64Array[] | null {
  const kept = Math.min(visited.length, ...trails.map((t) => t.first.length));
  const usable = Array.from({ length: kept }, (_, j) => j).filter((j) => amounts[j] > 0);
  if (usable.length < 2) return null;
  const sequence = new Sequence(decided.seed, 'ratios of the proxy');
  const from = places.map(() => usable[Math.floor(sequence.next() * usable.length)]);
  return trails.map((t) =>
    Float64Array.from(places, (x, i) => (values[x] * t.first[from[i]]) / amounts[from[i]]),
  );
}

const known = (values: Float64Array): number[] =>
  Array.from(values.keys()).filter((x) => !Number.isNaN(values[x]));

const mean = (t: Float64Array): number => t.reduce((s, v) => s + v, 0) / t.length;

/** Uniform visits under the proxy rule. */
function uniform(of: Foretold, proxy: ProxyFacts): (number | null)[] {
  const { examples: n, decided } = of;
  const places = known(proxy.values);
  const terms = pseudo(of, proxy, places);
  if (!terms || n < 2) return of.trails.map(() => null);
  const a = Float64Array.from(places, (x) => proxy.values[x]);
  const whole = varianceOf(a);
  const finite = decided.population === 'data';
  const left = finite ? 1 - n / places.length : 1;
  return coverageByRepeats({
    n,
    seed: decided.seed,
    draw: finite ? withoutReplacement(places.length) : withReplacement(places.length),
    terms: [...terms, a],
    targets: terms.map(mean),
    interval: (_, r, beside) => {
      if (beside.variance === 0 && whole > 0) return null;
      const factor = whole === 0 ? 1 : Math.sqrt(Math.max(1, whole / beside.variance));
      const standardError = factor * Math.sqrt((left * r.variance) / n);
      const { level } = decided;
      return studentInterval({ value: r.mean, standardError, degrees: n - 1, level, nonNegative: true });
    },
  });
}

/** Of n values, divisor n − 1; exactly 0 where all are equal. */
function varianceOf(a: Float64Array): number {
  const first = a.length > 0 ? a[0] : 0;
  const m = first + mean(a.map((v) => v - first));
  return a.reduce((s, v) => s + (v - m) ** 2, 0) / Math.max(1, a.length - 1);
}

/** Weighted visits: of the drawn stratum, whose share of a distribution's own error is added as it is. */
function weighted(of: Foretold, proxy: ProxyFacts, design: VisitDesign): (number | null)[] {
  const { drawn: n, decided } = of;
  const places = known(proxy.values).filter((x) => !design.taken[x]);
  if (n === 0) return of.trails.map(() => 1);
  const values = n < 2 ? null : pseudo(of, proxy, places);
  if (!values) return of.trails.map(() => null);
  const u = Float64Array.from(places, (x) => design.weights[x]);
  const terms = values.map((f) => f.map((v, i) => v * u[i]));
  const N = design.population;
  const shift = decided.population === 'data' ? values.map(() => 0) : values.map((f) => varianceOf(f) / N);
  const { level } = decided;
  return coverageByRepeats({
    n,
    seed: decided.seed,
    draw: byWeight(u.map((v) => 1 / v)),
    terms: [...terms, new Float64Array(places.length)],
    targets: values.map((f) => f.reduce((s, v) => s + v, 0) / N),
    interval: (q, r, _, sequence) => {
      const own = r.variance / n;
      const variance = own + shift[q];
      const value = r.mean + (shift[q] > 0 ? Math.sqrt(shift[q]) * sequence.normal() : 0);
      const skewness = variance > 0 ? ((r.skewness / Math.sqrt(n)) * own ** 1.5) / variance ** 1.5 : 0;
      const standardError = Math.sqrt(variance);
      return hallInterval({ value, standardError, degrees: n - 1, level, nonNegative: true, skewness });
    },
  });
}

/** The visits' own terms, drawn again with replacement. */
function ownTerms(of: Foretold): (number | null)[] {
  const { trails, examples, decided } = of;
  const kept = Math.min(...trails.map((t) => t.blocks.length));
  if (examples < FEWEST || kept < FEWEST) return trails.map(() => null);
  const terms = trails.map((t) => Float64Array.from(t.blocks.slice(0, kept)));
  const n = Math.max(2, Math.round(examples / trails[0].size));
  const { estimator, level } = decided;
  const mixed = estimator === 'type2' || estimator === 'mix';
  const interval: CoverageRequest['interval'] = (_, r): Interval => {
    const standardError = Math.sqrt(r.variance / n);
    const skewness = r.skewness / Math.sqrt(n);
    const found = { value: r.mean, standardError, degrees: n - 1, level, nonNegative: true, skewness };
    return mixed ? studentInterval(found) : hallInterval(found);
  };
  return coverageByRepeats({
    n,
    seed: decided.seed,
    draw: withReplacement(kept),
    terms: [...terms, new Float64Array(kept)],
    targets: terms.map(mean),
    interval,
  });
}
