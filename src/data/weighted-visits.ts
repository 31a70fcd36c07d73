/**
 * @module data/weighted-visits
 *
 * Visits to examples with unequal probabilities, by a proxy a_x ≥ 0 of what each contributes (theory (16.2), (16.5); M. Hansen and
 * W. Hurwitz, Ann. Math. Statist. 1943). Of n visits to N examples
 *
 *   taken once   the examples with nπ_x ≥ 1, where a visit may be repeated to the same effect at no cost; weight 1/N
 *   drawn        the other n_R, independently, x with probability π_x = 0.9 a_x/Σa + 0.1/N renormalised on the rest; weight 1/(N n_R π_x)
 *
 * so that Σ weight·f is unbiased for the mean of f over the N. The proxy enters as integers w_x = max(1, round(2²⁰ a_x/max a)): their sums
 * are exact, and the list of visits depends on shards, threads and batch in nothing. Draws are keyed by (seed, visit). The two kinds come
 * shuffled among each other, so that a visit cut short is a stratified sample of both.
 */
import { FimError, invariant } from '../core/errors.js';
import { permutation, UniformStream } from '../core/random.js';
import type { Visits } from './order.js';

/** The share of visits that is uniform over all examples: no weight exceeds 1/UNIFORM of a uniform visit's. */
const UNIFORM = 0.1;
/** Examples are taken whole while so many visits are left to draw. */
const LEAST_DRAWN = 10;
const UNIT = 2 ** 20;

/** How many visits, and by which seed. */
export interface WeightedVisitOptions {
  /** n, at least 1. */
  readonly examples: number;
  /** Seed of the draws. */
  readonly seed: number;
  /** Whether what would be visited once or more on average is visited once; for values that no draw enters. Default true. */
  readonly takeAll?: boolean;
}

/** Visits in their order. */
export interface WeightedVisits extends Visits {
  /** N. */
  readonly population: number;
  /** Whether a visit is one of those taken once, [n]. */
  readonly taken: Uint8Array;
  /** u_j, [n]: 1/(Nπ) of a drawn visit, whose mean over the drawn estimates the mean of f over all N less the taken; 1 of a taken one. */
  readonly weights: Float64Array;
  /** Visits of examples that are taken for certain. */
  readonly takenCount: number;
  /** Visits that are drawn. */
  readonly drawnCount: number;
  /** Number of different examples among them. */
  readonly distinct: number;
  /** u of every example [N], visited or not: 1/(Nπ) of those that may be drawn, 1 of those taken. */
  readonly design: Float64Array;
  /** Whether an example is taken once, [N]. */
  readonly certain: Uint8Array;
}

/** w_x = max(1, round(2²⁰ a_x/max a)); all 1 where no proxy is above 0. Throws `visits/proxy`. */
export function integerWeights(proxies: ArrayLike<number>): Float64Array {
  let largest = 0;
  for (let x = 0; x < proxies.length; x++) {
    const a = proxies[x];
    if (!(a >= 0 && a < Infinity)) {
      throw new FimError({
        code: 'visits/proxy',
        where: `proxy of example ${x}`,
        rule: 'is a finite number, not below 0',
        got: String(a),
        cause: 'the output of the network at this example overflows',
        next: 'visits: uniform',
      });
    }
    largest = Math.max(largest, a);
  }
  return Float64Array.from({ length: proxies.length }, (_, x) =>
    largest > 0 ? Math.max(1, Math.round((UNIT * proxies[x]) / largest)) : 1,
  );
}

/** The law of one drawn visit among the examples that are not taken. */
interface Law {
  /** Examples, ascending, and the running sums of their w. */
  readonly rest: Uint32Array;
  readonly sums: Float64Array;
  /** Probability of the uniform share, renormalised. */
  readonly uniform: number;
}

/**
 * n visits by the proxies of N examples. Throws `order/examples` unless n is a whole number from 1, and `visits/proxy`.
 * @throws FimError with `random/index`, `random/seed`, `random/sequence`
 */
