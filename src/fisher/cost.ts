/**
 * @module fisher/cost
 *
 * What a pass costs, counted in floating-point operations per example from the shapes of the graph (a matrix product [m, k]·[k, n]
 * is 2mkn, any other operator one per element). Rough, but the same for every estimator, so good enough to choose between them.
 */
import { type Dim, type Node, nodesOf, type Value } from '../graph/index.js';
import type { Network } from '../model/network.js';
import { parameterCount } from '../model/network.js';
import { statisticsGraph, type PassSpec } from './statistics.js';

const own = (d: Dim): number => (typeof d === 'number' ? d : d.batch);

const elements = (v: Value): number => v.shape.reduce<number>((p, d) => p * own(d), 1);

function operations(node: Node): number {
  const size = elements(node.output);
  if (node.op === 'Reshape' || node.op === 'Transpose') return 0;
  if (node.op !== 'MatMul') return size;
  const a = node.inputs[0].shape;
  return 2 * size * own(a[a.length - 1]);
}

/** Operations of everything that `outputs` need, for one example. */
export function operationsOf(outputs: readonly Value[]): number {
  return nodesOf(outputs).reduce((sum, node) => sum + operations(node), 0);
}

/** Operations per example of the forward half and of one pass. */
export function passCost(network: Network, spec: PassSpec): { forward: number; pass: number } {
  const forward = operationsOf([network.h]);
  const all = operationsOf(Object.values(statisticsGraph(network.h, network.parameters, spec).outputs));
  return { forward, pass: Math.max(all - forward, parameterCount(network)) };
}
