/**
 * @module jobs/estimate
 *
 * Runs an estimate on a network and a data set: what is left open is chosen by cost, and where a target error was asked a pilot
 * comes first.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { batches } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import type { Engine } from '../engine/types.js';
import {
  chooseEstimator,
  chooseByLayer,
  type Chosen,
  type DiagonalEstimate,
  type DiagonalOptions,
  estimateByLayer,
  estimateDiagonal,
  type EstimatorChoice,
  type ExampleSource,
  type Figure,
  measureVariances,
  pilotSize,
  pilotVariances,
  planTarget,
  type Question,
} from '../fisher/index.js';
import { varianceProfile } from '../fisher/closed-forms/profile.js';
import { checkClassWeights } from '../likelihood/class-weights.js';
import type { RootChoice } from '../likelihood/roots/index.js';
import type { Labels, Likelihood } from '../likelihood/types.js';
import { exactPairsOf, signNotes } from './signs.js';
import type { Network } from '../model/network.js';
import { amount, draws, noTrace, onePilot, outOfReach, percent, type Refusal } from './out-of-reach.js';
import { typeTwoNotes } from './type-two.js';
import { type Weighing, weighingNotes, weighingOf } from './weighing.js';

/** What to estimate, on which examples and at which accuracy. Everything may be left out. */
export interface EstimateRequest {
  /** Default: the one of least variance × operations, by a small pilot. */
  readonly estimator?: EstimatorChoice | undefined;
  /** Draws per example. */
  readonly labels?: number | undefined;
  /** Default `auto`. */
  readonly error?: 'auto' | 'closed-form' | 'sampled' | undefined;
  /** Default `distribution`. */
  readonly population?: 'distribution' | 'data' | undefined;
  /** Of the intervals; default 0.95. */
  readonly level?: number | undefined;
  /** What an estimator that is left open is chosen for: the total, or its entries. Default `trace`. */
  readonly question?: Question | undefined;
  /** Relative standard error of the trace to plan for. */
  readonly targetError?: number | undefined;
  /** What signs are drawn on; default `eigen`. */
  readonly root?: RootChoice | undefined;
  /** Columns of the root that are taken exactly beside signs; `auto`: as many as pay for themselves. Default 0. */
  readonly exactPairs?: number | 'auto' | undefined;
  /** How many examples to visit; default all. */
  readonly examples?: number | undefined;
  /** Default `seed`: permuted by the seed. */
  readonly order?: 'seed' | 'file' | undefined;
  /** Seed of labels, signs and order; default 0. */
  readonly seed?: number | undefined;
  /** Weights of the loss by class, with `empirical` alone: a score is multiplied by that of its label. */
  readonly classWeights?: readonly number[] | undefined;
  /** Examples per pass; default 256. */
  readonly batch?: number | undefined;
}

/** What is estimated: a network and a likelihood on data, by an engine. */
export interface EstimateSubject {
  /** Runs the passes. */
  readonly engine: Engine;
  /** The network h(x; θ). */
  readonly network: Network;
  /** p(y|h). */
  readonly likelihood: Likelihood;
  /** The examples. */
  readonly dataset: Dataset;
  /** Labels of the data, for empirical. */
  readonly targets?: Labels | null;
}

/** With the weights of its examples read. */
interface Weighed extends EstimateSubject {
  readonly weighing: Weighing;
}

/** What is heard while it runs. */
export interface EstimateListener {
  /** What was chosen or planned, and why. */
  say?(line: string): void;
  /** After each batch: the share of examples done, and the trace so far. */
  progress?(share: number, trace: () => Figure): void;
  /** Ends the estimate between two batches, with what is known so far. */
  readonly signal?: AbortSignal;
}

/**
 * Decides, pilots where asked, estimates; a mean with weights where the data set has example weights (fisher/example-weights).
 * Throws `OutOfReach` (code `estimate/out-of-reach`, the answer is no), which holds the estimate that the data allow, and
 * `data/example-weights`.
 * @throws FimError with `batch/from`, `batch/size`, `data/overflow`, `estimate/class-weights`, `estimate/no-trace`, `fisher/draws`,
 * `fisher/exact-pairs`, `fisher/no-examples`, `fisher/not-finite`, `fisher/output-not-finite`, `fisher/targets`, `graph/examples-coupled`,
 * `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/class-weights`, `likelihood/not-finite`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `order/examples`, `order/replacement`, `random/index`, `random/seed`,
 * `random/sequence`, `stats/level`, `tensor/size`, `usage/auto`
 */
export async function runEstimate(
  given: EstimateSubject,
  request: EstimateRequest,
  listener: EstimateListener = {},
): Promise<DiagonalEstimate> {
  const { dataset } = given;
  checkLoss(given, request);
  const weighing = weighingOf(dataset);
  const estimate = await weighedEstimate({ ...given, weighing }, request, listener);
  const loss = request.classWeights
    ? [
        `scores are those of a loss with the class weights ${request.classWeights.join(', ')}: their squares carry the square of the weight`,
      ]
    : [];
  return { ...estimate, notes: [...weighingNotes(weighing, dataset), ...loss, ...estimate.notes] };
}

