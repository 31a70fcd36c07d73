/**
 * @module jobs/plan
 *
 * Plan of an estimate of the trace at a given relative error, by each estimator, before it is spent: the pilot of each estimate is run, with
 * the visits and draws that the estimate itself makes, and its rule says what follows (jobs/target-plan); passes are timed on this machine.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import {
  type Chosen,
  chooseEstimator,
  estimatorCost,
  type Population,
  type VisitingChoice,
} from '../fisher/index.js';
import { forwardCost } from '../fisher/cost.js';
import { diagonalOptions, tracedVariances } from './diagonal-options.js';
import { percent } from './out-of-reach.js';
import { measureSeconds, type PerEstimator, TIMED, type TimedEstimator } from './pass-seconds.js';
import type { EstimateSubject, RootedRequest, Weighed } from './request.js';
import { PILOT } from './staged-plan.js';
import { pilotsFor, planFrom, type TargetPilots, type TargetPlan } from './target-plan.js';
import { typeTwoNotes } from './type-two.js';
import type { Visiting } from './visits.js';
import { weighingNotes, weighingOf } from './weighing.js';

/** Relative error of the figures of two estimators that are one, in float32. */
const ROUNDING = 1e-4;

export interface PlanRequest {
  readonly targetError: number;
  readonly population: Population;
  readonly seed: number;
  readonly order: 'seed' | 'file';
  readonly examples?: number | undefined;
  readonly visits?: VisitingChoice | undefined;
  readonly batch: number;
  /** Bytes that a pass may hold. */
  readonly memory?: number | undefined;
  /** Seconds from any fixed moment. */
  readonly now: () => number;
  /** Hears what is under way. */
  readonly say?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal;
}

export interface EstimatorPlan extends TargetPlan {
  readonly estimator: TimedEstimator;
  /** Seconds that the plan takes here. */
  readonly seconds: number;
  /** Standard deviation of one example's term relative to the trace: from the inputs, and from one draw. */
  readonly dataDeviation: number;
  readonly labelDeviation: number;
}

/** The smallest target that a plan with these data holds for. */
export interface Reachable {
  readonly targetError: number;
  readonly estimator: TimedEstimator;
  readonly examples: number;
  readonly labels: number;
}

export interface Plan {
  readonly pilot: number;
  readonly estimators: readonly EstimatorPlan[];
  /** What an estimate that leaves it open takes, else the feasible one of least operations; null where none is feasible. */
  readonly recommended: TimedEstimator | null;
  /** What is in reach instead; null where the target is. */
  readonly reachable: Reachable | null;
  /** Where type 2 is the exact Fisher, in words. */
  readonly typeTwo: readonly string[];
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
}

/** Makes the plan; null where a signal ended it first. Throws `estimate/no-trace`, `estimate/out-of-reach`, `estimate/visits`. */
export async function planEstimate(given: EstimateSubject, request: PlanRequest): Promise<Plan | null> {
  const { network, dataset } = given;
  const weighing = weighingOf(dataset);
  const subject: Weighed = { ...given, weighing };
  const N = Math.min(request.examples ?? weighing.n, weighing.n);
  const pilot = Math.min(N, PILOT);
  if (N < 2) throw oneExample(request.targetError);
  const timing = await measureSeconds(subject, request, pilot);
  const found: { of: Visiting; pilots: TargetPilots }[] = [];
  for (const estimator of TIMED) {
    request.say?.(`pilot of ${estimator}`);
    const of = visitingBy(subject, request, estimator, N);
    const pilots = await pilotsFor(of, request.targetError);
    if (pilots === null || request.signal?.aborted) return null;
    found.push({ of, pilots });
  }
  // Exact comes first: the target is relative to a trace above 0, and type 2 may find none.
  const { terms: exact } = found[0].pilots.uniform;
  if (!(exact.mean > 0)) throw noTrace(exact.mean);
  const estimators = found.map(({ of, pilots }, i): EstimatorPlan => {
    const { mean: own, label } = pilots.uniform.terms;
    const mean = own > 0 ? own : exact.mean;
    const plan = planFrom(of, pilots, request.targetError, mean);
    return {
      ...plan,
      estimator: TIMED[i],
      seconds: secondsOf(of, plan, pilots, timing, N),
      dataDeviation: Math.sqrt(Math.max(0, exact.variance - exact.label)) / exact.mean,
      labelDeviation: Math.sqrt(label * of.chosen.labels) / mean,
    };
  });
  const feasible = estimators.filter((e) => e.feasible);
  const advised = feasible.length === 0 ? null : await advisedFor(subject, request, N);
  const recommended = feasible.find((e) => e.estimator === advised) ?? leastWork(subject, feasible);
  return {
    pilot,
    estimators,
    recommended: recommended?.estimator ?? null,
    reachable: recommended === null ? reachableBy(estimators, N) : null,
    typeTwo: typeTwoNotes(network),
    notes: [...weighingNotes(weighing, dataset), ...new Set(found.flatMap(({ pilots }) => pilots.notes))],
  };
}

