/**
 * @module jobs/plan
 *
 * Plans an estimate of the trace at a given relative error, by each estimator, before it is spent: a pilot gives the variances in
 * closed form and the seconds per example on this machine (fisher/target for the arithmetic). The clock is the caller's.
 */
import { batches } from '../data/batches.js';
import {
  chooseEstimator,
  type DiagonalOptions,
  estimateDiagonal,
  estimatorCost,
  type ExampleSource,
  measureVariances,
  type PilotVariances,
  type Population,
  pilotSize,
  pilotVariances,
  planTarget,
  type TargetPlan,
} from '../fisher/index.js';
import type { EstimateSubject } from './estimate.js';
import { typeTwoNotes } from './type-two.js';
import type { PerEstimator } from './profile.js';

/** Estimators that a plan compares; the mix is type 1 and 2 together and costs as type 2. */
export const PLANNED = ['exact', 'rademacher', 'type1', 'type2'] as const;

export type PlannedEstimator = (typeof PLANNED)[number];

export interface PlanRequest {
  readonly targetError: number;
  readonly population: Population;
  readonly seed: number;
  readonly order: 'seed' | 'file';
  readonly examples?: number | undefined;
  readonly batch: number;
  /** Bytes that a pass may hold. */
  readonly memory?: number | undefined;
  /** Seconds from any fixed moment. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

export interface EstimatorPlan extends TargetPlan {
  readonly estimator: PlannedEstimator;
  /** Seconds that the plan takes here. */
  readonly seconds: number;
  /** Standard deviation of one example's term relative to the trace: from the inputs, and from one draw. */
  readonly dataDeviation: number;
  readonly labelDeviation: number;
}

/** The smallest target that a plan with these data holds for. */
export interface Reachable {
  readonly targetError: number;
  readonly estimator: PlannedEstimator;
  readonly examples: number;
  readonly labels: number;
}

export interface Plan {
  readonly pilot: number;
  readonly estimators: readonly EstimatorPlan[];
  /** What an estimate that leaves it open takes, else the feasible one of least operations; null where none is feasible. */
  readonly recommended: PlannedEstimator | null;
  /** What is in reach instead; null where the target is. */
  readonly reachable: Reachable | null;
  /** Where type 2 is the exact Fisher, in words. */
  readonly typeTwo: readonly string[];
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
}

/** Makes the plan. */
export async function planEstimate(subject: EstimateSubject, request: PlanRequest): Promise<Plan> {
  const { network, likelihood, dataset } = subject;
  const N = request.examples ?? dataset.n;
  const pilot = pilotSize(N);
  const seconds = await measureSeconds(subject, request, pilot);
  const estimators: EstimatorPlan[] = [];
  const notes = new Set<string>();
  // Exact comes first, and its trace and spread over inputs stand for all: draws would add theirs and move every requirement.
  let exact: PilotVariances | null = null;
  for (const estimator of PLANNED) {
    const estimate = await estimateDiagonal(
      subject.engine,
      network,
      likelihood,
      pilotSource(subject, request, pilot),
      {
        ...pilotOptions(request, pilot),
        estimator,
        error: 'closed-form',
      },
    );
    const own = pilotVariances(estimate);
    exact ??= own;
    estimate.notes.forEach((note) => notes.add(note));
    const variances = { ...exact, label: own.label };
    const plan = planTarget(network, likelihood, estimator, variances, {
      relative: request.targetError,
      available: N,
      population: request.population === 'data' ? dataset.n : null,
    });
    estimators.push({
      ...plan,
      estimator,
      seconds: plan.examples * seconds[estimator] * costOfDraws(subject, estimator, plan.labels),
      dataDeviation: Math.sqrt(variances.data) / variances.trace,
      labelDeviation: Math.sqrt(variances.label) / variances.trace,
    });
  }
  const feasible = estimators.filter((e) => e.feasible);
  const advised = feasible.length === 0 ? null : await advisedFor(subject, request, N);
  const recommended = feasible.find((e) => e.estimator === advised) ?? leastWork(subject, feasible);
  return {
    pilot,
    estimators,
    recommended: recommended?.estimator ?? null,
    reachable: recommended === null ? reachableBy(estimators, N) : null,
    typeTwo: typeTwoNotes(network),
    notes: [...notes],
  };
}

/** What an estimate of the trace that leaves its estimator open would take. */
async function advisedFor(subject: EstimateSubject, request: PlanRequest, examples: number): Promise<string> {
  const { network, likelihood } = subject;
  const source = pilotSource(subject, request, examples);
  const variances = await measureVariances(network, likelihood, source, { question: 'trace', examples });
  return chooseEstimator(network, likelihood, { examples, variances }).estimator;
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
  const { reachable, estimator, attainableLabels } = estimators.reduce((a, b) =>
    b.reachable < a.reachable ? b : a,
  );
  return { targetError: roundUp(reachable), estimator, examples, labels: attainableLabels };
}

/** To two digits of a percentage. */
function roundUp(x: number): number {
  if (!(x > 0)) return x;
  const unit = 10 ** (Math.floor(Math.log10(x)) - 1);
  return Number((Math.ceil(x / unit) * unit).toPrecision(2));
}

/** Cost of K draws relative to one, by operations. */
function costOfDraws(
  { network, likelihood }: EstimateSubject,
  estimator: PlannedEstimator,
  K: number,
): number {
  if (K <= 1) return 1;
  const cost = (labels: number) =>
    estimatorCost(network, likelihood, { estimator, labels, error: 'sampled' });
  return cost(K) / cost(1);
}

function pilotSource({ dataset }: EstimateSubject, request: PlanRequest, examples: number): ExampleSource {
  const { order, seed } = request;
  return (batch, dtype) => batches(dataset, { batch, dtype, order, seed, examples });
}

function pilotOptions(request: PlanRequest, pilot: number): Omit<DiagonalOptions, 'estimator'> {
  return {
    labels: 1,
    seed: request.seed,
    stream: 'pilot',
    populationSize: pilot,
    ...(request.memory === undefined ? {} : { memory: request.memory }),
    batch: Math.min(request.batch, Math.max(1, Math.floor(pilot / 4))),
    ...(request.signal ? { signal: request.signal } : {}),
  };
}

/** Times that each estimator is measured; the least counts, since only other work on the machine makes it longer. */
const ROUNDS = 3;

/** Seconds per example of one value pass of each estimator, from the batches after the first, interleaved. */
export async function measureSeconds(
  subject: EstimateSubject,
  request: PlanRequest,
  examples: number,
): Promise<PerEstimator> {
  const least = new Map<PlannedEstimator, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const estimator of PLANNED) {
      const seconds = await secondsOf(estimator, subject, request, examples);
      least.set(estimator, Math.min(seconds, least.get(estimator) ?? Infinity));
    }
  }
  return Object.fromEntries(least) as Record<PlannedEstimator, number>;
}

async function secondsOf(
  estimator: PlannedEstimator,
  subject: EstimateSubject,
  request: PlanRequest,
  examples: number,
): Promise<number> {
  const stamps: { at: number; examples: number }[] = [];
  const began = request.now();
  const source = pilotSource(subject, request, examples);
  await estimateDiagonal(subject.engine, subject.network, subject.likelihood, source, {
    ...pilotOptions(request, examples),
    estimator,
    error: 'sampled',
    onBatch: (p) => stamps.push({ at: request.now(), examples: p.examples }),
  });
  const [first] = stamps;
  const last = stamps[stamps.length - 1];
  if (stamps.length < 2) return (last.at - began) / last.examples;
  return (last.at - first.at) / (last.examples - first.examples);
}
