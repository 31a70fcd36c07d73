/**
 * @module fisher/forms/diagonal/by-layers
 *
 * Sums whose layers have estimators of their own (fisher/auto), made an estimate: each layer is told with its own.
 */
import type { DiagonalEstimate, Estimator, LayerEstimate } from '../../estimate.js';
import { ESTIMATORS } from '../../estimators/table.js';
import type { Subject } from '../../subject.js';
import type { Gathered } from './assemble.js';

/** Estimators by the name of the layer. */
export type LayerEstimators = Readonly<Record<string, Estimator>>;

/** Tensors know whether draws are in them, which decides what covers their entries. */
export function markDrawn({ value }: Gathered, { layers }: Subject, by: LayerEstimators): void {
  for (const { name, parameters } of layers)
    for (const p of parameters)
      Object.assign(value.tensors.get(p) ?? {}, { drawn: ESTIMATORS[by[name]].drawn });
}

/** The estimate with its layers' estimators. */
export const byLayers = (made: DiagonalEstimate, by: LayerEstimators): DiagonalEstimate => ({
  ...made,
  estimator: 'auto',
  layers: made.layers.map((layer): LayerEstimate => ({ ...layer, estimator: by[layer.name] })),
});
