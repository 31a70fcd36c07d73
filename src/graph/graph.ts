/**
 * @module graph/graph
 *
 * A graph is named inputs and named outputs; everything between is reached from the outputs.
 */
import { FimError } from '../core/errors.js';
import { nodesOf } from './derive.js';
import type { Node, Value } from './value.js';

/** A value under a name. */
export interface Named {
  /** Its name in the graph. */
  readonly name: string;
  /** The value. */
  readonly value: Value;
}

/** Inputs are data and parameters alike: weights are inputs of every graph, never constants. */
export interface Graph {
  /** Data and parameters, by name. */
  readonly inputs: readonly Named[];
  /** What the graph computes, by name. */
  readonly outputs: readonly Named[];
}

/** Values by name: a record of names that the program chose itself, pairs where they come from a file and may be any string. */
export type NamedValues = Readonly<Record<string, Value>> | Iterable<readonly [string, Value]>;

/**
 * Makes a graph. Throws `graph/unnamed-input` where the outputs read an input that is not named, `graph/name-twice` where two
 * different inputs, or two outputs, have one name.
 *
 * @example
 * ```ts
 * import { graph, input, N, ops } from 'fim/graph';
 *
 * const x = input('x', 'float32', [N, 2]);
 * const g = graph([['x', x]], [['y', ops.relu(x)]]);
 * console.log(g.outputs.map(({ name, value }) => [name, value.shape.length])); // [ [ 'y', 2 ] ]
 * ```
 */
export function graph(inputs: NamedValues, outputs: NamedValues): Graph {
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

function named(values: NamedValues): Named[] {
  const pairs = Symbol.iterator in values ? [...values] : Object.entries(values);
  const known = new Map<string, Value>();
  for (const [name, value] of pairs) {
    const before = known.get(name);
    if (before !== undefined && before !== value) {
      throw new FimError({
        code: 'graph/name-twice',
        kind: 'internal',
        where: `graph, value "${name}"`,
        rule: 'two different values cannot have one name',
      });
    }
    known.set(name, value);
  }
  return [...known].map(([name, value]) => ({ name, value }));
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
