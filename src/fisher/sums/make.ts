/**
 * @module fisher/sums/make
 *
 * Sums of a form over the examples of a source, by the loop that estimates run on: what an estimate would be made of, kept.
 */
import { type FloatType, tensor, type Tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/types.js';
import { rootWord } from '../../likelihood/roots/index.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import { finiteRun, type DiagonalRun, type VisitSpan } from '../diagonal.js';
import { isMargin, isWeighed, type SumGroup } from '../forms/diagonal/groups.js';
import { groupPart } from '../forms/diagonal/group-sums.js';
import { visitGroupPart } from '../forms/diagonal/visit-group-sums.js';
import { withTaken } from '../forms/diagonal/form.js';
import { proxyPart } from '../proxy/facts.js';
import { STRATA } from '../visits.js';
import { type ExampleGroups, requireGroups } from '../example-groups.js';
import { type DenseOptions, finiteDense, shareOf } from '../forms/dense/dense.js';
import { toPart } from '../forms/diagonal/plain.js';
import type { Bases } from '../forms/layers/items.js';
import { finiteLayers, type LayersOptions } from '../forms/layers/layers.js';
import type { Job } from '../loop.js';
import type { DiagonalOptions } from '../options.js';
import type { ExampleSource } from '../source.js';
import { describe } from '../subject.js';
import { digestOfNumbers, digestOfTensors, networkDigests } from './digests.js';
import {
  type FisherSums,
  SUMS_VERSION,
  type SumsAsked,
  type SumsDigests,
  type SumsPart,
  type SumsSettings,
  type SumsVisits,
} from '../forms/sums.js';

/** What sums are asked for beside an estimate's settings. */
export interface SumsOptions {
  /** Digest of the data set; sums with and without one do not merge. */
  readonly data?: string | null;
  /** How the examples are visited, so that parts of different visits do not merge. */
  readonly visits?: string | null;
  /** Number of groups of examples whose sums are kept apart, by a draw on the example's index and the seed. Default: none. */
  readonly groups?: number;
}

/** Where the visits stand among those of a whole estimate, whose proxies and design the options hold; default: they are all. */
export interface PartOptions {
  /** Places of the visits. */
  readonly span?: VisitSpan;
}

/**
 * Sums of the diagonal over the examples of `source`. A mix whose weights are not given takes them from a pilot
 * of its own examples, and does not merge with the mix of others. Of a part of an estimate's visits (`span`) they keep the
 * terms that coverage is foretold by. Throws what `estimateDiagonal` throws, and `fisher/groups` for a number of groups that is none.
 * @throws FimError with `engine/memory`, `fisher/draws`, `fisher/entry-weights`, `fisher/exact-pairs`, `fisher/no-examples`,
 * `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`, `fisher/quadratic`, `fisher/targets`, `graph/examples-coupled`,
 * `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `random/index`, `random/seed`, `random/sequence`,
 * `stats/level`, `tensor/size`
 */
export async function diagonalSums(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions & SumsOptions & PartOptions,
): Promise<FisherSums<'diagonal'>> {
  const groups = groupsOf(options, options.seed ?? 0);
  const { span } = options;
  const { result, first, note } = await finiteRun(engine, network, likelihood, source, options, {
    groups,
    span,
  });
  const { job, subject, interrupted } = result;
  const own = first.subject;
  return {
    version: SUMS_VERSION,
    form: 'diagonal',
    // Shares of doubts are ratios, and were told by the first pass.
    subject: { ...subject, doubts: own.doubts },
    settings: {
      ...settingsOf(job, likelihood, network, options, groups),
      mix: options.estimator === 'mix' ? Object.fromEntries(job.mix ?? []) : null,
    },
    digests: { ...digestsOf(network, job, options), entries: entriesDigest(result.sets) },
    defaults: { population: options.population ?? 'distribution', level: options.level ?? 0.95 },
    asked: askedOf(result.sets, options.largest ?? 0),
    visited: span ? visitsOf(span) : null,
    notes: note === null ? [] : [note],
    interrupted,
    parts: partsOf(first, result),
  };
}

/** Both strata of weighted visits in one, else one for each group of examples. */
function partsOf(first: DiagonalRun, result: DiagonalRun): SumsPart[] {
  const { job, form, counts, meter, keeper, visitKeeper } = result;
  const parts = form.sums.map((sums, g) => ({ ...toPart(sums, counts[g]), ...doubtsOf(first, result, g) }));
  const beside = {
    ...(meter ? proxyPart(meter) : {}),
    ...(keeper ? groupPart(keeper.sums) : {}),
    ...(visitKeeper ? visitGroupPart(visitKeeper.sums) : {}),
  };
  if (job.design) return [withTaken({ ...parts[STRATA.drawn], ...beside }, parts[STRATA.taken])];
  return parts.length === 1 ? [{ ...parts[0], ...beside }] : parts;
}

/** As sums say it. */
export const visitsOf = ({ total, from, to, drawn }: VisitSpan): SumsVisits => ({
  total,
  spans: from < to ? [[from, to]] : [],
  weighted: drawn !== undefined,
  terms: drawn?.total ?? total,
});

/** What was asked for, without the weights. */
export function askedOf(sets: readonly SumGroup[], largest: number): SumsAsked | null {
  const totals = sets.filter(isWeighed).map(({ weights: _, ...plain }) => plain);
  const margins = sets.filter(isMargin);
  return totals.length === 0 && margins.length === 0 && largest === 0 ? null : { totals, margins, largest };
}

/** Of the weights of entries; null: none were asked for. */
export function entriesDigest(sets: readonly SumGroup[]): string | null {
  const weights = sets
    .filter(isWeighed)
    .flatMap(({ kind, name, weights: w }) =>
      [...w].map(([p, v]): [string, Tensor] => [
        JSON.stringify([kind, name, p]),
        tensor('float64', [v.length], Float64Array.from(v)),
      ]),
    );
  return weights.length === 0 ? null : digestOfTensors(new Map(weights));
}

/** The counts of a run with the doubts of the first pass. */
function doubtsOf(first: DiagonalRun, { counts }: DiagonalRun, g: number) {
  const { doubts, doubtExamples, doubtWeight } = first.counts[g];
  return Object.assign(counts[g].copy(), { doubtExamples, doubtWeight, doubts }).toArrays();
}

/**
 * Sums of the dense matrix over the examples of `source`, [P, P] for each group. Throws what `estimateDense` throws, and
 * `fisher/groups` for a number of groups that is none.
 * @throws FimError with `engine/memory`, `fisher/dense-size`, `fisher/draws`, `fisher/exact-pairs`, `fisher/no-examples`,
 * `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`, `fisher/targets`, `graph/examples-coupled`, `graph/shape`,
 * `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `random/index`, `random/seed`, `tensor/size`
 */
export async function denseSums(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: Omit<DenseOptions, 'population' | 'errors'> &
    SumsOptions &
    PartOptions &
    Pick<DiagonalOptions, 'population' | 'populationSize'>,
): Promise<FisherSums<'dense'>> {
  const { population = 'distribution', populationSize: _, span, ...plain } = options;
  const groups = groupsOf(options, options.stream.seed);
  const { result, note } = await finiteDense(engine, network, likelihood, source, plain, {
    keep: true,
    groups,
  });
  const { job, sums, counts, estimate, keeper } = result;
  return {
    version: SUMS_VERSION,
    form: 'dense',
    subject: describe(job.network, likelihood),
    settings: {
      ...settingsOf(job, likelihood, network, options, groups),
      mix: options.estimator === 'mix' ? shareOf(options) : null,
    },
    digests: { ...digestsOf(network, job, options), entries: null },
    defaults: { population, level: 0.95 },
    asked: null,
    visited: span ? visitsOf(span) : null,
    notes: note === null ? [] : [note],
    interrupted: estimate.interrupted,
    parts: sums.map(({ arrays }, g) => ({
      ...counts[g].toArrays(),
      ...arrays,
      ...(keeper ? groupPart(keeper.sums) : {}),
    })),
  };
}

/**
 * Sums of second moments by layer over the examples of `source`. Throws what `estimateLayers` throws.
 * @throws FimError with `engine/memory`, `fisher/draws`, `fisher/exact-pairs`, `fisher/layers`, `fisher/no-examples`, `fisher/not-finite`,
 * `fisher/output-not-finite`, `fisher/positions`, `fisher/targets`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`,
 * `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`,
 * `memory/too-small`, `random/index`, `random/seed`, `random/sequence`, `tensor/size`
 */
export async function layersSums(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: LayersOptions & SumsOptions & PartOptions,
): Promise<FisherSums<'layers'>> {
  const { population = 'distribution', sharing = 'expand', errors = true, bases, span } = options;
  const groups = groupsOf(options, options.seed ?? 0);
  const { result, note } = await finiteLayers(engine, network, likelihood, source, options, groups);
  const { job, form, counts, keeper, plan, interrupted, notes } = result;
  const settings = { ...settingsOf(job, likelihood, network, options, groups), mix: null };
  return {
    version: SUMS_VERSION,
    form: 'layers',
    subject: describe(job.network, likelihood),
    settings,
    digests: { ...digestsOf(network, job, options), entries: null },
    defaults: { population, level: 0.95 },
    asked: null,
    layers: { ...plan, sharing, errors, basis: bases ? digestOfBases(bases) : null },
    visited: span ? visitsOf(span) : null,
    notes: [...notes, ...(note === null ? [] : [note])],
    interrupted,
    parts: form.sums.map((sums, g) => ({
      ...toPart(sums, counts[g]),
      ...(keeper ? groupPart(keeper.sums) : {}),
    })),
  };
}

/** SHA-256 of the eigenvectors of all layers. */
const digestOfBases = (bases: Bases): string =>
  digestOfTensors(
    new Map(
      [...bases].flatMap(([weight, { A, G }]) => [
        ...(A ? [[`${weight}/A`, tensor('float64', [A.length], A)] as const] : []),
        [`${weight}/G`, tensor('float64', [G.length], G)] as const,
      ]),
    ),
  );

function groupsOf({ groups }: SumsOptions, seed: number): ExampleGroups | undefined {
  if (groups === undefined) return undefined;
  requireGroups(groups);
  return { count: groups, seed };
}

function settingsOf(
  { estimator, error, draws, exactPairs, stream, weights }: Job,
  likelihood: Likelihood,
  network: Network,
  options: Pick<DiagonalOptions, 'classWeights' | 'populationSize' | 'root'> & SumsOptions,
  groups: ExampleGroups | undefined,
): Omit<SumsSettings, 'mix'> {
  return {
    estimator: estimator.name,
    labels: draws,
    error,
    root: rootWord(options.root ?? 'eigen'),
    exactPairs,
    seed: stream.seed,
    stream: stream.stream,
    likelihood: likelihood.name,
    likelihoodOptions: likelihood.options,
    dtype: network.h.dtype as FloatType,
    classWeights: options.classWeights ? [...options.classWeights] : null,
    weighted: weights !== undefined,
    groups: groups ?? null,
    populationSize: options.populationSize,
    visits: options.visits ?? null,
  };
}

function digestsOf(
  network: Network,
  { weights, targets, estimator }: Job,
  { data }: SumsOptions,
): Omit<SumsDigests, 'entries'> {
  return {
    ...networkDigests(network),
    data: data ?? null,
    weights: weights ? digestOfNumbers(weights) : null,
    targets: estimator.targets && targets ? digestOfNumbers(targets.data) : null,
  };
}
