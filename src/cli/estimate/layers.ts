/**
 * @module cli/estimate/layers
 *
 * `--form unit|block|kfac|ekfac` and `--form-of`: second moments by layer beside the diagonal, as arrays, JSON and a few lines of text.
 */
import { readArrays } from '../../disk/index.js';
import type { DiagonalEstimate } from '../../fisher/index.js';
import { basesFrom } from '../../fisher/forms/layers/basis.js';
import type { LayerForm } from '../../fisher/forms/layers/items.js';
import { planLayers } from '../../fisher/forms/layers/layers.js';
import { layersBeside, type LayersOutcome } from '../../jobs/layers.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf } from '../terminal/messages.js';
import { wantsErrors } from './dense.js';
import { listOf } from './facts.js';
import { layerFormsOf } from './layer-forms.js';
import { groupsAsked } from './request.js';
import type { EstimateContext, OpenedSubject } from './subject.js';

/** Runs it, with a live line; null where it was interrupted. */
export async function estimateLayersBeside(
  { options, io, signal }: EstimateContext,
  subject: OpenedSubject,
  diagonal: DiagonalEstimate,
): Promise<LayersOutcome | null> {
  const { engine, network, likelihood, dataset, targets, batch } = subject;
  const formOf = layerFormsOf(options) as (weight: string) => LayerForm;
  const progress = startProgress(io, options.form, options.quiet);
  const messages = messagesOf(io, options, progress.log);
  const { sharing, biasApart, basis, order, root, memory } = options;
  const plan = planLayers(network, { estimator: 'exact', populationSize: 1, formOf, sharing, biasApart });
  const bases = basis === undefined ? null : basesFrom(readArrays(basis), plan.layers);
  try {
    return await layersBeside(
      { engine, network, likelihood, dataset, targets },
      diagonal,
      {
        ...{ formOf, sharing, biasApart, bases, order, root, batch, memory },
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
