/**
 * @module graph/readers
 *
 * Readers of every value of a graph, and from them, for every value that does not depend on the examples, the operands by which it meets
 * data. Both are made in one pass over the nodes, so that asking for each of many parameters costs no pass of its own.
 */
import { isFloat } from '../core/tensor.js';
import { batchAxis } from './dims.js';
import { operatorOf } from './registry.js';
import type { Node, Value } from './value.js';

/** One operand that reads a value. */
export interface Operand {
  /** The node that reads it. */
  readonly node: Node;
  /** As which operand. */
  readonly inputIndex: number;
}

/** The operands that read each value, in the graph's order. */
export type Readers = ReadonlyMap<Value, readonly Operand[]>;

/** One use of a value in the graph, by a node that has the examples. */
export interface Use extends Operand {
  /** The batch-free operand: the value itself, or what is made of it without data. */
  readonly operand: Value;
}

/** The readers of every value that `nodes` (topological order) read. */
export function readersOf(nodes: readonly Node[]): Readers {
  const readers = new Map<Value, Operand[]>();
  for (const node of nodes) {
    node.inputs.forEach((v, inputIndex) => {
      const known = readers.get(v);
      if (known) known.push({ node, inputIndex });
      else readers.set(v, [{ node, inputIndex }]);
    });
  }
  return readers;
}

/** Whether a derivative passes through a node: it has one, and its result is floating point. */
export const passesDerivative = ({ op, output }: Node): boolean =>
  isFloat(output.dtype) && operatorOf(op).derivative !== null;

/** Values from which `target` is reached by a path that has a derivative; the mirror of `dependents`. */
export function reaching(nodes: readonly Node[], target: Value): Set<Value> {
  const found = new Set<Value>([target]);
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (!found.has(nodes[i].output) || !passesDerivative(nodes[i])) continue;
    for (const v of nodes[i].inputs) if (isFloat(v.dtype)) found.add(v);
  }
  return found;
}

/**
 * Of every batch-free floating-point value that `nodes` (topological order) read: where it, or what is made of it alone by operators that
 * have a derivative, meets data, in the graph's order. Values that are read once share the list of what reads them.
 */
export function meetingsOf(nodes: readonly Node[], readers: Readers): ReadonlyMap<Value, readonly Use[]> {
  const found = new Map<Value, readonly Use[]>();
  const of = (v: Value): readonly Use[] => {
    const lists = (readers.get(v) ?? []).flatMap(({ node, inputIndex }): (readonly Use[])[] => {
      if (!passesDerivative(node)) return [];
      if (batchAxis(node.output.shape) >= 0) return [[{ node, inputIndex, operand: v }]];
      return [found.get(node.output) ?? []];
    });
    const apart = [...new Set(lists)];
    return apart.length === 1 ? apart[0] : merged(apart);
  };
  const isOne = (v: Value): boolean => batchAxis(v.shape) < 0 && isFloat(v.dtype) && !found.has(v);
  for (let i = nodes.length - 1; i >= 0; i--)
    if (isOne(nodes[i].output)) found.set(nodes[i].output, of(nodes[i].output));
  for (const v of readers.keys()) if (isOne(v)) found.set(v, of(v));
  return found;
}

/** Lists of uses as one, each use once, in the graph's order. */
function merged(lists: readonly (readonly Use[])[]): readonly Use[] {
  const inOrder = (p: Use, q: Use): number =>
    p.node.output.id - q.node.output.id || p.inputIndex - q.inputIndex;
  return [...new Set(lists.flat())].sort(inOrder);
}
