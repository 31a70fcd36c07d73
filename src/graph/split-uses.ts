/**
 * @module graph/split-uses
 *
 * Uses of a value, one for each operand that reads it, and a copy of the graph in which chosen uses read another value. Exporters keep
 * one tensor where several had equal numbers: with one input for each use, each has its own derivative again. Operators that only move
 * elements (Transpose, Cast, Reshape, Expand) are followed and copied for each use behind them. Cost: nodes below the value are built
 * once more.
 */
import { batchAxis } from './dims.js';
import { nodesOf } from './derive.js';
import { type Readers, readersOf } from './readers.js';
import { apply } from './registry.js';
import { input, type Node, type Value, withOrigin } from './value.js';

const MOVERS: ReadonlySet<string> = new Set(['Transpose', 'Cast', 'Reshape', 'Expand']);

/** One operand that reads a value. */
export interface OperandUse {
  /** What is read. */
  readonly value: Value;
  /** The operators that move its elements on the way, first one first. */
  readonly movers: readonly Node[];
  /** The node that reads it, and as which operand. */
  readonly node: Node;
  /** Index among the node's operands. */
  readonly inputIndex: number;
  /** Name of the node of the file that `node` was read from, else its first output; empty in a graph that was not read from a file. */
  readonly nodeName: string;
}

/** A use that reads a value of its own. */
export interface SplitUse extends OperandUse {
  /** The input that stands for the value at this use. */
  readonly replacement: Value;
}

/**
 * The operands that read `value` in the graph of `outputs`, in the graph's order; none where an output is the value itself. `readers`: those of
 * that graph, where many values are asked for.
 */
export function operandUses(
  outputs: readonly Value[],
  value: Value,
  readers: Readers = readersOf(nodesOf(outputs)),
): OperandUse[] {
  const uses: OperandUse[] = [];
  const stack: { v: Value; movers: readonly Node[] }[] = [{ v: value, movers: [] }];
  for (let at = stack.pop(); at; at = stack.pop()) {
    const { v, movers } = at;
    for (const { node, inputIndex } of readers.get(v) ?? []) {
      if (MOVERS.has(node.op) && batchAxis(node.output.shape) < 0 && !outputs.includes(node.output)) {
        stack.push({ v: node.output, movers: [...movers, node] });
      } else uses.push({ value, movers, node, inputIndex, nodeName: nodeNameOf(node.origin) });
    }
  }
  return uses.sort((p, q) => p.node.output.id - q.node.output.id || p.inputIndex - q.inputIndex);
}

/** `outputs` in which each use of the map reads the value beside it, which has the shape and type of the one that it read. */
export function rewireUses(outputs: readonly Value[], replacements: ReadonlyMap<OperandUse, Value>): Value[] {
  const at = new Map<Node, Map<number, { use: OperandUse; replacement: Value }>>();
  for (const [use, replacement] of replacements) {
    const operands = at.get(use.node) ?? new Map<number, { use: OperandUse; replacement: Value }>();
    at.set(use.node, operands.set(use.inputIndex, { use, replacement }));
  }
  const map = new Map<Value, Value>();
  const of = (v: Value): Value => map.get(v) ?? v;
  for (const node of nodesOf(outputs)) {
    const own = at.get(node);
    if (!own && node.inputs.every((v) => of(v) === v)) continue;
    const operands = node.inputs.map((v, i) => {
      const found = own?.get(i);
      return found ? moved(found.replacement, found.use.movers) : of(v);
    });
    map.set(
      node.output,
      withOrigin(node.origin, () => apply(node.op, operands, node.attrs)),
    );
  }
  return outputs.map(of);
}

/**
 * One new input for each use of `value`; it keeps the name, which is for messages.
 * @throws FimError with `graph/shape`
 */
export function splitUses(
  outputs: readonly Value[],
  value: Value,
): {
  /** The outputs, rewired. */
  readonly outputs: readonly Value[];
  /** The uses, each with its own input. */
  readonly uses: readonly SplitUse[];
} {
  const uses = operandUses(outputs, value).map((use) => ({
    ...use,
    replacement: input(value.name, value.dtype, value.shape),
  }));
  return { outputs: rewireUses(outputs, new Map(uses.map((u) => [u, u.replacement]))), uses };
}

/** The same movements of another value. */
function moved(value: Value, movers: readonly Node[]): Value {
  return movers.reduce(
    (v, m) => withOrigin(m.origin, () => apply(m.op, [v, ...m.inputs.slice(1)], m.attrs)),
    value,
  );
}

/** `/fc1/MatMul` of `MatMul "/fc1/MatMul"`. */
function nodeNameOf(origin: string): string {
  return /"(.*)"\)?$/s.exec(origin)?.[1] ?? '';
}
