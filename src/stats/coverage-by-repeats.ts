/**
 * @module stats/coverage-by-repeats
 *
 * Expected coverage of an interval: the share of seeded repeats of the same design, on a pseudo-population that stands for the real one,
 * in which the printed rule covers the pseudo-population's own value (theory (15.8)). Several quantities of the same visits share the
 * visits of every repeat. Cost: repeats × n × quantities.
 */
import { Sequence } from '../core/random.js';
import type { Interval } from './rules.js';

/** Repeats: the coverage then has a standard error of at most 0.7 points at 95 %, and of 1.6 where n is large. */
const REPEATS = 1000;
const FEWEST = 200;
const MOST_DRAWS = 1e6;

/** What a repeat finds of one quantity: of n terms, their mean, variance (divisor n − 1) and skewness. */
export interface Repeat {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
  readonly skewness: number;
}

/** A design and what it measures. */
export interface CoverageRequest {
  /** Visits of a repeat. */
  readonly n: number;
  readonly seed: number;
  /** Writes the places of one repeat's visits [n]. */
  draw(sequence: Sequence, places: Uint32Array): void;
  /** The term of every place, by quantity [quantities][places]; an estimate is the mean of its terms over the visits. */
  readonly terms: readonly Float64Array[];
  /** What the mean estimates, by quantity. */
  readonly targets: readonly number[];
  /** The rule, by quantity; `beside` is the repeat of the last quantity, whose own coverage is not asked for. */
  interval(quantity: number, repeat: Repeat, beside: Repeat, sequence: Sequence): Interval | null;
}

/** Coverage by quantity, but for the last of `terms`, which stands beside the others. */
export function coverageByRepeats(request: CoverageRequest): number[] {
  const { n, seed, terms, targets } = request;
  const repeats = Math.max(FEWEST, Math.min(REPEATS, Math.floor(MOST_DRAWS / n)));
  const sequence = new Sequence(seed, 'expected coverage');
  const places = new Uint32Array(n);
  const asked = terms.length - 1;
  const covered = new Array<number>(asked).fill(0);
  const shifts = terms.map((t) => t.reduce((s, v) => s + v, 0) / t.length);
  for (let repeat = 0; repeat < repeats; repeat++) {
    request.draw(sequence, places);
    const found = terms.map((t, q) => repeatOf(t, shifts[q], places));
    for (let q = 0; q < asked; q++) {
      const interval = request.interval(q, found[q], found[asked], sequence);
      if (interval && interval[0] <= targets[q] && targets[q] <= interval[1]) covered[q] += 1;
    }
  }
  return covered.map((c) => c / repeats);
}

function repeatOf(terms: Float64Array, shift: number, places: Uint32Array): Repeat {
  const n = places.length;
  let [one, two, three] = [0, 0, 0];
  for (let j = 0; j < n; j++) {
    const d = terms[places[j]] - shift;
    const d2 = d * d;
    one += d;
    two += d2;
    three += d2 * d;
  }
  const mean = one / n;
  const m2 = Math.max(0, two - n * mean * mean);
  const m3 = three - 3 * mean * two + 2 * n * mean ** 3;
  return {
    n,
    mean: mean + shift,
    variance: n > 1 ? m2 / (n - 1) : NaN,
    skewness: m2 > 0 ? (Math.sqrt(n) * m3) / m2 ** 1.5 : 0,
  };
}

/** Places with replacement, uniformly among `count`. */
export const withReplacement =
  (count: number) =>
  (sequence: Sequence, places: Uint32Array): void => {
    for (let j = 0; j < places.length; j++) places[j] = Math.floor(sequence.next() * count);
  };

/** Places without replacement, uniformly among `count`. */
export function withoutReplacement(count: number): CoverageRequest['draw'] {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  return (sequence, places) => {
    for (let j = 0; j < places.length; j++) {
      const k = j + Math.floor(sequence.next() * (count - j));
      [order[j], order[k]] = [order[k], order[j]];
      places[j] = order[j];
    }
  };
}

/** Places with replacement, place i with probability proportional to `weights`[i]. */
export function byWeight(weights: Float64Array): CoverageRequest['draw'] {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  weights.forEach((w, i) => (sums[i] = sum += w));
  return (sequence, places) => {
    for (let j = 0; j < places.length; j++) {
      const at = sequence.next() * sum;
      let low = 0;
      let high = sums.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sums[middle] > at) high = middle;
        else low = middle + 1;
      }
      places[j] = low;
    }
  };
}
