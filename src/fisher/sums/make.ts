/**
 * @module fisher/sums/make
 *
 * Sums of a form over the examples of a source, by the loop that estimates run on: what an estimate would be made of, kept.
 */
import type { FloatType } from '../../core/tensor.js';
import type { Engine } from '../../engine/types.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import { finiteRun, type DiagonalRun } from '../diagonal.js';
import { type ExampleGroups, requireGroups } from '../example-groups.js';
import { type DenseOptions, finiteDense, shareOf } from '../forms/dense/dense.js';
import { toPart } from '../forms/diagonal/plain.js';
import type { Job } from '../loop.js';
import type { DiagonalOptions } from '../options.js';
import type { ExampleSource } from '../source.js';
import { describe } from '../subject.js';
import { digestOfNumbers, networkDigests } from './digests.js';
import { type FisherSums, SUMS_VERSION, type SumsDigests, type SumsSettings } from '../forms/sums.js';

/** What sums are asked for beside an estimate's settings. */
export interface SumsOptions {
  /** Digest of the data set; sums with and without one do not merge. */
  readonly data?: string | null;
  /** How the examples are visited, so that parts of different visits do not merge. */
  readonly visits?: string | null;
  /** Number of groups of examples whose sums are kept apart, by a draw on the example's index and the seed. Default: none. */
  readonly groups?: number;
}

/**
 * Sums of the diagonal over the examples of `source`. A mix whose weights are not given takes them from a pilot
 * of its own examples, and does not merge with the mix of others. Throws what `estimateDiagonal` throws, and `fisher/groups` for a number of groups that is none.
 * @throws FimError with `fisher/draws`, `fisher/entry-weights`, `fisher/exact-pairs`, `fisher/no-examples`, `fisher/not-finite`,
 * `fisher/output-not-finite`, `fisher/positions`, `fisher/quadratic`, `fisher/targets`, `graph/examples-coupled`, `graph/shape`,
 * `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`,
 * `linalg/shape`, `memory/too-small`, `random/index`, `random/seed`, `random/sequence`, `stats/level`, `tensor/size`
 */
export async function diagonalSums(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: Omit<DiagonalOptions, 'functionals' | 'quadratics' | 'largest'> & SumsOptions,
): Promise<FisherSums<'diagonal'>> {
  const groups = groupsOf(options, options.seed ?? 0);
  // Sums have a place for every parameter and layer, none for what else may be asked for.
  const plain = { ...options, functionals: undefined, quadratics: undefined, largest: undefined };
  const { result, first, note } = await finiteRun(engine, network, likelihood, source, plain, groups);
  const { job, subject, form, counts, interrupted } = result;
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
    digests: digestsOf(network, job, options),
    defaults: { population: options.population ?? 'distribution', level: options.level ?? 0.95 },
    notes: note === null ? [] : [note],
    interrupted,
    parts: form.sums.map((sums, g) => ({ ...toPart(sums, counts[g]), ...doubtsOf(first, result, g) })),
  };
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
 * `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`,
 * `linalg/shape`, `memory/too-small`, `random/index`, `random/seed`, `tensor/size`
 */
export async function denseSums(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: Omit<DenseOptions, 'population' | 'errors'> &
    SumsOptions &
    Pick<DiagonalOptions, 'population' | 'populationSize'>,
): Promise<FisherSums<'dense'>> {
  const { population = 'distribution', populationSize: _, ...plain } = options;
  const groups = groupsOf(options, options.stream.seed);
  const { result, note } = await finiteDense(engine, network, likelihood, source, plain, {
    keep: true,
    groups,
  });
  const { job, sums, counts, estimate } = result;
  return {
    version: SUMS_VERSION,
    form: 'dense',
    subject: describe(job.network, likelihood),
    settings: {
      ...settingsOf(job, likelihood, network, options, groups),
      mix: options.estimator === 'mix' ? shareOf(options) : null,
    },
    digests: digestsOf(network, job, options),
    defaults: { population, level: 0.95 },
    notes: note === null ? [] : [note],
    interrupted: estimate.interrupted,
    parts: sums.map(({ arrays }, g) => ({ ...counts[g].toArrays(), ...arrays })),
  };
}

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
    root: options.root ?? 'eigen',
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
): SumsDigests {
  return {
    ...networkDigests(network),
    data: data ?? null,
    weights: weights ? digestOfNumbers(weights) : null,
    targets: estimator.targets && targets ? digestOfNumbers(targets.data) : null,
  };
}
