/**
 * @module jobs/target
 *
 * Estimate to a target error: a pilot, a main stage of the size that the pilot's upper limit asks for, and top-ups, in one pass that keeps
 * all its visits (jobs/staged-run). It promises that the error reported at the end is at most the target, and that in nine runs of
 * ten the true standard error is too. Where the data end first it gives the estimate that they allow.
 */
import {
  type DiagonalEstimate,
  drawsNeeded,
  estimateDiagonal,
  MOST_DRAWS,
  type Proxies,
  topUp,
  visitsNeeded,
} from '../fisher/index.js';
import { groupsKept, mingledOf, stretchOf } from './grouped.js';
import { draws, noTrace, onePilot, outOfReach, percent, type Refusal } from './out-of-reach.js';
import { type StagedPlan, uniformVisits } from './staged-plan.js';
import { StagedRun } from './staged-run.js';
import { chooseForTarget, type Visiting } from './visits.js';

/** What came of it. */
export interface Reached {
  /** From as many visits and draws as it took, or as the data allow. */
  readonly estimate: DiagonalEstimate;
  /** Why the answer is no; null where the target is reached. */
  readonly refusal: Refusal | null;
}

/** Runs until the target is reached or the data end. */
export async function estimateToTarget(of: Visiting, target: number): Promise<Reached> {
  const N = Math.min(of.examples, of.subject.weighing.n);
  if (N < 2) return { estimate: await plainRun(of, N), refusal: onePilot(target) };
  const { proxies, weighted } = await chooseForTarget(of, target);
  const run = new StagedRun(of, target, N, proxies, weighted);
  return goOn(run.plan, await run.estimate(), proxies);
}

/** What follows an estimate by the stages of a plan, its top-ups made: nothing where the target is reached, else uniform visits or more draws. */
export async function goOn(
  plan: StagedPlan,
  staged: DiagonalEstimate,
  proxies: Proxies | null,
): Promise<Reached> {
  const { of, target, N } = plan;
  const { request, subject, listener } = of;
  let estimate = staged;
  if (estimate.interrupted || plan.reached(estimate)) return { estimate, refusal: null };
  let uniform = plan;
  if (plan.design) {
    listener.say?.(
      `weighted visits end at ${percent(plan.relative(estimate))}: all ${N} examples are visited, each once`,
    );
    const run = new StagedRun(of, target, N, proxies, false);
    estimate = await run.estimate();
    uniform = run.plan;
    if (estimate.interrupted || plan.reached(estimate)) return { estimate, refusal: null };
  }
  if (!(estimate.trace.value > 0)) return { estimate, refusal: noTrace(target, estimate.trace.value) };
  const more = request.labels === undefined ? drawsFor(estimate, target) : null;
  if (more !== null && more > estimate.labels && more <= MOST_DRAWS) {
    listener.say?.(
      `all ${N} examples with ${draws(estimate.labels)} reach ${percent(plan.relative(estimate))}: again with ${draws(more)}`,
    );
    const again = { ...of, chosen: { ...of.chosen, labels: more }, options: { ...of.options, labels: more } };
    estimate = await plainRun(again, N);
    if (estimate.interrupted || plan.reached(estimate)) return { estimate, refusal: null };
  }
  const population = request.population === 'data' ? subject.weighing.n : null;
  return { estimate, refusal: refusalOf(estimate, target, uniform.pilot, population, request.labels) };
}

/** All n examples, uniformly. */
export async function plainRun(of: Visiting, n: number): Promise<DiagonalEstimate> {
  const { subject, request, options, listener } = of;
  const list = uniformVisits(of, n);
  return estimateDiagonal(
    subject.engine,
    subject.network,
    subject.likelihood,
    stretchOf(subject.dataset, {
      list,
      from: 0,
      to: n,
      groups: groupsKept(request),
      mingled: mingledOf(request),
    }),
    {
      ...options,
      groupSums: groupsKept(request),
      foretell: true,
      onBatch: ({ examples, trace }) => listener.progress?.(examples / n, trace),
    },
  );
}

/** Draws with which the examples of an estimate reach the target; null where the label part is not what stands in the way, or is unknown. */
function drawsFor({ trace, labels }: DiagonalEstimate, target: number): number | null {
  const { value, labelError, dataError } = trace;
  if (labelError === null || dataError === null) return null;
  return drawsNeeded({ data: dataError ** 2, label: labelError ** 2 }, labels, (target * value) ** 2);
}

/** The answer no. */
function refusalOf(
  estimate: DiagonalEstimate,
  target: number,
  pilot: number,
  population: number | null,
  labels: number | undefined,
): Refusal {
  const K = population === null ? null : drawsFor(estimate, target);
  return outOfReach({
    target,
    examples: K === null ? examplesFor(estimate, target, population) : estimate.examples,
    draws: Math.max(estimate.labels, K ?? 0),
    pilot,
    population,
    labels,
  });
}

/** Examples with as many draws each that would reach the target; of a finite population at most all. */
function examplesFor(
  { trace, examples: n }: DiagonalEstimate,
  target: number,
  population: number | null,
): number {
  const { value, standardError, labelError, dataError } = trace;
  if (population === null)
    return topUp(n, standardError === null ? Infinity : standardError / Math.abs(value), target);
  if (n >= population || labelError === null || dataError === null) return population;
  const label = n * labelError ** 2;
  const variance = label + (n * dataError ** 2) / (1 - n / population);
  const terms = { examples: n, mean: value, variance, label, room: 1 };
  return Math.min(population, visitsNeeded(terms, target, { finite: population }));
}