/** Throws `estimate/class-weights` beside another estimator, `likelihood/class-weights` for weights that do not fit. */
function checkLoss({ network, likelihood, targets }: EstimateSubject, request: EstimateRequest): void {
  const { classWeights, estimator } = request;
  if (!classWeights) return;
  if (estimator === 'empirical') {
    checkClassWeights(likelihood.name, network.h.shape[1] as number, classWeights, targets ?? null);
    return;
  }
  throw new FimError({
    code: 'estimate/class-weights',
    kind: 'usage',
    where: '`classWeights`',
    rule: "goes with `estimator: 'empirical'` alone: a weighted loss is no likelihood, so that its Fisher information does not exist",
    got: estimator === undefined ? 'no `estimator`' : setting('estimator', estimator),
    next: "`estimator: 'empirical'`, or `exampleWeights` for a weighted mean over examples",
  });
}

async function weighedEstimate(
  subject: Weighed,
  request: EstimateRequest,
  listener: EstimateListener,
): Promise<DiagonalEstimate> {
  const { network, likelihood, dataset, weighing } = subject;
  const examples = request.examples ?? weighing.n;
  const { estimator } = request;
  if (estimator === 'auto') return estimateAuto(subject, request, listener);
  const exactPairs = await exactPairsOf(subject, request, sourceOf(subject, request, examples, 0), listener);
  const pilotOf = {
    question: request.question ?? 'trace',
    examples,
    root: request.root,
    exactPairs,
  } as const;
  const variances =
    estimator === undefined
      ? await measureVariances(network, likelihood, sourceOf(subject, request, examples, 0), pilotOf)
      : null;
  const asked = { ...request, estimator, exactPairs, examples, variances };
  let chosen: Chosen = { ...chooseEstimator(network, likelihood, asked), exactPairs };
  const reasons = [
    ...chosen.reasons,
    ...unused(request, chosen),
    ...signNotes(likelihood, network, { ...request, ...chosen }),
  ];
  for (const reason of reasons) listener.say?.(reason);
  let visit = { examples, from: 0 };
  let refusal: Refusal | null = null;
  if (request.targetError !== undefined) {
    const planned = await pilot(subject, request, chosen, listener);
    if ('interrupted' in planned) return planned;
    ({ chosen, visit, refusal } = planned);
  }
  const total = visit.examples;
  const made = await estimateDiagonal(
    subject.engine,
    network,
    likelihood,
    sourceOf(subject, request, visit.examples, visit.from),
    {
      ...diagonalOptions(subject, request, chosen, listener),
      onBatch: ({ examples: done, trace }) => listener.progress?.(done / total, trace),
    },
  );
  const estimate =
    chosen.estimator === 'type2' ? { ...made, notes: [...made.notes, ...typeTwoNotes(network)] } : made;
  if (refusal && !estimate.interrupted) {
    throw refusal({ ...estimate, notes: [...weighingNotes(weighing, dataset), ...estimate.notes] });
  }
  const missed = missedTarget(estimate, request.targetError);
  return missed === null ? estimate : { ...estimate, warnings: [...estimate.warnings, missed] };
}

/** A plan is made from a pilot, and is never stretched until it looks right: where it fell short, that is said. */
function missedTarget({ trace, interrupted }: DiagonalEstimate, target: number | undefined): string | null {
  if (target === undefined || interrupted || trace.standardError === null) return null;
  const reached = trace.standardError / Math.abs(trace.value);
  // Two digits are shown, so less than that is not a miss.
  if (!(reached > 1.05 * target)) return null;
  return `planned for ${percent(target)} and reached ${percent(reached)}: the pilot saw less variance than there is; a smaller ${setting('targetError')} asks for more`;
}

/** What was asked and has no meaning for the estimator that was chosen. */
function unused(request: EstimateRequest, chosen: Chosen): string[] {
  const pairs =
    chosen.estimator === 'rademacher' || !request.exactPairs
      ? []
      : [`exact pairs: not used, they go with signs and not with ${chosen.estimator}`];
  if (chosen.labels > 0) return pairs;
  const asked = [
    ...(request.labels === undefined ? [] : [`${request.labels} draws per example`]),
    ...(request.error === undefined || request.error === 'auto' ? [] : [`error ${request.error}`]),
  ];
  return asked.length > 0
    ? [...pairs, `${asked.join(' and ')}: not used, ${chosen.estimator} draws nothing`]
    : pairs;
}

function diagonalOptions(
  subject: Weighed,
  request: EstimateRequest,
  chosen: Omit<Chosen, 'reasons'>,
  listener: EstimateListener,
): DiagonalOptions {
  return {
    estimator: chosen.estimator,
    labels: chosen.labels,
    ...(request.root ? { root: request.root } : {}),
    ...(chosen.exactPairs ? { exactPairs: chosen.exactPairs } : {}),
    ...(chosen.error === 'none' ? {} : { error: chosen.error }),
    ...(subject.targets ? { targets: subject.targets } : {}),
    ...(request.classWeights ? { classWeights: request.classWeights } : {}),
    ...(subject.weighing.weights ? { weights: subject.weighing.weights } : {}),
    seed: request.seed ?? 0,
    population: request.population ?? 'distribution',
    populationSize: subject.weighing.n,
    level: request.level ?? 0.95,
    batch: request.batch ?? 256,
    ...(listener.signal ? { signal: listener.signal } : {}),
  };
}

