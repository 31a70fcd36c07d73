/**
 * @module fisher/target
 *
 * `--target-error`: how many examples n and draws K a relative standard error of the trace takes. Two stages, never a stop that
 * depends on how the estimate looks: a pilot of min(200, max(20, N/4)) examples gives the data variance s² and the mean label
 * variance 𝒱 of one draw (closed form), then n and K are fixed and the estimate uses fresh draws. With φ = n/N for a finite
 * population, else 0,
 *
 *   SE² = ((1 − φ) s² + 𝒱/K)/n ≤ (ε·trace)².
 *
 * The pilot's own error is allowed for by asking 10 % more variance than it found.
 */
import { FimError } from '../core/errors.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { estimatorCost } from './cost.js';
import type { DiagonalEstimate, ErrorSource, Estimator } from './estimate.js';

/** Room for the pilot's own error. */
const MARGIN = 1.1;
/** Draws per example beyond which more are not considered. */
const MOST_DRAWS = 4096;
/** A label variance of this share of the data variance makes the error 5 % longer. */
const SMALL_PART = 0.1;

/** Examples of the pilot for a data set of N. */
export function pilotSize(N: number): number {
  return Math.min(N, 200, Math.max(20, Math.floor(N / 4)));
}

/** What a pilot found, per example and draw, for the trace. */
export interface PilotVariances {
  /** The trace that the pilot estimates. */
  readonly trace: number;
  /** s². */
  readonly data: number;
  /** Mean of 𝒱(x); 0 for estimators without draws. */
  readonly label: number;
}

/** Variances from a pilot estimate over a distribution, with K draws. */
export function pilotVariances(pilot: DiagonalEstimate): PilotVariances {
  const { trace, examples: n, labels } = pilot;
  return {
    trace: trace.value,
    data: n * (trace.dataError ?? 0) ** 2,
    label: n * Math.max(1, labels) * (trace.labelError ?? 0) ** 2,
  };
}

/** Examples and draws that reach a target error, from the variances of a pilot. */
export interface TargetPlan {
  /** Examples to visit; more than there are where the target is out of reach. */
  readonly examples: number;
  /** Draws per example; 0 for estimators without draws. */
  readonly labels: number;
  /** Whether the data suffice. */
  readonly feasible: boolean;
  /** Relative standard error that all the data give, at `attainableLabels` draws for each. */
  readonly attainable: number;
  /** Draws of labels an example at which that is attained. */
  readonly attainableLabels: number;
  /** The smallest target for which the data suffice at that many draws: `attainable` with the room that a plan leaves. */
  readonly reachable: number;
}

/** Examples for K draws: the smallest n with SE ≤ tolerance. */
function examplesFor(
  v: PilotVariances,
  K: number,
  tolerance2: number,
  /** Size of a finite population, else null. */
  population: number | null,
): number {
  const label = K === 0 ? 0 : v.label / K;
  const data = MARGIN * v.data;
  const need = MARGIN * label + data;
  if (population === null) return Math.max(2, Math.ceil(need / tolerance2));
  // ((1 − n/N) s² + 𝒱/K)/n ≤ τ²  ⇔  n ≥ (s² + 𝒱/K)/(τ² + s²/N)
  return Math.max(2, Math.ceil(need / (tolerance2 + data / population)));
}

/** What a plan is asked for. */
export interface TargetGoal {
  /** Relative standard error of the trace. */
  readonly relative: number;
  /** Examples that there are to visit. */
  readonly available: number;
  /** Size of the finite population that they are from; null for a distribution. */
  readonly population: number | null;
  /** Draws per example, where they are fixed. */
  readonly labels?: number | undefined;
}

/**
 * The cheapest n and K that reach `relative`, by operations per example, with `available` examples to visit; where those do not
 * suffice, the cheapest with as many as it takes. `population` is the size of the finite population that they are from, null for a
 * distribution. `labels` fixes K. Throws `estimate/no-trace` where the pilot's trace is 0.
 */
export function planTarget(
  network: Network,
  likelihood: Likelihood,
  estimator: Estimator,
  pilot: PilotVariances,
  { relative, available, population, labels }: TargetGoal,
): TargetPlan {
  if (!(pilot.trace > 0)) throw noTrace(pilot.trace);
  const tolerance2 = (relative * pilot.trace) ** 2;
  const drawn = estimator !== 'exact' && estimator !== 'empirical';
  const choices = !drawn ? [0] : labels !== undefined ? [labels] : powersOfTwo(MOST_DRAWS);
  const cost = costOf(network, likelihood, estimator);
  const candidates = choices.map((K) => {
    const n = examplesFor(pilot, K, tolerance2, population);
    return { n, K, cost: n * cost(K) };
  });
  const within = candidates.filter(({ n }) => n <= available);
  const feasible = within.length > 0;
  // All of a finite population may need more draws for each than were considered.
  for (let K = 2 * MOST_DRAWS; !feasible && population !== null && drawn && K <= 2 ** 40; K *= 2) {
    const n = examplesFor(pilot, K, tolerance2, population);
    candidates.push({ n, K, cost: n * cost(K) });
  }
  const possible = candidates.filter(({ n }) => n <= (population ?? Infinity));
  const best = (feasible ? within : possible.length > 0 ? possible : candidates).reduce((a, b) =>
    b.cost < a.cost ? b : a,
  );
  const phi = population === null ? 0 : available / population;
  const data = (1 - phi) * pilot.data;
  const K = !drawn
    ? 0
    : (labels ?? (feasible ? best.K : drawsBeside(data, pilot.label, cost, exactCost(network, likelihood))));
  const attainable = Math.sqrt((data + (K === 0 ? 0 : pilot.label / K)) / available) / pilot.trace;
  return {
    examples: best.n,
    labels: best.K,
    feasible,
    attainable,
    attainableLabels: K,
    reachable: Math.sqrt(MARGIN) * attainable,
  };
}

/** Operations per example by draws: with errors in closed form, or from the draws where there are two and that is cheaper. */
function costOf(network: Network, likelihood: Likelihood, estimator: Estimator): (K: number) => number {
  const cost = (labels: number, error: ErrorSource) =>
    estimatorCost(network, likelihood, { estimator, labels, error });
  if (estimator === 'exact' || estimator === 'empirical') return () => cost(0, 'none');
  return (K) => (K < 2 ? cost(K, 'closed-form') : Math.min(cost(K, 'closed-form'), cost(K, 'sampled')));
}

const exactCost = (network: Network, likelihood: Likelihood): number =>
  costOf(network, likelihood, 'exact')(0);

/** Draws where all examples are visited: until the label part is small beside the data part, or exact costs no more. */
function drawsBeside(data: number, label: number, cost: (K: number) => number, exact: number): number {
  let K = 1;
  while (K < MOST_DRAWS && label / K > SMALL_PART * data && cost(2 * K) <= exact) K *= 2;
  return K;
}

function noTrace(trace: number): FimError {
  return new FimError({
    code: 'estimate/no-trace',
    kind: 'answer-no',
    where: 'target error',
    rule: 'is relative to the trace, which must be above 0',
    got: `${trace} in the pilot`,
    cause: 'outputs so sure that the Fisher is 0 in this precision',
    next: "`estimator: 'exact', dtype: 'float64'`, without a target",
  });
}

function powersOfTwo(most: number): number[] {
  const out: number[] = [];
  for (let k = 1; k <= most; k *= 2) out.push(k);
  return out;
}
