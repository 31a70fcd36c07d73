/**
 * @module jobs/decided-estimate
 *
 * Decisions of an estimate before its first visit, as plain data of numbers and typed arrays: the estimator with its draws, the weights of
 * a mix, the list of visits with what is known of those that are not made. From them every part of the visits is summed by itself
 * (jobs/shard), with the labels of the single run, since draws are keyed by example and occurrence.
 */
import type { Dataset } from '../data/dataset.js';
import { digestOfTensors, type EntryWeights } from '../fisher/index.js';
import { digestOfNumbers, networkDigests } from '../fisher/sums/digests.js';
import { askedRoot } from './asked-root.js';
import { checkRequest } from './chosen.js';
import { type DecidedVisits, decideLayers, decideVisits } from './decided-visits.js';
import type {
  EstimateListener,
  EstimateRequest,
  EstimateSubject,
  RootedRequest,
  Weighed,
} from './request.js';
import { weighingOf } from './weighing.js';

/** Of the layout of `DecidedEstimate`. */
export const DECIDED_VERSION = 2;

/** Weights of entries as plain data. */
export interface PlainWeights {
  /** What the number is called. */
  readonly name: string;
  /** One for each entry, by parameter. */
  readonly weights: Readonly<Record<string, Float64Array>>;
}

/** What of a request every part heeds. */
export type DecidedRequest = Pick<
  RootedRequest,
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
export interface DecidedEstimate extends DecidedVisits {
  /** Of the layout. */
  readonly version: typeof DECIDED_VERSION;
  /** What was asked for. */
  readonly request: DecidedRequest;
  /** Totals with weights of the entries. */
  readonly functionals: readonly PlainWeights[];
  /** The same of vectors. */
  readonly quadratics: readonly PlainWeights[];
  /** Examples N that could be visited. */
  readonly populationSize: number;
  /** Of the network, θ and the data that it was decided on, and of labels and weights of its examples; null: none were given. */
  readonly digests: Readonly<
    Record<'network' | 'parameters' | 'data', string> & Record<'targets' | 'weights', string | null>
  >;
}

/** Digests of data sets that were gone through: a pass over all bytes, once for all shards of a process. */
const known = new WeakMap<Dataset, string>();

/** Digests of what is estimated. */
export function subjectDigests({ network, dataset, targets }: EstimateSubject): DecidedEstimate['digests'] {
  const data = known.get(dataset) ?? digestOfTensors(dataset.inputs);
  known.set(dataset, data);
  const { exampleWeights } = dataset;
  return {
    ...networkDigests(network),
    data,
    targets: targets ? digestOfNumbers(targets.data) : null,
    weights: exampleWeights && digestOfTensors(new Map([['weights', exampleWeights]])),
  };
}

/**
 * Decides an estimate, its pilots run; null where the signal came first. Throws what `runEstimate` throws.
 * @throws FimError with `batch/from`, `batch/size`, `data/example-weights`, `data/overflow`, `engine/memory`, `estimate/class-weights`,
 * `fisher/draws`, `fisher/entry-weights`, `fisher/exact-pairs`, `fisher/no-examples`, `fisher/not-finite`, `fisher/output-not-finite`,
 * `fisher/positions`, `fisher/quadratic`, `fisher/targets`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`,
 * `kernels/unsupported`, `likelihood/class-weights`, `likelihood/kernel`, `likelihood/not-finite`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `order/examples`, `order/replacement`, `random/index`, `random/seed`,
 * `random/sequence`, `stats/level`, `tensor/size`, `usage/auto`, `visits/proxy`
 */
export async function decideEstimate(
  given: EstimateSubject,
  asked: EstimateRequest,
  listener: EstimateListener = {},
): Promise<DecidedEstimate | null> {
  checkRequest(given, asked);
  const request: RootedRequest = { ...asked, root: await askedRoot(given, asked, listener) };
  const subject: Weighed = { ...given, weighing: weighingOf(given.dataset) };
  const examples = request.examples ?? subject.weighing.n;
  const how = await (request.estimator === 'auto' ? decideLayers : decideVisits)(
    subject,
    request,
    examples,
    listener,
  );
  if (how === null) return null;
  const { population, level, root, largest, order, seed, classWeights, memory, batch, groupSums } = request;
  return {
    version: DECIDED_VERSION,
    request: { population, level, root, largest, order, seed, classWeights, memory, batch, groupSums },
    functionals: plainWeights(request.functionals),
    quadratics: plainWeights(request.quadratics),
    ...how,
    populationSize: subject.weighing.n,
    digests: subjectDigests(given),
  };
}

const plainWeights = (given: readonly EntryWeights[] = []): PlainWeights[] =>
  given.map(({ name, weights }) => ({
    name,
    weights: Object.fromEntries([...weights].map(([p, w]) => [p, Float64Array.from(w)])),
  }));
