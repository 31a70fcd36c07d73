/**
 * @module jobs/decided-estimate
 *
 * Decisions of an estimate before its first visit, as plain data of numbers and typed arrays: the estimator with its draws, the weights of
 * a mix, the list of visits with what is known of those that are not made. From them every part of the visits is summed by itself
 * (jobs/shard), with the labels of the single run, since draws are keyed by example and occurrence.
 */
import { FimError } from '../core/errors.js';
import type { Dataset } from '../data/dataset.js';
import type { Visits } from '../data/order.js';
import { digestOfTensors, type EntryWeights, type Proxies, type VisitDesign } from '../fisher/index.js';
import { jobOf } from '../fisher/job.js';
import { networkDigests } from '../fisher/sums/digests.js';
import type { ErrorSource, Estimator } from '../fisher/index.js';
import { checkRequest, chosenFor } from './chosen.js';
import { diagonalOptions } from './diagonal-options.js';
import type { EstimateListener, EstimateRequest, EstimateSubject, Weighed } from './request.js';
import { chooseVisits, type ChosenVisits, type Visiting } from './visits.js';
import { weighingOf } from './weighing.js';

/** Of the layout of `DecidedEstimate`. */
export const DECIDED_VERSION = 1;

/** Weights of entries as plain data. */
export interface PlainWeights {
  /** What the number is called. */
  readonly name: string;
  /** One for each entry, by parameter. */
  readonly weights: Readonly<Record<string, Float64Array>>;
}

/** What of a request every part heeds. */
export type DecidedRequest = Pick<
  EstimateRequest,
  | 'population'
  | 'level'
  | 'root'
  | 'largest'
  | 'order'
  | 'seed'
  | 'classWeights'
  | 'memory'
  | 'batch'
  | 'groupSums'
>;

/** Everything that is decided. */
export interface DecidedEstimate {
  /** Of the layout. */
  readonly version: typeof DECIDED_VERSION;
  /** What was asked for. */
  readonly request: DecidedRequest;
  /** Totals with weights of the entries. */
  readonly functionals: readonly PlainWeights[];
  /** The same of vectors. */
  readonly quadratics: readonly PlainWeights[];
  /** How it is estimated. */
  readonly estimator: Estimator;
  /** Draws per example; 0: none. */
  readonly labels: number;
  /** Where the label error comes from. */
  readonly error: ErrorSource;
  /** Columns of the root that are taken exactly. */
  readonly exactPairs: number;
  /** Weights of type 1 by parameter; null: no mix. */
  readonly mix: Readonly<Record<string, number>> | null;
  /** Visits n. */
  readonly examples: number;
  /** Examples N that could be visited. */
  readonly populationSize: number;
  /** Weighted visits, in their order; null: uniform ones, by order and seed. */
  readonly list: Visits | null;
  /** Hash of the list. */
  readonly visitsHash: string | null;
  /** Of weighted visits. */
  readonly design: VisitDesign | null;
  /** What a forward pass over all examples says of each; null: none was made. */
  readonly proxies: Proxies | null;
  /** Of the network, θ and the data that it was decided on. */
  readonly digests: Readonly<Record<'network' | 'parameters' | 'data', string>>;
}

/** Digests of data sets that were gone through: a pass over all bytes, once for all shards of a process. */
const known = new WeakMap<Dataset, string>();

/** Digests of what is estimated. */
export function subjectDigests({ network, dataset }: EstimateSubject): DecidedEstimate['digests'] {
  const data = known.get(dataset) ?? digestOfTensors(dataset.inputs);
  known.set(dataset, data);
  return { ...networkDigests(network), data };
}

/** Throws `estimate/shards` where parts of the visits do not add up to what is asked for. */
export function requireParts({ estimator, targetError }: EstimateRequest): void {
  if (estimator !== 'auto' && targetError === undefined) return;
  const auto = estimator === 'auto';
  throw new FimError({
    code: 'estimate/shards',
    kind: 'usage',
    where: auto ? "`estimator: 'auto'` in parts" : '`targetError` in parts',
    rule: auto
      ? 'takes one estimator for all layers: the total of several is made of every example’s terms'
      : 'takes a number of visits that is known beforehand, which a target decides as it goes',
    next: auto ? "`estimator: 'exact'`, or another by name" : '`examples`, from a plan with the same target',
  });
}

/**
 * Decides an estimate, its pilots run; null where the signal came first. Throws `estimate/shards` for `auto` and a target error, and what
 * `runEstimate` throws.
 * @throws FimError with `batch/from`, `batch/size`, `data/example-weights`, `data/overflow`, `estimate/class-weights`, `fisher/draws`,
 * `fisher/entry-weights`, `fisher/exact-pairs`, `fisher/no-examples`, `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`,
 * `fisher/quadratic`, `fisher/targets`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`,
 * `kernels/unsupported`, `likelihood/class-weights`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`,
 * `memory/too-small`, `order/examples`, `order/replacement`, `random/index`, `random/seed`, `random/sequence`, `stats/level`,
 * `tensor/size`, `usage/auto`, `visits/proxy`
 */
export async function decideEstimate(
  given: EstimateSubject,
  request: EstimateRequest,
  listener: EstimateListener = {},
): Promise<DecidedEstimate | null> {
  requireParts(request);
  checkRequest(given, request);
  const subject: Weighed = { ...given, weighing: weighingOf(given.dataset) };
  const examples = request.examples ?? subject.weighing.n;
  const chosen = await chosenFor(subject, request, examples, listener);
  const options = diagonalOptions(subject, request, chosen, listener);
  const visiting: Visiting = { subject, request, chosen, examples, options, listener };
  const visits = await chooseVisits(visiting);
  if (visits === null) return null;
  const { estimator, labels, error, exactPairs = 0 } = chosen;
  const { population, level, root, largest, order, seed, classWeights, memory, batch, groupSums } = request;
  return {
    version: DECIDED_VERSION,
    request: { population, level, root, largest, order, seed, classWeights, memory, batch, groupSums },
    functionals: plainWeights(request.functionals),
    quadratics: plainWeights(request.quadratics),
    ...{ estimator, labels, error, exactPairs, examples },
    mix: await mixOf(visiting, visits),
    populationSize: subject.weighing.n,
    list: visits.list,
    visitsHash: visits.hash,
    design: visits.options.design ?? null,
    proxies: visits.options.proxies ?? null,
    digests: subjectDigests(given),
  };
}

/** Weights of a mix from the first visits, as the single run takes them. */
async function mixOf(
  { subject, chosen, options }: Visiting,
  { source }: ChosenVisits,
): Promise<DecidedEstimate['mix']> {
  if (chosen.estimator !== 'mix') return null;
  const { engine, network, likelihood } = subject;
  const { mix } = await jobOf(engine, network, likelihood, source, options);
  return Object.fromEntries(mix ?? []);
}

const plainWeights = (given: readonly EntryWeights[] = []): PlainWeights[] =>
  given.map(({ name, weights }) => ({
    name,
    weights: Object.fromEntries([...weights].map(([p, w]) => [p, Float64Array.from(w)])),
  }));
