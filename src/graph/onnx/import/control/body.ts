/**
 * @module graph/onnx/import/control/body
 *
 * The body of an If, Loop or Scan put in place of its node: operands take the names that the caller binds, everything else keeps its own
 * name where the file has no other of that name, else one behind the caller's. Names of the graphs around are left as they are.
 * Source: onnx/onnx, docs/IR.md (subgraphs see the names of the graphs around them).
 */
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from '../../proto/index.js';

/** What a body becomes. */
export interface Inlined {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  /** The names that its outputs have now. */
  readonly outputs: readonly string[];
}

/** Names of a graph that are in use, and new ones. */
export class Names {
  private readonly taken: Set<string>;

  constructor(graph: OnnxGraph) {
    this.taken = new Set([
      ...graph.inputs.map((v) => v.name),
      ...graph.initializers.map((t) => t.name),
      ...graph.nodes.flatMap((n) => n.outputs),
    ]);
  }

  /** `name`, or where that is taken `place/name`, numbered if need be. */
  fresh(name: string, place: string): string {
    let found = this.taken.has(name) ? `${place}/${name}` : name;
    for (let i = 2; this.taken.has(found); i++) found = `${place}/${name}_${i}`;
    this.taken.add(found);
    return found;
  }
}

/** How often a body is put in place. */
export interface Placement {
  readonly names: Names;
  /** First output of the node whose body it is. */
  readonly place: string;
  /** Outer names of the body's inputs. */
  readonly bound: ReadonlyMap<string, string>;
  /** What is the same for every repetition: names of tensors and of nodes that read nothing of a repetition. */
  readonly shared: Map<string, string>;
  /** Names of the tensors that bodies hold and that have been given: a body inside a body comes with each repetition of that. */
  readonly given: Map<OnnxTensor, string>;
}

/** A body under outer names. What is shared is given once, the first time. */
export function inlineBody(body: OnnxGraph, { names, place, bound, shared, given }: Placement): Inlined {
  const own = new Map(bound);
  const initializers: OnnxTensor[] = [];
  for (const t of body.initializers) {
    if (shared.has(t.name)) continue;
    const before = given.get(t);
    const name = before ?? names.fresh(t.name, place);
    shared.set(t.name, name);
    if (before !== undefined) continue;
    given.set(t, name);
    initializers.push({ ...t, name });
  }
  const varies = varying(body);
  const once = new Set<OnnxNode>();
  for (const node of body.nodes) {
    for (const name of node.outputs) {
      if (name === '' || own.has(name) || shared.has(name)) continue;
      (varies.has(name) ? own : shared).set(name, names.fresh(name, place));
      if (!varies.has(name)) once.add(node);
    }
  }
  const rename = (name: string): string => own.get(name) ?? shared.get(name) ?? name;
  const nodes = body.nodes
    .filter((n) => once.has(n) || n.outputs.some((o) => varies.has(o)))
    .map((n) => renamed(n, rename));
  return { nodes, initializers, outputs: body.outputs.map((o) => rename(o.name)) };
}

/** Names of a body that are computed from its inputs; nodes with bodies of their own always count. */
function varying(body: OnnxGraph): ReadonlySet<string> {
  const varies = new Set(body.inputs.map((v) => v.name));
  for (const node of body.nodes) {
    const nested = Object.values(node.attributes).some((a) => a.type === 'graph');
    if (nested || node.inputs.some((i) => varies.has(i))) node.outputs.forEach((o) => varies.add(o));
  }
  return varies;
}

function renamed(node: OnnxNode, rename: (name: string) => string): OnnxNode {
  return {
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: withGraphs(node.attributes, rename),
  };
}

/** Bodies inside bodies see the names around them. */
function withGraphs(
  attributes: OnnxNode['attributes'],
  rename: (name: string) => string,
): Record<string, OnnxAttribute> {
  const seen = (g: OnnxGraph): OnnxGraph => {
    const inner = new Set([
      ...g.inputs.map((v) => v.name),
      ...g.initializers.map((t) => t.name),
      ...g.nodes.flatMap((n) => n.outputs),
    ]);
    const outer = (name: string): string => (inner.has(name) ? name : rename(name));
    return {
      ...g,
      nodes: g.nodes.map((n) => renamed(n, outer)),
      outputs: g.outputs.map((o) => ({ ...o, name: outer(o.name) })),
    };
  };
  return Object.fromEntries(
    Object.entries(attributes).map(([key, a]) => [
      key,
      a.type === 'graph' ? { ...a, value: seen(a.value) } : a,
    ]),
  );
}
