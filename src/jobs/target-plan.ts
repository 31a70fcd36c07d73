/**
 * @module jobs/target-plan
 *
 * Plan of a run to a target error by one estimator: its pilot, run as the estimate runs it (jobs/staged-run), says the visits of the main
 * stage, or the draws with which all examples reach the target, by the arithmetic of the estimate itself (fisher/visits-needed).
 */
import {
  drawsNeeded,
  estimatorCost,
  MOST_DRAWS,
  partsAt,
  type PilotTerms,
  type Proxies,
  varianceWith,
  visitsNeeded,
  type Visiting as Visits,
} from '../fisher/index.js';
import type { Piloted } from './staged-plan.js';
import { StagedRun } from './staged-run.js';
import { chooseForTarget, type Visiting } from './visits.js';

/** A label variance of this share of the data variance makes the error 5 % longer. */
const SMALL_PART = 0.1;

/** Examples and draws that reach a target error. */
export interface TargetPlan {
  /** Visits, the pilot's at least; more than there are examples where the target is out of reach. */
  readonly examples: number;
  /** Draws per example; 0 for estimators without draws. */
  readonly labels: number;
  /** How the examples are chosen. */
  readonly visits: Visits;
  /** Whether the data suffice. */
  readonly feasible: boolean;
  /** Relative standard error that all the data give, at `attainableLabels` draws for each. */
  readonly attainable: number;
  /** Draws of labels an example at which that is attained. */
  readonly attainableLabels: number;
  /** The smallest target for which the data suffice at that many draws: `attainable` with the room that a plan leaves. */
  readonly reachable: number;
}

/** Pilots of a run to a target. */
export interface TargetPilots {
  readonly uniform: Piloted;
  /** Null where visits are uniform. */
  readonly weighted: Piloted | null;
  /** What is known of all examples, by a forward pass. */
  readonly proxies: Proxies | null;
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
}

/** Runs the pilots that the estimate would; null where a signal came first. Throws `estimate/visits`. */
export async function pilotsFor(of: Visiting, target: number): Promise<TargetPilots | null> {
  const N = examplesOf(of);
  const { proxies, weighted } = await chooseForTarget(of, target);
  const uniform = await new StagedRun(of, target, N, proxies, false).piloted();
  const drawn = weighted && uniform ? await new StagedRun(of, target, N, proxies, true).piloted() : null;
  if (uniform === null || (weighted && drawn === null)) return null;
  return { uniform, weighted: drawn, proxies, notes: [...uniform.notes, ...(drawn?.notes ?? [])] };
}

const examplesOf = ({ examples, subject }: Visiting): number => Math.min(examples, subject.weighing.n);

/** What the pilots come to. `mean`: the trace that the target is relative to. */
export function planFrom(
  of: Visiting,
  { uniform, weighted }: TargetPilots,
  target: number,
  mean: number,
): TargetPlan {
  const N = examplesOf(of);
  const { labels } = of.chosen;
  const terms = { ...uniform.terms, mean };
  const { finite } = uniform.law;
  const reach = reachOf(of, terms, finite);
  if (weighted) {
    const visit = weighted.terms.mean > 0 ? weighted.terms : { ...weighted.terms, mean };
    const n = visitsNeeded(visit, target, weighted.law);
    const own = reachByVisits(visit, N, weighted.law.floor ?? 0, labels);
    const best = own.attainable < reach.attainable ? own : reach;
    const examples = Math.max(n, visit.examples);
    if (n <= N) return { examples, labels, visits: 'weighted', feasible: true, ...best };
  }
  const plan = { visits: 'uniform', ...reach } as const;
  const n = visitsNeeded(terms, target, uniform.law);
  if (n <= N) return { ...plan, examples: Math.max(n, terms.examples), labels, feasible: true };
  const drawsAt = (examples: number) =>
    drawsNeeded(partsAt(terms, examples, { finite }), labels, (target * mean) ** 2);
  const K = drawsAt(N);
  if (K !== null && K <= MOST_DRAWS)
    return { ...plan, examples: N, labels: Math.max(labels, K), feasible: true };
  if (finite === undefined || n <= finite) return { ...plan, examples: n, labels, feasible: false };
  return { ...plan, examples: finite, labels: Math.max(labels, drawsAt(finite) ?? 0), feasible: false };
}

type Reach = Pick<TargetPlan, 'attainable' | 'attainableLabels' | 'reachable'>;

/** What all examples reach, each visited once. */
function reachOf(of: Visiting, terms: PilotTerms, finite: number | undefined): Reach {
  const { labels } = of.chosen;
  const found = partsAt({ ...terms, room: 1 }, examplesOf(of), { finite });
  const K = labels === 0 ? 0 : drawsBeside(of, found.data, found.label);
  const label = labels === 0 ? 0 : (found.label * labels) / K;
  const { data, label: above } = partsAt(terms, examplesOf(of), { finite });
  return {
    attainable: Math.sqrt(found.data + label) / terms.mean,
    attainableLabels: K,
    reachable: Math.sqrt(varianceWith({ data, label: above }, labels, K)) / terms.mean,
  };
}

/** What as many weighted visits reach. */
function reachByVisits(
  { variance, room, mean }: PilotTerms,
  n: number,
  floor: number,
  attainableLabels: number,
): Reach {
  const error = (v: number) => Math.sqrt(v / n + floor) / mean;
  return { attainable: error(variance), attainableLabels, reachable: error(room * variance) };
}

/** Draws where all examples are visited: until the label part is small beside the data part, or exact costs no more. */
function drawsBeside({ subject, chosen }: Visiting, data: number, label: number): number {
  const { network, likelihood } = subject;
  const cost = (labels: number) =>
    estimatorCost(network, likelihood, { ...chosen, labels, error: labels > 1 ? 'sampled' : 'closed-form' });
  const exact = estimatorCost(network, likelihood, { estimator: 'exact', labels: 0, error: 'none' });
  let K = chosen.labels;
  while (2 * K <= MOST_DRAWS && (label * chosen.labels) / K > SMALL_PART * data && cost(2 * K) <= exact)
    K *= 2;
  return K;
}
