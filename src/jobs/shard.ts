/**
 * @module jobs/shard
 *
 * Shards of an estimate: the visits are cut into stretches of their order, each is summed by itself, anywhere, and the sums merge to the
 * estimate of the single run (≤ 1e-12 in float64, the same bits of labels).
 */
import { FimError } from '../core/errors.js';
import {
  denseSums,
  type DiagonalOptions,
  diagonalSums,
  type EntryWeights,
  type FisherSums,
  type LayerChoice,
  sumsByLayer,
  type Progress,
  type VisitSpan,
} from '../fisher/index.js';
import { UniformStream } from '../core/random.js';
import { ESTIMATORS } from '../fisher/estimators/table.js';
import { parameterCount } from '../model/network.js';
import { lossNotes } from './chosen.js';
import { type DecidedEstimate, type PlainWeights, subjectDigests } from './decided-estimate.js';
import { diagonalOptions } from './diagonal-options.js';
import {
  groupsKept,
  mingledOf,
  mingledVisits,
  type Stretch,
  visitGroupsKept,
  stretchOf,
  uniformList,
} from './grouped.js';
import { rangeOf, type RangeOf } from './ranges.js';
import type { EstimateListener, EstimateSubject, Weighed } from './request.js';
import { typeTwoNotes } from './type-two.js';
import { weighingNotes, weighingOf } from './weighing.js';

export { type DecidedEstimate, decideEstimate } from './decided-estimate.js';
export { mergeShards, missingSpans } from './merge-shards.js';

/** A stretch of the visits by its places. */
export interface ShardPlaces {
  /** The first. */
  readonly from: number;
  /** One past the last. */
  readonly to: number;
}

/** One of several stretches of equal size ± 1. */
export interface ShardNumber {
  /** From 0. */
  readonly index: number;
  /** How many there are. */
  readonly count: number;
}

/** A stretch of the visits. */
export type ShardOf = ShardPlaces | ShardNumber;

/** Places of a shard of n visits. Throws `estimate/shard`. */
export function spanOf(part: ShardOf, n: number): ShardPlaces {
  if ('count' in part) {
    const { index, count } = part;
    const whole = Number.isInteger(index) && Number.isInteger(count);
    if (!whole || index < 0 || index >= count)
      throw noShard(`index ${index} of ${count}`, 'counted from 0, below their number');
    return { from: Math.floor((index * n) / count), to: Math.floor(((index + 1) * n) / count) };
  }
  const { from, to } = part;
  const whole = Number.isInteger(from) && Number.isInteger(to);
  if (!whole || from < 0 || to > n || from > to)
    throw noShard(`visits ${from} to ${to}`, `places from 0 to ${n}, in order`);
  return part;
}

function noShard(got: string, rule: string): FimError {
  return new FimError({
    code: 'estimate/shard',
    kind: 'usage',
    where: 'a shard of an estimate',
    rule,
    got,
    next: '`{ index: 0, count: 4 }`, or `{ from: 0, to: 100 }`',
  });
}

/** What a shard is made of: settings, visits and their places. */
export interface Prepared {
  readonly subject: Weighed;
  readonly options: DiagonalOptions;
  readonly stretch: Stretch;
  readonly span: VisitSpan;
  readonly sums: { readonly data: string; readonly visits: string };
}

/** Throws `estimate/stranger` where the estimate was decided on another network, other parameters or other data. */
export function prepareShard(
  given: EstimateSubject,
  decided: DecidedEstimate,
  part: ShardOf,
  listener: EstimateListener,
): Prepared {
  requireSubject(given, decided);
  const subject = { ...given, weighing: weighingOf(given.dataset) };
  const { examples, list, design, proxies, mix, request, visitsHash } = decided;
  const { from, to } = spanOf(part, examples);
  const visited = list ?? uniformList(subject, request, examples);
  const taken = (end: number) =>
    visited.indices.subarray(0, end).reduce((sum, x) => sum + (design?.taken[x] ?? 0), 0);
  const drawn = design && { total: examples - taken(examples), before: from - taken(from) };
  const { population = 'distribution' } = request;
  const weighted = list && design ? { indices: list.indices, design, population } : null;
  // Stages to a target error are not known when the first of them is cut into groups.
  const kept = weighted && !decided.target ? visitGroupsKept(request, weighted) : groupsKept(request);
  const mingled = weighted ? mingledVisits(kept, request, weighted) : mingledOf(request);
  const asked = {
    ...request,
    functionals: weightsOf(decided.functionals),
    quadratics: weightsOf(decided.quadratics),
  };
  return {
    subject,
    options: {
      ...diagonalOptions(subject, asked, decided, listener),
      ...(mix ? { mix: new Map(Object.entries(mix)) } : {}),
      ...(design ? { design } : {}),
      ...(proxies ? { proxies } : {}),
      groupSums: kept,
    },
    stretch: {
      ...{ list: visited, from, to, stages: decided.stages, mingled },
      groups: list ? 0 : kept,
    },
    span: { total: examples, from, to, ...(drawn ? { drawn } : {}) },
    sums: {
      data: decided.digests.data,
      visits: list ? `weighted ${visitsHash ?? ''}` : `order ${request.order ?? 'seed'}`,
    },
  };
}

function requireSubject(given: EstimateSubject, { digests }: DecidedEstimate): void {
  const own = subjectDigests(given);
  const words = {
    network: 'the graph of the network',
    parameters: 'the parameters θ',
    data: 'the data',
    targets: 'the labels of the data',
    weights: 'the weights of the examples',
  } as const;
  const short = (digest: string | null): string =>
    digest === null ? 'none' : `digest ${digest.slice(0, 12)}…`;
  for (const key of Object.keys(words) as (keyof typeof words)[]) {
    if (own[key] === digests[key]) continue;
    throw new FimError({
      code: 'estimate/stranger',
      where: words[key],
      rule: 'is what the estimate was decided on',
      got: `${short(own[key])}, decided on ${short(digests[key])}`,
      next: 'give the files that it was decided with, or decide again',
    });
  }
}

