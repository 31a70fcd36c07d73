/**
 * @module graph/onnx/cut/needs
 *
 * Nodes and names that given values are made of, walked backwards from them. A node with bodies also reads what its bodies take from the
 * graph around them. Cost: a walk over the graph.
 */
import type { OnnxGraph, OnnxNode } from '../proto/index.js';

/** What values are made of. */
export interface Needed {
  /** Nodes, in the order of the graph. */
  readonly nodes: readonly OnnxNode[];
  /** Every name that is read or asked for. */
  readonly names: ReadonlySet<string>;
}

/** What `wanted` is made of; values of `given` are taken as they are. */
export function neededFor(
  graph: OnnxGraph,
  wanted: readonly string[],
  given: ReadonlySet<string> = new Set(),
): Needed {
  const makers = makersOf(graph);
  const names = new Set<string>();
  const found = new Set<OnnxNode>();
  const open = [...wanted];
  while (open.length > 0) {
    const name = open.pop()!;
    if (name === '' || names.has(name)) continue;
    names.add(name);
    const node = given.has(name) ? undefined : makers.get(name);
    if (!node || found.has(node)) continue;
    found.add(node);
    open.push(...readsOf(node));
  }
  return { nodes: graph.nodes.filter((node) => found.has(node)), names };
}

const MAKERS = new WeakMap<OnnxGraph, ReadonlyMap<string, OnnxNode>>();

/** The node that makes each value of a graph, worked out once. */
function makersOf(graph: OnnxGraph): ReadonlyMap<string, OnnxNode> {
  const known = MAKERS.get(graph);
  if (known) return known;
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  MAKERS.set(graph, makers);
  return makers;
}

/** Names that a node reads, those that its bodies take from outside among them. */
export function readsOf(node: OnnxNode): string[] {
  const bodies = Object.values(node.attributes).flatMap((a) =>
    a.type === 'graph' ? [a.value] : a.type === 'graphs' ? a.value : [],
  );
  return [...node.inputs, ...bodies.flatMap(takenBy)].filter((name) => name !== '');
}

/** Names that a body reads and does not make. */
function takenBy(body: OnnxGraph): string[] {
  const own = new Set([
    ...body.inputs.map(({ name }) => name),
    ...body.initializers.map(({ name }) => name),
    ...body.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const read = [...body.nodes.flatMap(readsOf), ...body.outputs.map(({ name }) => name)];
  return read.filter((name) => !own.has(name));
}
