/**
 * @module graph/onnx/proto/functions
 *
 * Functions that a file defines itself, put in place of the nodes that call them: operands and results take the caller's names, what is
 * inside gets the name of the caller, or of its first result, before its own, and an attribute that refers to one of the function takes the caller's value or the
 * function's default. A body of another opset than the model's keeps its own. Source: onnx/onnx, onnx.proto (FunctionProto), docs/IR.md.
 */
import { FimError } from '../../../core/errors.js';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxOpset } from './types.js';

/** A node of a function's body: attributes may refer to those of the function. */
export interface BodyNode extends OnnxNode {
  /** Names of the function's attributes by the node's own. */
  readonly references?: Readonly<Record<string, string>>;
}

/** A function of the file. */
export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly BodyNode[];
  readonly opsets: readonly OnnxOpset[];
  /** Values of attributes that a caller leaves out. */
  readonly defaults: Readonly<Record<string, OnnxAttribute>>;
}

/** Most nodes that functions become: those that call each other over and over would become any number. */
const MOST_NODES = 2 ** 20;
/** Deepest nesting of calls. */
const DEEPEST = 64;

const plainDomain = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);
const keyOf = (domain: string, name: string): string => `${plainDomain(domain)}\0${name}`;

/** The graph with every call of a function replaced by its body. Throws `onnx/functions`. */
export function inlineFunctions(
  graph: OnnxGraph,
  functions: readonly OnnxFunction[],
  opsets: readonly OnnxOpset[],
  file: string,
): OnnxGraph {
  const table = new Map<string, OnnxFunction>();
  for (const f of functions) {
    const key = keyOf(f.domain, f.name);
    if (table.has(key)) throw refused(file, f, 'every function is defined once', 'two of that name');
    table.set(key, f);
  }
  let made = 0;
  const versionIn = (list: readonly OnnxOpset[], domain: string): number | undefined =>
    list.find((o) => plainDomain(o.domain) === plainDomain(domain))?.version;

  const expand = (node: BodyNode, depth: number): OnnxNode[] => {
    const f = table.get(keyOf(node.domain, node.opType));
    if (!f) return [withGraphs(node, depth)];
    if (depth >= DEEPEST) throw refused(file, f, 'functions do not call themselves', `${depth} nested calls`);
    if ((made += f.nodes.length) > MOST_NODES)
      throw refused(file, f, `functions become at most ${MOST_NODES} nodes`, 'more');
    const within = node.name === '' ? (node.outputs.find((o) => o !== '') ?? f.name) : node.name;
    const names = new Map<string, string>();
    f.inputs.forEach((name, i) => names.set(name, node.inputs[i] ?? ''));
    const passed = f.outputs.filter((name) => f.inputs.includes(name));
    f.outputs.forEach((name, i) => {
      if (!passed.includes(name) && (node.outputs[i] ?? '') !== '') names.set(name, node.outputs[i]);
    });
    // Results are named once in a file, nodes perhaps not.
    const place = node.outputs.find((o) => o !== '') ?? within;
    const rename = (name: string): string => (name === '' ? '' : (names.get(name) ?? `${place}/${name}`));
    const attributes = { ...f.defaults, ...node.attributes };
    const body = f.nodes.flatMap((inner) => {
      const version = versionIn(f.opsets, inner.domain);
      const own = inner.opset ?? (version === versionIn(opsets, inner.domain) ? undefined : version);
      return expand(renamed(inner, within, rename, attributes, own), depth + 1);
    });
    // A result that is an operand.
    const copies = f.outputs.flatMap((name, i): OnnxNode[] =>
      passed.includes(name) && (node.outputs[i] ?? '') !== ''
        ? [
            {
              name: `${within}/${name}`,
              opType: 'Identity',
              domain: '',
              inputs: [rename(name)],
              outputs: [node.outputs[i]],
              attributes: {},
            },
          ]
        : [],
    );
    return [...body, ...copies];
  };

  const withGraphs = (node: BodyNode, depth: number): OnnxNode => {
    if (!Object.values(node.attributes).some((a) => a.type === 'graph')) return node;
    const attributes = mapGraphs(node.attributes, (g) => ({
      ...g,
      nodes: g.nodes.flatMap((n) => expand(n, depth)),
    }));
    return { ...node, attributes };
  };
  return { ...graph, nodes: graph.nodes.flatMap((n) => expand(n, 0)) };
}

function mapGraphs(
  attributes: Readonly<Record<string, OnnxAttribute>>,
  f: (g: OnnxGraph) => OnnxGraph,
): Record<string, OnnxAttribute> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, a]) => [
      name,
      a.type === 'graph' ? { ...a, value: f(a.value) } : a,
    ]),
  );
}

/** A node of a body under the caller's names and with the caller's attributes. */
function renamed(
  node: BodyNode,
  within: string,
  rename: (name: string) => string,
  given: Readonly<Record<string, OnnxAttribute>>,
  opset: number | undefined,
): BodyNode {
  const { references, ...plain } = node;
  const attributes = new Map(Object.entries(plain.attributes));
  for (const [own, theirs] of Object.entries(references ?? {}))
    if (Object.hasOwn(given, theirs)) attributes.set(own, given[theirs]);
  const inGraph = (g: OnnxGraph): OnnxGraph => ({
    ...g,
    initializers: g.initializers.map((t) => ({ ...t, name: rename(t.name) })),
    inputs: g.inputs.map((v) => ({ ...v, name: rename(v.name) })),
    outputs: g.outputs.map((v) => ({ ...v, name: rename(v.name) })),
    nodes: g.nodes.map((n) => renamed(n, within, rename, given, opset)),
  });
  return {
    ...plain,
    name: plain.name === '' ? '' : `${within}/${plain.name}`,
    inputs: plain.inputs.map(rename),
    outputs: plain.outputs.map(rename),
    attributes: mapGraphs(Object.fromEntries(attributes), inGraph),
    ...(opset !== undefined && { opset }),
  };
}

function refused(file: string, f: OnnxFunction, rule: string, got: string): FimError {
  return new FimError({
    code: 'onnx/functions',
    where: `${file}, function ${f.domain === '' ? f.name : `${f.domain}::${f.name}`}`,
    rule,
    got,
    cause: 'the file is damaged',
    next: "onnx.checker.check_model('model.onnx') shows what is wrong; export the model again",
  });
}
