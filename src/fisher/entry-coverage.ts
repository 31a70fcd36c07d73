/**
 * @module fisher/entry-coverage
 *
 * Coverage that is to be expected, on average over entries, of value ± 1.96·SE with errors that cover (stats/peaks). What it depends on is
 * how many terms carry an entry, which two numbers tell:
 *
 *   inputs   m = n/(1 + s²/F²), s² the variance over inputs of the trace's terms: the number of equal terms with this spread
 *   labels   m = the expected number of labels off the mode, where their error comes from the draws themselves
 *
 * The curves below were measured on classifiers of digits (tanh, 49-20-16-10; test/fisher/entry-coverage), from mild to near-certain
 * (largest probability 0.995 on average), 24 estimates at each of 2 to 2,800 visits with replacement; at every m they follow the lowest,
 * so that other networks' entries are covered better: by up to 15 points at few labels, 5 at few inputs. The smaller of the two is
 * told. A sample cannot know of inputs that it has not seen: for inputs, m is the sample's own. Unknown for type 2, mixes and the
 * empirical Fisher, on which nothing was measured.
 */
import type { EntriesEstimate, ErrorSource, Estimator } from './estimate.js';

/** Expected labels off the mode below which entries are shown by their upper ends alone. */
export const UPPER_ENDS_BELOW = 10;

/** Coverage below which it is said wherever entries are shown. */
export const SAID_BELOW = 0.93;

type Curve = readonly (readonly [m: number, coverage: number])[];

const OF_INPUTS: Curve = [
  [1.6, 0.85],
  [2.8, 0.86],
  [4, 0.915],
  [6, 0.95],
  [9, 0.97],
  [20, 0.985],
];
const OF_LABELS: Curve = [
  [0.1, 0.2],
  [0.5, 0.38],
  [1, 0.57],
  [2, 0.69],
  [4, 0.77],
  [7, 0.86],
  [14, 0.94],
  [30, 0.975],
];
/** Of draws alone, where every input was visited and the error is not that of few labels. */
const OF_DRAWS = 0.98;

export interface EntryFacts {
  readonly estimator: Estimator;
  readonly error: ErrorSource;
  /** Of the trace: mean and variance over the examples, which are so many, and whether they are the whole population. */
  readonly mean: number;
  readonly variance: number;
  readonly examples: number;
  readonly all: boolean;
  readonly offModeLabels: number | null;
}

export function entriesOf(facts: EntryFacts): EntriesEstimate {
  const { offModeLabels } = facts;
  const expected = coverageOf(facts);
  return {
    expectedCoverage: expected === null ? null : Number(expected.toFixed(3)),
    upperEndsOnly: offModeLabels !== null && offModeLabels < UPPER_ENDS_BELOW,
  };
}

function coverageOf({
  estimator,
  error,
  mean,
  variance,
  examples,
  all,
  offModeLabels,
}: EntryFacts): number | null {
  // Nothing is drawn and nothing is left out.
  if (all && error === 'none') return 1;
  if (estimator === 'type2' || estimator === 'mix' || estimator === 'empirical') return null;
  const labels = error === 'sampled' && offModeLabels !== null ? at(OF_LABELS, offModeLabels) : 1;
  if (all) return Math.min(labels, OF_DRAWS);
  const m = examples / (1 + variance / mean ** 2);
  return Number.isFinite(m) ? Math.min(labels, at(OF_INPUTS, m)) : null;
}

/** Linear in log m between the points, constant beyond the last; below the first in proportion to m. */
function at(curve: Curve, m: number): number {
  const next = curve.findIndex(([x]) => m <= x);
  if (next < 0) return curve[curve.length - 1][1];
  const [x1, y1] = curve[next];
  if (next === 0) return (y1 * m) / x1;
  const [x0, y0] = curve[next - 1];
  return y0 + ((y1 - y0) * Math.log(m / x0)) / Math.log(x1 / x0);
}

/** What is to be said wherever entries are shown; null: nothing. */
export function entriesNote({ expectedCoverage, upperEndsOnly }: EntriesEstimate): string | null {
  const upper = upperEndsOnly
    ? 'so few labels off the mode are expected that only upper ends of single entries mean anything'
    : null;
  if (expectedCoverage === null || expectedCoverage >= SAID_BELOW) return upper && `entries: ${upper}`;
  const covered = `errors of single entries are expected to cover ${Number((100 * expectedCoverage).toPrecision(3))} % on average, not 95 %`;
  return `entries: ${covered}${upper === null ? '' : `; ${upper}`}`;
}