/** An estimate with nothing left open, as it would be made. */
function visitingBy(
  subject: Weighed,
  request: PlanRequest,
  estimator: TimedEstimator,
  examples: number,
): Visiting {
  const { say, signal } = request;
  const chosen = chooseEstimator(subject.network, subject.likelihood, { estimator, examples });
  const listener = {
    ...(say ? { say: (line: string) => say(`${estimator}: ${line}`) } : {}),
    ...(signal ? { signal } : {}),
  };
  const asked = askedOf(request);
  const options = diagonalOptions(subject, asked, chosen, listener);
  return { subject, request: asked, chosen, examples, options, listener };
}

const askedOf = ({ population, seed, order, visits, batch, memory }: PlanRequest): RootedRequest => ({
  population,
  seed,
  order,
  visits,
  batch,
  memory,
});

/** What an estimate of the trace that leaves its estimator open would take. */
async function advisedFor(subject: Weighed, request: PlanRequest, examples: number): Promise<string> {
  const { network, likelihood } = subject;
  const variances = await tracedVariances(subject, askedOf(request), examples, 0);
  return chooseEstimator(network, likelihood, { examples, variances }).estimator;
}

/** Seconds of the plan by those of a pass, and by counted operations what it takes beside. */
function secondsOf(
  { subject: { network, likelihood }, chosen }: Visiting,
  { examples, labels }: TargetPlan,
  { proxies }: TargetPilots,
  timing: PerEstimator,
  N: number,
): number {
  const { estimator } = chosen;
  const cost = (of: Pick<Chosen, 'labels' | 'error'>) =>
    estimatorCost(network, likelihood, { estimator, ...of });
  const timed = cost(labels === 0 ? { labels: 0, error: 'none' } : { labels: 1, error: 'sampled' });
  const all = examples * cost({ labels, error: chosen.error }) + (proxies ? N * forwardCost(network) : 0);
  return timing[estimator as TimedEstimator] * (all / timed);
}

/** The plan of least operations; null of none. */
function leastWork(
  { network, likelihood }: EstimateSubject,
  plans: readonly EstimatorPlan[],
): EstimatorPlan | null {
  const work = ({ estimator, examples, labels }: EstimatorPlan): number => {
    const error = labels > 1 ? 'sampled' : labels === 1 ? 'closed-form' : 'none';
    return examples * estimatorCost(network, likelihood, { estimator, labels, error });
  };
  return plans.length === 0 ? null : plans.reduce((a, b) => (work(b) < work(a) ? b : a));
}

/** The least error over estimators, all examples visited; rounded up, so that a plan for it is feasible. */
function reachableBy(estimators: readonly EstimatorPlan[], examples: number): Reachable {
  // Two that are the same up to rounding are told by their order.
  const { reachable, estimator, attainableLabels } = estimators.reduce((a, b) =>
    b.reachable < (1 - ROUNDING) * a.reachable ? b : a,
  );
  return { targetError: roundUp(reachable), estimator, examples, labels: attainableLabels };
}

/** To two digits of a percentage. */
function roundUp(x: number): number {
  if (!(x > 0)) return x;
  const unit = 10 ** (Math.floor(Math.log10(x)) - 1);
  return Number((Math.ceil(x / unit) * unit).toPrecision(2));
}

const oneExample = (target: number): FimError =>
  new FimError({
    code: 'estimate/out-of-reach',
    kind: 'answer-no',
    where: `${setting('targetError')} ${percent(target)}`,
    rule: 'takes a pilot of at least 2 examples, whose spread is the error that is planned for',
    got: '1 example',
    next: 'more data',
  });

const noTrace = (trace: number): FimError =>
  new FimError({
    code: 'estimate/no-trace',
    kind: 'answer-no',
    where: 'target error',
    rule: 'is relative to the trace, which must be above 0',
    got: `${trace} in the pilot`,
    cause: 'outputs so sure that the Fisher is 0 in this precision',
    next: "`estimator: 'exact', dtype: 'float64'`, without a target",
  });
