/**
 * @module cli/inspect-totals
 *
 * Totals that `fim inspect` adds up: parameters by layer, and the cost of the exact Fisher of one example, counted from shapes: a backward
 * pass for each column of the likelihood's Fisher, and floating-point operations (fisher/cost).
 */
import { sizeOf } from '../core/tensor.js';
import { estimatorOperations } from '../fisher/index.js';
import { getFamily, getLikelihood } from '../likelihood/index.js';
import type { Layer } from '../model/layers.js';
import type { Network } from '../model/network.js';
import { formatCount } from '../report/format.js';
import { renderTable } from './terminal/table.js';

export interface FisherCost {
  readonly backwardPasses: number;
  /** Floating-point operations of one example, forward pass included. */
  readonly operations: number;
}

/** The exact diagonal of one example. Options of the likelihood change no cost. */
export function fisherCost(network: Network, name: string): FisherCost {
  const options = Object.fromEntries(getFamily(name).options.map((o) => [o.name, 1]));
  const likelihood = getLikelihood(name, options);
  const operations = estimatorOperations(network, likelihood, {
    estimator: 'exact',
    labels: 0,
    error: 'none',
  });
  return { backwardPasses: likelihood.columnCount(network.h.shape[1] as number), operations };
}

/** Parameters of each layer. */
export function layerTotals(
  network: Network,
  layers: readonly Layer[],
): (Layer & { parameterCount: number })[] {
  const size = (name: string): number => sizeOf((network.parameters.get(name)?.shape ?? []) as number[]);
  return layers.map((layer) => ({
    ...layer,
    parameterCount: layer.parameters.reduce((sum, name) => sum + size(name), 0),
  }));
}

/** The same as lines; nothing where each layer is one tensor. */
export function totalsLines(
  layers: readonly (Layer & { parameterCount: number })[],
  cost: FisherCost | null,
  width: number,
): string[] {
  const table = renderTable(
    [
      { title: 'layer', shrink: true },
      { title: 'tensors', align: 'right' },
      { title: 'parameters', align: 'right' },
    ],
    layers.map((l) => [l.name, String(l.parameters.length), formatCount(l.parameterCount)]),
    { width },
  );
  const passes = cost?.backwardPasses === 1 ? 'backward pass' : 'backward passes';
  return [
    ...(layers.every((l) => l.parameters.length === 1) ? [] : ['', table]),
    ...(cost === null
      ? []
      : [
          '',
          `exact Fisher of an example: ${formatCount(cost.backwardPasses)} ${passes}, ${Number((cost.operations / 1e6).toPrecision(2))} MFLOP`,
        ]),
  ];
}
