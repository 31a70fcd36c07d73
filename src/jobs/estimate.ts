/**
 * @module jobs/estimate
 *
 * Runs an estimate on a network and a data set: what is left open is chosen by cost, and where a target error was asked a pilot
 * comes first.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import {
  chooseEstimator,
  chooseByLayer,
  type Chosen,
  type DiagonalEstimate,
  estimateByLayer,
  estimateDiagonal,
} from '../fisher/index.js';
import { weighedGroups } from '../fisher/entry-weights.js';
import { checkClassWeights } from '../likelihood/class-weights.js';
import type { EstimateListener, EstimateRequest, EstimateSubject, Weighed } from './request.js';
import { diagonalOptions, sourceOf, tracedVariances } from './diagonal-options.js';
import { entriesEstimator } from './entries.js';
import { exactPairsOf, signNotes } from './signs.js';
import { estimateToTarget } from './target.js';
import { typeTwoNotes } from './type-two.js';
import { chooseVisits, type Visiting } from './visits.js';
import { weighingNotes, weighingOf } from './weighing.js';

export type { EstimateListener, EstimateRequest, EstimateSubject } from './request.js';

/**
 * Decides, pilots where asked, estimates; a mean with weights where the data set has example weights (fisher/example-weights).
 * Throws `OutOfReach` (code `estimate/out-of-reach`, the answer is no), which holds the estimate that the data allow, and
 * `data/example-weights`.
 * @throws FimError with `batch/from`, `batch/size`, `data/overflow`, `estimate/class-weights`, `fisher/draws`, `fisher/entry-weights`,
 * `fisher/exact-pairs`, `fisher/no-examples`, `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`, `fisher/quadratic`,
 * `fisher/targets`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`,
 * `likelihood/class-weights`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `memory/too-small`,
 * `order/examples`, `order/replacement`, `random/index`, `random/seed`, `random/sequence`, `stats/level`, `tensor/size`, `usage/auto`,
 * `visits/proxy`
 */
export async function runEstimate(
  given: EstimateSubject,
  request: EstimateRequest,
  listener: EstimateListener = {},
): Promise<DiagonalEstimate> {
  const { dataset } = given;
  checkLoss(given, request);
  checkWeights(given.network, request);
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

/** Throws `fisher/entry-weights`, `fisher/quadratic` before anything runs. */
function checkWeights(
  network: EstimateSubject['network'],
  { estimator = 'exact', functionals, quadratics }: EstimateRequest,
): void {
  if (estimator === 'auto' && quadratics?.length) {
    throw new FimError({
      code: 'usage/auto',
      kind: 'usage',
      where: "wᵀ𝓘w with `estimator: 'auto'`",
      rule: 'takes scores of all layers together, which `auto` estimates one by one',
      next: "`estimator: 'exact'`, or another that is the same for all layers",
    });
  }
  weighedGroups(network, { estimator: estimator === 'auto' ? 'exact' : estimator, functionals, quadratics });
}

async function weighedEstimate(
  subject: Weighed,
  request: EstimateRequest,
  listener: EstimateListener,
): Promise<DiagonalEstimate> {
  const { network, likelihood, dataset, weighing } = subject;
  const examples = request.examples ?? weighing.n;
  if (request.estimator === 'auto') return estimateAuto(subject, request, listener);
  const entries =
    request.estimator === undefined && request.question === 'entries'
      ? entriesEstimator(network, likelihood, { labels: request.labels, examples })
      : null;
  const estimator = entries?.estimator ?? request.estimator;
  const signs = { ...request, estimator, atLeast: entries ? 1 : 0 };
  const exactPairs = await exactPairsOf(subject, signs, sourceOf(subject, request, examples), listener);
  const variances =
    estimator === undefined ? await tracedVariances(subject, request, examples, exactPairs) : null;
  const asked = { ...request, estimator, exactPairs, examples, variances };
  const chosen: Chosen = { ...chooseEstimator(network, likelihood, asked), exactPairs };
  const reasons = [
    ...(entries ? [entries.reason] : []),
    ...chosen.reasons,
    ...unused(request, chosen),
    ...signNotes(likelihood, network, { ...request, ...chosen }),
  ];
  for (const reason of reasons) listener.say?.(reason);
  const options = diagonalOptions(subject, request, chosen, listener);
  const visiting: Visiting = { subject, request, chosen, examples, options, listener };
  const noted = (made: DiagonalEstimate): DiagonalEstimate =>
    chosen.estimator === 'type2' ? { ...made, notes: [...made.notes, ...typeTwoNotes(network)] } : made;
  if (request.targetError !== undefined) {
    const { estimate, refusal } = await estimateToTarget(visiting, request.targetError);
    if (!refusal) return noted(estimate);
    throw refusal(noted({ ...estimate, notes: [...weighingNotes(weighing, dataset), ...estimate.notes] }));
  }
  const visits = await chooseVisits(visiting);
  const made = await estimateDiagonal(
    subject.engine,
    network,
    likelihood,
    visits?.source ?? sourceOf(subject, request, examples),
    {
      ...options,
      ...visits?.options,
      foretell: true,
      onBatch: ({ examples: done, trace }) => listener.progress?.(done / examples, trace),
    },
  );
  return noted({ ...made, visitsHash: visits?.hash ?? null });
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
  const { question = 'trace', root, memory } = request;
  const choices = await chooseByLayer(network, likelihood, sourceOf(subject, request, examples), {
    question,
    examples,
    root,
    memory,
  });
  for (const c of choices) listener.say?.(`${c.name}: ${c.estimator} (${c.reason})`);
  const {
    estimator: _1,
    labels: _2,
    error: _3,
    targets: _4,
    quadratics: _5,
    ...options
  } = diagonalOptions(subject, request, { estimator: 'exact', labels: 0, error: 'none' }, listener);
  return estimateByLayer(engine, network, likelihood, sourceOf(subject, request, examples), choices, options);
}