const weightsOf = (given: readonly PlainWeights[]): EntryWeights[] =>
  given.map(({ name, weights }) => ({ name, weights: new Map(Object.entries(weights)) }));

/**
 * Sums of the diagonal over a shard, of all parameters or of those of a range (jobs/ranges); `interrupted` where the signal ended them early. Throws `estimate/shard`, `estimate/stranger` and what
 * `runEstimate` throws.
 * @throws FimError with `batch/from`, `batch/size`, `data/example-weights`, `data/overflow`, `engine/memory`, `fisher/draws`,
 * `fisher/entry-weights`, `fisher/exact-pairs`, `fisher/groups`, `fisher/no-examples`, `fisher/not-finite`, `fisher/output-not-finite`,
 * `fisher/positions`, `fisher/quadratic`, `fisher/targets`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`,
 * `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`,
 * `memory/too-small`, `order/examples`, `order/replacement`, `random/index`, `random/seed`, `random/sequence`, `stats/level`, `tensor/size`
 */
export async function shardSums(
  given: EstimateSubject,
  decided: DecidedEstimate,
  part: ShardOf,
  listener: EstimateListener = {},
  names?: RangeOf,
): Promise<FisherSums<'diagonal'>> {
  const { subject, options: all, stretch, span, sums } = prepareShard(given, decided, part, listener);
  const { engine, likelihood, dataset, weighing } = subject;
  const ranged = names === undefined ? null : rangeOf(subject.network, all, names);
  const { network, options } = ranged ?? { network: subject.network, options: all };
  const layers = decided.layers && layersIn(decided.layers, names);
  const count = span.to - span.from;
  const asked = {
    ...options,
    ...sums,
    span,
    onBatch: ({ examples, trace }: Progress) => listener.progress?.(examples / count, trace),
  };
  const source = stretchOf(dataset, stretch);
  const made = await (layers
    ? sumsByLayer(engine, network, likelihood, source, layers, withoutEstimator(asked))
    : diagonalSums(engine, network, likelihood, source, asked));
  const after = decided.estimator === 'type2' ? typeTwoNotes(subject.network) : [];
  const before = [...weighingNotes(weighing, dataset), ...lossNotes(decided.request)];
  return {
    ...made,
    ...(ranged ? { range: ranged.range } : {}),
    notes: [...before, ...made.notes, ...after],
  };
}

/** Choices of the layers of a range. */
function layersIn(layers: readonly LayerChoice[], names: RangeOf | undefined): readonly LayerChoice[] {
  return names ? layers.filter(({ parameters }) => parameters.every((p) => names.includes(p))) : layers;
}

/** Each layer has its own. */
function withoutEstimator<O extends DiagonalOptions>(options: O) {
  const { estimator: _1, labels: _2, error: _3, targets: _4, quadratics: _5, ...rest } = options;
  return rest;
}

/**
 * Sums of the whole matrix over a shard of uniform visits. Throws what `shardSums` and `denseSums` throw.
 * @throws FimError with `batch/from`, `batch/size`, `data/example-weights`, `data/overflow`, `engine/memory`, `estimate/shard`,
 * `estimate/stranger`, `fisher/dense-size`, `fisher/draws`, `fisher/exact-pairs`, `fisher/groups`, `fisher/no-examples`,
 * `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`, `fisher/targets`, `graph/examples-coupled`, `graph/shape`,
 * `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `order/examples`, `order/replacement`, `random/index`, `random/seed`,
 * `random/sequence`, `tensor/size`
 */
export async function denseShardSums(
  given: EstimateSubject,
  decided: DecidedEstimate,
  part: ShardOf,
  listener: EstimateListener & { onStep?(done: number): void; pause?(): Promise<void> } = {},
): Promise<FisherSums<'dense'>> {
  const { subject, options, stretch, span, sums } = prepareShard(given, decided, part, listener);
  const { engine, network, likelihood, dataset } = subject;
  const { estimator, seed = 0, population, populationSize, labels = 1, exactPairs, root, error } = options;
  const { targets, classWeights, weights } = options;
  const grouped = parameterCount(network) <= LARGEST_GROUPED;
  const own = grouped ? stretch : { ...stretch, groups: 0, mingled: undefined };
  return denseSums(engine, network, likelihood, stretchOf(dataset, own), {
    groupSums: own.groups,
    ...{ estimator, labels: Math.max(1, labels), populationSize },
    ...(exactPairs ? { exactPairs } : {}),
    ...(root ? { root } : {}),
    ...(error ? { error } : {}),
    ...(targets ? { targets } : {}),
    ...(classWeights ? { classWeights } : {}),
    ...(weights ? { weights } : {}),
    ...(population ? { population } : {}),
    stream: new UniformStream(seed, `${ESTIMATORS[estimator].stream}/estimate`),
    batch: DENSE_BATCH,
    memory: decided.request.memory,
    ...sums,
    span,
    ...(listener.signal ? { signal: listener.signal } : {}),
    ...(listener.pause ? { pause: listener.pause } : {}),
    say: (line) => listener.say?.(line),
    onStep: (done) => listener.onStep?.(done),
  });
}

/** Largest P of a matrix whose groups of examples are kept: eight of them take a gigabyte. */
export const LARGEST_GROUPED = 4096;

/** Examples per pass of the matrix. */
const DENSE_BATCH = 64;
