/**
 * @module jobs/chosen
 *
 * Checks of a request before anything runs, and its estimator: as asked for, or by cost where it is left open.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { weighedGroups } from '../fisher/entry-weights.js';
import { type Chosen, chooseEstimator } from '../fisher/index.js';
import { checkClassWeights } from '../likelihood/class-weights.js';
import { sourceOf, tracedVariances } from './diagonal-options.js';
import { entriesEstimator } from './entries.js';
import type {
  EstimateListener,
  EstimateRequest,
  EstimateSubject,
  RootedRequest,
  Weighed,
} from './request.js';
import { exactPairsOf, signNotes } from './signs.js';

/** Throws `estimate/class-weights`, `likelihood/class-weights`, `fisher/entry-weights`, `fisher/quadratic`, `usage/auto`. */
export function checkRequest(given: EstimateSubject, request: EstimateRequest): void {
  checkLoss(given, request);
  checkWeights(given.network, request);
}

/** What is said of a loss with weights of its classes. */
export const lossNotes = ({ classWeights }: Pick<EstimateRequest, 'classWeights'>): string[] =>
  classWeights
    ? [
        `scores are those of a loss with the class weights ${classWeights.join(', ')}: their squares carry the square of the weight`,
      ]
    : [];

/** Throws `estimate/class-weights` beside another estimator, `likelihood/class-weights` for weights that do not fit. */
function checkLoss({ network, likelihood, targets }: EstimateSubject, request: EstimateRequest): void {
  const { classWeights, estimator } = request;
  if (!classWeights) return;
  if (estimator === 'empirical') {
    checkClassWeights(likelihood.name, network.h.shape[1] as number, classWeights, targets ?? null);
    return;
  }
  throw weighsNoLoss(estimator);
}

/** Weights of the classes beside an estimator that takes no labels of the data; `weighted`: whether what refuses takes weights of examples. */
export function weighsNoLoss(estimator: string | undefined, weighted = true): FimError {
  return new FimError({
    code: 'estimate/class-weights',
    kind: 'usage',
    where: '`classWeights`',
    rule: "goes with `estimator: 'empirical'` alone: a weighted loss is no likelihood, so that its Fisher information does not exist",
    got: estimator === undefined ? 'no `estimator`' : setting('estimator', estimator),
    next: `${setting('estimator', 'empirical')}${weighted ? ', or `exampleWeights` for a weighted mean over examples' : ''}`,
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

/** The estimator with its draws, and why; said as it is chosen. Not for `auto`, which goes by layers. */
export async function chosenFor(
  subject: Weighed,
  request: RootedRequest,
  examples: number,
  listener: EstimateListener,
): Promise<Chosen> {
  const { network, likelihood } = subject;
  const entries =
    request.estimator === undefined && request.question === 'entries'
      ? entriesEstimator(network, likelihood, { labels: request.labels, examples })
      : null;
  const asked = entries?.estimator ?? request.estimator;
  const estimator = asked === 'auto' ? undefined : asked;
  const signs = { ...request, estimator, atLeast: entries ? 1 : 0 };
  const exactPairs = await exactPairsOf(subject, signs, sourceOf(subject, request, examples), listener);
  const variances =
    estimator === undefined ? await tracedVariances(subject, request, examples, exactPairs) : null;
  const chosen: Chosen = {
    ...chooseEstimator(network, likelihood, { ...request, estimator, exactPairs, examples, variances }),
    exactPairs,
  };
  const reasons = [
    ...(entries ? [entries.reason] : []),
    ...chosen.reasons,
    ...unused(request, chosen),
    ...signNotes(likelihood, network, { ...request, ...chosen }),
  ];
  for (const reason of reasons) listener.say?.(reason);
  return chosen;
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
