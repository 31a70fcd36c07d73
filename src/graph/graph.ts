/**
 * @module graph/graph
 *
 * A graph is named inputs and named outputs; everything between is reached from the outputs.
 */
import { FimError } from '../core/errors.js';
import { nodesOf } from './derive.js';
import type { Node, Value } from './value.js';

export interface Named {
  readonly name: string;
  readonly value: Value;
}

/** Inputs are data and parameters alike: weights are inputs of every graph, never constants. */
export interface Graph {
  readonly inputs: readonly Named[];
  readonly outputs: readonly Named[];
}

/** Makes a graph, checking that names are unique and that every input which the outputs read is named. */
export function graph(inputs: Record<string, Value>, outputs: Record<string, Value>): Graph {
  const g: Graph = { inputs: named(inputs), outputs: named(outputs) };
  const known = new Set(g.inputs.map((i) => i.value));
  for (const v of leavesOf(g.outputs.map((o) => o.value))) {
    if (!v.constant && !known.has(v)) {
      throw new FimError({
        code: 'graph/unnamed-input',
        kind: 'internal',
        where: `graph with outputs ${g.outputs.map((o) => o.name).join(', ')}`,
        rule: `reads "${v.name}", which is not among its inputs`,
      });
    }
  }
  return g;
}

function named(record: Record<string, Value>): Named[] {
  return Object.entries(record).map(([name, value]) => ({ name, value }));
}

/** Inputs and constants that the values are computed from. */
export function leavesOf(outputs: readonly Value[]): Value[] {
  const leaves = new Set<Value>(outputs.filter((v) => !v.node));
  for (const node of nodesOf(outputs)) for (const v of node.inputs) if (!v.node) leaves.add(v);
  return [...leaves];
}

/** Nodes of a graph in topological order. */
export function graphNodes(g: Graph): Node[] {
  return nodesOf(g.outputs.map((o) => o.value));
}