/** Each layer by the estimator that a pilot's closed forms recommend for it. */
async function estimateAuto(
  subject: Weighed,
  request: EstimateRequest,
  listener: EstimateListener,
): Promise<DiagonalEstimate> {
  const { engine, network, likelihood, weighing } = subject;
  if (request.labels !== undefined || request.error === 'closed-form' || request.targetError !== undefined) {
    throw new FimError({
      code: 'usage/auto',
      kind: 'usage',
      where: "`estimator: 'auto'`",
      rule: "chooses draws and errors by layer; it goes with no `labels`, `error: 'closed-form'` or `targetError`",
      next: 'name an estimator, or leave those options out',
    });
  }
  const examples = request.examples ?? weighing.n;
  const pilot = sourceOf(subject, request, pilotSize(examples), 0);
  const { all } = await varianceProfile(engine, network, likelihood, pilot, { batch: request.batch });
  const choices = chooseByLayer(network, likelihood, all);
  for (const c of choices) listener.say?.(`${c.name}: ${c.estimator} (${c.reason})`);
  const {
    estimator: _1,
    labels: _2,
    error: _3,
    targets: _4,
    ...options
  } = diagonalOptions(subject, request, { estimator: 'exact', labels: 0, error: 'none' }, listener);
  return estimateByLayer(
    engine,
    network,
    likelihood,
    sourceOf(subject, request, examples, 0),
    choices,
    options,
  );
}

/** Examples from…from+examples of the seeded order. */
function sourceOf(
  { dataset, weighing: { among } }: Weighed,
  request: EstimateRequest,
  examples: number,
  from: number,
): ExampleSource {
  const { order, seed } = request;
  return (batch, dtype) =>
    batches(dataset, { batch, dtype, order, seed, examples: from + examples, from, among });
}

interface Planned {
  readonly chosen: Chosen;
  readonly visit: { readonly examples: number; readonly from: number };
  /** Where the target is out of reach: what is said after the estimate that the data allow. */
  readonly refusal: Refusal | null;
}

/** What the pilot decides; interrupted, the pilot itself is all that is known. */
async function pilot(
  subject: Weighed,
  request: EstimateRequest,
  chosen: Chosen,
  listener: EstimateListener,
): Promise<Planned | DiagonalEstimate> {
  const { network, likelihood, weighing } = subject;
  const N = request.examples ?? weighing.n;
  const target = request.targetError as number;
  const all = { examples: N, from: 0 };
  if (N < 2) return { chosen, visit: all, refusal: onePilot(target) };
  const n0 = pilotSize(N);
  const drawn = chosen.labels > 0;
  const probe = (by: Omit<Chosen, 'reasons'>): Promise<DiagonalEstimate> =>
    estimateDiagonal(subject.engine, network, likelihood, sourceOf(subject, request, n0, 0), {
      ...diagonalOptions(subject, request, by, listener),
      stream: 'pilot',
      population: 'distribution',
    });
  const own = await probe(drawn ? { ...chosen, error: 'closed-form' } : chosen);
  if (own.interrupted) return own;
  // The spread from input to input is the network's: known from the exact terms, while draws add theirs to it.
  const exact = drawn ? await probe({ estimator: 'exact', labels: 0, error: 'none' }) : own;
  if (exact.interrupted) return exact;
  const variances = { ...pilotVariances(exact), label: pilotVariances(own).label };
  if (!(variances.trace > 0)) return { chosen, visit: all, refusal: noTrace(target, variances.trace) };
  const population = request.population === 'data' ? weighing.n : null;
  const plan = planTarget(network, likelihood, chosen.estimator, variances, {
    relative: target,
    available: N,
    population,
    labels: request.labels,
  });
  const takes = `${percent(target)} takes ${amount(plan)}`;
  if (!plan.feasible) {
    const labels = Math.max(chosen.labels, plan.attainableLabels);
    listener.say?.(
      `pilot of ${n0} examples: ${takes}; estimating from the ${N} there are${labels > 0 ? `, ${draws(labels)}` : ''}`,
    );
    return {
      chosen: { ...chosen, labels },
      visit: all,
      refusal: outOfReach({ target, plan, pilot: n0, population, labels: request.labels }),
    };
  }
  listener.say?.(`pilot of ${n0} examples: ${takes}`);
  // Fresh examples where there are enough of them; a finite population is visited from its start.
  const from = request.population !== 'data' && plan.examples + n0 <= N ? n0 : 0;
  return {
    chosen: { ...chosen, labels: plan.labels },
    visit: { examples: plan.examples, from },
    refusal: null,
  };
}
