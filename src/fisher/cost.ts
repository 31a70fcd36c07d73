/**
 * @module fisher/cost
 *
 * Costs of a pass, counted in floating-point operations per example from the shapes of its graph (engine/cost). Rough, but the same for every estimator, so good enough to choose between them.
 */
import { operationsOf } from '../engine/cost.js';
import { nodesOf, type Value } from '../graph/index.js';
import type { Network } from '../model/network.js';
import { parameterCount } from '../model/network.js';
import { statisticsGraph, type PassSpec } from './forms/diagonal/statistics.js';

/** Operations of everything that `outputs` need, for one example. */
const perExample = (outputs: readonly Value[]): number => operationsOf(nodesOf(outputs), 1);

/** Operations per example of the forward half and of one pass. */
export function passCost(network: Network, spec: PassSpec): { forward: number; pass: number } {
  const forward = perExample([network.h]);
  const all = perExample(Object.values(statisticsGraph(network.h, network.parameters, spec).outputs));
  return { forward, pass: Math.max(all - forward, parameterCount(network)) };
}
