/**
 * @module fisher/sums/by-layer
 *
 * Sums of the diagonal whose layers have estimators of their own (fisher/auto): tensors from each layer's own, totals over several layers
 * from the terms of each example in all of them. They merge as those of one estimator do; `settings.byLayer` says which is which.
 */
import type { FloatType } from '../../core/tensor.js';
import type { Engine } from '../../engine/types.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import { estimatorsOf, finiteLayers, type LayerChoice, type LayerOptions, type LayersRun } from '../auto.js';
import { groupPart } from '../forms/diagonal/group-sums.js';
import { toPart } from '../forms/diagonal/plain.js';
import { type FisherSums, SUMS_VERSION } from '../forms/sums.js';
import type { DiagonalOptions } from '../options.js';
import type { ExampleSource } from '../source.js';
import { digestOfNumbers, networkDigests } from './digests.js';
import { askedOf, entriesDigest, type PartOptions, type SumsOptions, visitsOf } from './make.js';

/**
 * Sums over the examples of `source`, each layer as chosen. Throws what `estimateByLayer` throws.
 * @throws FimError with `engine/memory`, `fisher/entry-weights`, `fisher/exact-pairs`, `fisher/no-examples`, `fisher/not-finite`,
 * `fisher/output-not-finite`, `fisher/positions`, `fisher/quadratic`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`,
 * `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`,
 * `linalg/shape`, `memory/too-small`, `random/index`, `random/seed`, `random/sequence`, `stats/level`, `tensor/size`
 */
export async function sumsByLayer(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  choices: readonly LayerChoice[],
  options: LayerOptions & Omit<SumsOptions, 'groups'> & PartOptions & Pick<DiagonalOptions, 'onBatch'>,
): Promise<FisherSums<'diagonal'>> {
  const { result, first, note } = await finiteLayers(engine, network, likelihood, source, choices, options);
  const { decided, subject, gathered, interrupted } = result;
  const { estimator, labels, error, root, exactPairs, seed, population, level } = decided;
  const { span, weights, data = null, visits = null, populationSize } = options;
  return {
    version: SUMS_VERSION,
    form: 'diagonal',
    // Shares of doubts are ratios, and were told by the first pass.
    subject: { ...subject, doubts: first.subject.doubts },
    settings: {
      ...{ estimator, labels, error, root, exactPairs, seed },
      byLayer: estimatorsOf(choices),
      stream: 'by layers',
      likelihood: likelihood.name,
      likelihoodOptions: likelihood.options,
      dtype: network.h.dtype as FloatType,
      mix: null,
      classWeights: null,
      weighted: weights !== undefined,
      groups: null,
      populationSize,
      visits,
    },
    digests: {
      ...networkDigests(network),
      data,
      weights: weights ? digestOfNumbers(weights) : null,
      targets: null,
      entries: entriesDigest(gathered.groups),
    },
    defaults: { population, level },
    asked: askedOf(gathered.groups, options.largest ?? 0),
    visited: span ? visitsOf(span) : null,
    notes: note === null ? [] : [note],
    interrupted,
    parts: [partOf(first, result)],
  };
}

/** The sums of the result with the doubts of the first pass. */
function partOf(first: LayersRun, { gathered, keeper }: LayersRun) {
  const { doubts, doubtExamples, doubtWeight } = first.gathered.counts;
  const counts = Object.assign(gathered.counts.copy(), { doubtExamples, doubtWeight, doubts });
  return { ...toPart(gathered, counts), ...(keeper ? groupPart(keeper.sums) : {}) };
}
