/**
 * @module jobs/layer-shards
 *
 * Second moments by layer over a shard of the visits, which merge as the diagonal's sums do, and the bases of scales that all shards take:
 * those are made over all visits before the first.
 */
import type { Bases, LayerForm } from '../fisher/forms/layers/items.js';
import { basesOf, firstRound } from '../fisher/forms/layers/basis.js';
import { estimateLayers, layersError, type LayersOptions } from '../fisher/forms/layers/layers.js';
import type { FisherSums } from '../fisher/index.js';
import { layersSums } from '../fisher/sums/make.js';
import type { Sharing } from '../scores/score.js';
import type { DecidedEstimate } from './decided-estimate.js';
import { stretchOf } from './grouped.js';
import { rangeOf } from './ranges.js';
import type { EstimateListener, EstimateSubject } from './request.js';
import { type Prepared, prepareShard, type ShardOf } from './shard.js';

/** What is kept of the layers. */
export interface LayersAsked {
  /** The form of a layer by the name of its weight. */
  readonly formOf: (weight: string) => LayerForm;
  /** How positions that share a weight make its factors. */
  readonly sharing: Sharing;
  /** Whether biases stand for themselves. */
  readonly biasApart: boolean;
  /** Of the scales; null: none are kept, or none are given. */
  readonly bases: Bases | null;
}

function settingsOf({ options, stretch }: Prepared, { formOf, sharing, biasApart, bases }: LayersAsked) {
  const { design: _d, proxies: _p, functionals: _f, quadratics: _q, largest: _l, ...rest } = options;
  const { foretell: _o, mix: _m, level: _v, onBatch: _b, ...plain } = rest;
  const layers = { formOf, sharing, biasApart, ...(bases ? { bases } : {}) };
  return { ...plain, ...layers, groupSums: stretch.groups } satisfies LayersOptions;
}

/**
 * Sums over a shard, of all layers or of those of a range (jobs/ranges); `interrupted` where the signal ended them early. Throws `estimate/shard`, `estimate/stranger` and what `estimateLayers`
 * throws.
 */
export async function layersShardSums(
  given: EstimateSubject,
  decided: DecidedEstimate,
  asked: LayersAsked,
  part: ShardOf,
  listener: EstimateListener = {},
  names?: readonly string[],
): Promise<FisherSums<'layers'>> {
  const prepared = prepareShard(given, decided, part, listener);
  const { subject, options, stretch, span, sums } = prepared;
  const { engine, likelihood, dataset } = subject;
  const ranged = names && rangeOf(subject.network, options, names);
  const network = ranged?.network ?? subject.network;
  const settings = settingsOf(prepared, asked);
  const error = layersError(subject.network, likelihood, settings);
  const made = await layersSums(engine, network, likelihood, stretchOf(dataset, stretch), {
    ...settings,
    ...(error ? { error } : {}),
    ...sums,
    span,
  });
  return ranged ? { ...made, range: ranged.range } : made;
}

/** Bases of the layers that are to be kept as scales, from factors over all visits; null where the signal came first. */
export async function decideBases(
  given: EstimateSubject,
  decided: DecidedEstimate,
  asked: LayersAsked,
  listener: EstimateListener = {},
): Promise<Bases | null> {
  const prepared = prepareShard(given, decided, { index: 0, count: 1 }, listener);
  const { subject, stretch } = prepared;
  const { engine, network, likelihood, dataset } = subject;
  const factors = await estimateLayers(engine, network, likelihood, stretchOf(dataset, stretch), {
    ...settingsOf(prepared, { ...asked, formOf: firstRound(asked.formOf), bases: null }),
    groupSums: 0,
    errors: false,
  });
  return factors.interrupted ? null : basesOf(factors);
}