export function weightedVisits(
  proxies: ArrayLike<number>,
  { examples: n, seed, takeAll = true }: WeightedVisitOptions,
): WeightedVisits {
  const N = proxies.length;
  invariant(N > 0, 'weightedVisits', 'needs examples');
  if (!Number.isInteger(n) || n < 1) {
    throw new FimError({
      code: 'order/examples',
      kind: 'usage',
      where: 'examples',
      rule: 'a whole number of visits, at least 1',
      got: String(n),
      next: 'examples: 1000',
    });
  }
  const w = integerWeights(proxies);
  const taken = takeAll ? takenOnce(w, n) : new Set<number>();
  const law = lawOf(w, taken);
  const drawn = law.rest.length > 0 ? draw(law, n - taken.size, seed) : [];
  const design = Float64Array.from(w, (_, x) => (taken.has(x) ? 1 : 1 / (N * probability(law, w, x))));
  const certain = Uint8Array.from(w, (_, x) => (taken.has(x) ? 1 : 0));
  return shuffled({ design, certain }, seed, [...taken], drawn);
}

/** Σ over the examples not taken. */
function restOf(w: Float64Array, taken: ReadonlySet<number>): { weight: number; count: number } {
  let weight = 0;
  for (let x = 0; x < w.length; x++) if (!taken.has(x)) weight += w[x];
  return { weight, count: w.length - taken.size };
}

/** Examples with n_R π_x ≥ 1, π renormalised on the rest, repeated while at least ten visits are left to draw. */
function takenOnce(w: Float64Array, n: number): Set<number> {
  const taken = new Set<number>();
  if (n >= w.length) return new Set(w.keys());
  const W = w.reduce((s, v) => s + v, 0);
  const share = (weight: number, count: number) =>
    ((1 - UNIFORM) * weight) / W + (UNIFORM * count) / w.length;
  for (;;) {
    const rest = restOf(w, taken);
    const left = n - taken.size;
    const whole = share(rest.weight, rest.count);
    const next = [...w.keys()].filter((x) => !taken.has(x) && left * share(w[x], 1) >= whole);
    if (next.length === 0 || left - next.length < LEAST_DRAWN) return taken;
    for (const x of next) taken.add(x);
  }
}

function lawOf(w: Float64Array, taken: ReadonlySet<number>): Law {
  const rest = Uint32Array.from([...w.keys()].filter((x) => !taken.has(x)));
  const sums = new Float64Array(rest.length);
  let sum = 0;
  rest.forEach((x, i) => (sums[i] = sum += w[x]));
  const W = w.reduce((s, v) => s + v, 0);
  const byCount = (UNIFORM * rest.length) / w.length;
  const byWeight = ((1 - UNIFORM) * sum) / W;
  return { rest, sums, uniform: rest.length === 0 ? 0 : byCount / (byCount + byWeight) };
}

/** π_x of a drawn visit. */
function probability({ rest, sums, uniform }: Law, w: Float64Array, x: number): number {
  return ((1 - uniform) * w[x]) / sums[sums.length - 1] + uniform / rest.length;
}

/** `count` examples, each by its own coin and place. */
function draw({ rest, sums, uniform }: Law, count: number, seed: number): number[] {
  const stream = new UniformStream(seed, 'visits');
  const whole = sums[sums.length - 1];
  return Array.from({ length: count }, (_, j) => {
    const place = stream.at(j, 0, 0, 1);
    if (stream.at(j, 0, 0, 0) < uniform) return rest[Math.floor(place * rest.length)];
    return rest[firstAbove(sums, Math.floor(place * whole))];
  });
}

/** The first index whose running sum lies above `position`. */
function firstAbove(sums: Float64Array, position: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Taken and drawn visits among each other; a repeat of an example has the next occurrence. */
function shuffled(
  of: Pick<WeightedVisits, 'design' | 'certain'>,
  seed: number,
  taken: readonly number[],
  drawn: readonly number[],
): WeightedVisits {
  const N = of.design.length;
  const n = taken.length + drawn.length;
  const all = [...taken, ...drawn];
  const seen = new Uint32Array(N);
  const repeats = all.map((x) => seen[x]++);
  const order = permutation(n, seed, 'visits/order');
  return {
    population: N,
    indices: Uint32Array.from(order, (j) => all[j]),
    occurrence: Uint32Array.from(order, (j) => repeats[j]),
    taken: Uint8Array.from(order, (j) => (j < taken.length ? 1 : 0)),
    weights: Float64Array.from(order, (j) => of.design[all[j]]),
    takenCount: taken.length,
    drawnCount: drawn.length,
    distinct: new Set(all).size,
    ...of,
  };
}
