/**
 * @module jobs/layers
 *
 * Second moments by layer of an opened network beside the estimate of its diagonal: over the same uniform visits and with the same draws. EKFAC
 * in two rounds, factors and then scales in their eigenbases, or in given ones.
 */
import { isEstimator } from '../fisher/estimate.js';
import type { DiagonalEstimate } from '../fisher/index.js';
import { basesOf, firstRound } from '../fisher/forms/layers/basis.js';
import type { LayersEstimate } from '../fisher/forms/layers/estimate.js';
import type { Bases } from '../fisher/forms/layers/items.js';
import { estimateLayers, type LayersOptions, planLayers } from '../fisher/forms/layers/layers.js';
import { askedRoot } from './asked-root.js';
import { groupedSource } from './grouped.js';
import type { LayersAsked } from './layer-shards.js';
import type { AskedRoot, EstimateSubject } from './request.js';
import { weighingOf } from './weighing.js';

/** What of the settings the diagonal does not say. */
export interface LayersRequest extends LayersAsked {
  /** Errors of elements. */
  readonly errors: boolean;
  readonly order: 'seed' | 'file';
  readonly root: AskedRoot | undefined;
  readonly classWeights: readonly number[] | undefined;
  readonly batch: number;
  readonly memory: number | undefined;
  /** Groups of examples whose sums are kept. */
  readonly groupSums: number;
}

/** Who hears of it. */
export interface LayersListener {
  readonly signal?: AbortSignal;
  /** Share done, and of which round. */
  progress?(share: number, round: 'factors' | 'scales' | null): void;
  say?(line: string): void;
}

/** The estimate, with the bases of its scales. */
export interface LayersOutcome {
  readonly estimate: LayersEstimate;
  readonly bases: Bases | null;
}

/**
 * Where the signal ends it the estimate is that of the examples so far, without sums of groups; null before there is any, or before the bases of
 * scales.
 */
export async function layersBeside(
  { engine, network, likelihood, dataset, targets = null }: EstimateSubject,
  diagonal: DiagonalEstimate,
  request: LayersRequest,
  listener: LayersListener,
): Promise<LayersOutcome | null> {
  const { seed, examples, population, populationSize, labels, exactPairs, error } = diagonal;
  const { sharing, biasApart, formOf, order, classWeights, batch, memory, groupSums } = request;
  const weighing = weighingOf(dataset);
  const { weights } = weighing;
  const subject = { engine, network, likelihood, dataset, targets, weighing };
  const source = groupedSource(subject, { order, seed, groupSums }, examples);
  const root = await askedRoot(subject, { root: request.root, estimator: diagonal.estimator, seed, memory });
  const settings: LayersOptions = {
    estimator: isEstimator(diagonal.estimator) ? diagonal.estimator : 'exact',
    labels: Math.max(1, labels),
    exactPairs,
    ...(root ? { root } : {}),
    ...(error === 'none' ? {} : { error }),
    ...(targets ? { targets } : {}),
    ...(classWeights ? { classWeights } : {}),
    ...(weights ? { weights } : {}),
    ...{ seed, population, populationSize, sharing, biasApart, formOf, batch },
    ...(memory === undefined ? {} : { memory }),
    ...(listener.signal ? { signal: listener.signal } : {}),
    say: (line) => listener.say?.(line),
  };
  const run = (more: Partial<LayersOptions>, round: 'factors' | 'scales' | null) =>
    estimateLayers(engine, network, likelihood, source, {
      ...settings,
      ...more,
      onBatch: (done) => listener.progress?.(done / examples, round),
    });
  const ofScales = planLayers(network, settings).layers.some(({ form }) => form === 'ekfac');
  let { bases } = request;
  if (ofScales && !bases) {
    // In a function of its own: factors are not held beside what is made of them.
    bases = await run({ formOf: firstRound(formOf), errors: false }, 'factors').then(basesUnlessCut);
    if (!bases) return null;
  }
  const estimate = await run(
    { errors: request.errors, groupSums, ...(ofScales && bases ? { bases } : {}) },
    ofScales ? 'scales' : null,
  );
  if (!estimate.interrupted) return { estimate, bases: ofScales ? bases : null };
  const { groupSums: _, ...soFar } = estimate;
  return soFar.examples === 0 ? null : { estimate: soFar, bases: ofScales ? bases : null };
}

const basesUnlessCut = (factors: LayersEstimate): Bases | null =>
  factors.interrupted ? null : basesOf(factors);
