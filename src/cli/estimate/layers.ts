/**
 * @module cli/estimate/layers
 *
 * `--form unit|block|kfac|ekfac` and `--form-of`: second moments by layer beside the diagonal, as arrays, JSON and a few lines of text.
 */
import { readArrays } from '../../disk/index.js';
import type { DiagonalEstimate } from '../../fisher/index.js';
import { basesFrom } from '../../fisher/forms/layers/basis.js';
import { planLayers } from '../../fisher/forms/layers/layers.js';
import type { LayersAsked } from '../../jobs/layer-shards.js';
import { layersBeside, type LayersOutcome } from '../../jobs/layers.js';
import type { RootChoice } from '../../likelihood/roots/index.js';
import type { Network } from '../../model/network.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf } from '../terminal/messages.js';
import { wantsErrors } from './dense.js';
import { listOf } from './lists.js';
import { layerFormsOf } from './layer-forms.js';
import { groupsAsked } from './groups.js';
import type { EstimateContext, OpenedSubject } from './subject.js';

/** Runs it, with a live line; null where it was interrupted. */
export async function estimateLayersBeside(
  { options, io, signal }: EstimateContext,
  subject: OpenedSubject,
  diagonal: DiagonalEstimate,
  root: RootChoice | undefined,
): Promise<LayersOutcome | null> {
  const { engine, network, likelihood, dataset, targets, batch } = subject;
  const asked = layersAsked(options, network) as LayersAsked;
  const progress = startProgress(io, options.form, options.quiet);
  const messages = messagesOf(io, options, progress.log);
  const { order, memory } = options;
  try {
    return await layersBeside(
      { engine, network, likelihood, dataset, targets },
      diagonal,
      {
        ...asked,
        ...{ order, root, batch, memory },
        errors: wantsErrors(options),
        classWeights: listOf(options.classWeights),
        groupSums: groupsAsked(options, subject),
      },
      {
        signal,
        say: (line) => messages.say(line),
        progress: (share, round) => progress.update(share, round ?? 'factors and blocks'),
      },
    );
  } finally {
    progress.end();
  }
}

/** What is kept of the layers, as shards take it; null: no form by layer. Reads `--basis`. */
export function layersAsked(options: EstimateContext['options'], network: Network): LayersAsked | null {
  const formOf = layerFormsOf(options);
  if (!formOf) return null;
  const { sharing, biasApart, basis } = options;
  const asked = { formOf, sharing, biasApart };
  if (basis === undefined) return { ...asked, bases: null };
  const { layers } = planLayers(network, { estimator: 'exact', populationSize: 1, ...asked });
  return { ...asked, bases: basesFrom(readArrays(basis), layers) };
}

/** Whether scales are kept. */
export function keepsScales({ formOf, biasApart, sharing }: LayersAsked, network: Network): boolean {
  const { layers } = planLayers(network, {
    estimator: 'exact',
    populationSize: 1,
    formOf,
    biasApart,
    sharing,
  });
  return layers.some(({ form }) => form === 'ekfac');
}
