/**
 * @module graph/onnx/import/source
 *
 * The graph of a file by name: who makes each value, and which nodes a value needs. Names must be unique and every one that is
 * read must be made, without circles; both are checked before anything is read. Order in the file does not matter.
 */
import { FimError } from '../../../core/errors.js';
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValueInfo } from '../proto/index.js';

export interface Source {
  readonly file: string;
  readonly graph: OnnxGraph;
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  /** Inputs that are no initialisers. */
  readonly dataInputs: readonly OnnxValueInfo[];
  /** The node that makes each computed name. */
  readonly makers: ReadonlyMap<string, OnnxNode>;
}

/** Indexes a graph. Throws `onnx/name-twice`, `onnx/missing-output`. */
export function sourceOf(graph: OnnxGraph, file: string): Source {
  const initializers = new Map<string, OnnxTensor>();
  for (const t of graph.initializers) {
    if (initializers.has(t.name)) throw twice(file, t.name, 'two initialisers');
    initializers.set(t.name, t);
  }
  const inputs = new Set<string>();
  for (const { name } of graph.inputs) {
    if (inputs.has(name)) throw twice(file, name, 'two inputs');
    inputs.add(name);
  }
  const makers = new Map<string, OnnxNode>();
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (makers.has(name)) throw twice(file, name, `${labelOf(makers.get(name)!)} and ${labelOf(node)}`);
      if (initializers.has(name)) throw twice(file, name, `an initialiser and ${labelOf(node)}`);
      if (inputs.has(name)) throw twice(file, name, `an input and ${labelOf(node)}`);
      makers.set(name, node);
    }
  }
  const dataInputs = graph.inputs.filter((i) => !initializers.has(i.name));
  const source: Source = { file, graph, initializers, dataInputs, makers };
  for (const { name } of graph.outputs) {
    if (!isKnown(source, name))
      throw missing(file, name, 'the graph names it as an output', 'onnx/missing-output');
  }
  return source;
}

export function isKnown(source: Source, name: string): boolean {
  return (
    source.makers.has(name) ||
    source.initializers.has(name) ||
    source.dataInputs.some((input) => input.name === name)
  );
}

/** How a node is called in messages: `MatMul "/fc1/MatMul"`. */
export function labelOf(node: OnnxNode): string {
  const op = node.domain === '' || node.domain === 'ai.onnx' ? node.opType : `${node.domain}.${node.opType}`;
  return node.name === ''
    ? `${op} (output "${node.outputs.find((o) => o !== '') ?? ''}")`
    : `${op} "${node.name}"`;
}

/**
 * The nodes that the given names need, makers before readers.
 * Throws `onnx/missing-input` for a name that nothing makes and `onnx/cycle` for a circle.
 */
export function nodesFor(source: Source, names: readonly string[]): OnnxNode[] {
  const order: OnnxNode[] = [];
  const state = new Map<OnnxNode, 'open' | 'done'>();
  const visit = (name: string, reader: OnnxNode | null): OnnxNode | null => {
    const node = source.makers.get(name);
    if (node) return node;
    if (name !== '' && !isKnown(source, name)) {
      throw missing(
        source.file,
        name,
        reader ? `${labelOf(reader)} reads it` : 'it was asked for',
        'onnx/missing-input',
      );
    }
    return null;
  };
  const stack: { node: OnnxNode; next: number }[] = [];
  const open = (node: OnnxNode): void => {
    state.set(node, 'open');
    stack.push({ node, next: 0 });
  };
  for (const name of names) {
    const root = visit(name, null);
    if (root && !state.has(root)) open(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next === top.node.inputs.length) {
        state.set(top.node, 'done');
        order.push(top.node);
        stack.pop();
        continue;
      }
      const child = visit(top.node.inputs[top.next++], top.node);
      if (!child) continue;
      const seen = state.get(child);
      if (seen === 'open') throw circle(source.file, child, top.node);
      if (!seen) open(child);
    }
  }
  return order;
}

function twice(file: string, name: string, got: string): FimError {
  return new FimError({
    code: 'onnx/name-twice',
    where: file,
    rule: `every name is given once, but "${name}" is given twice`,
    got,
    cause: 'a tool that joined or edited graphs without renaming',
    next: 'onnx.checker.check_model(model) shows what is wrong; export the model again',
  });
}

function missing(file: string, name: string, got: string, code: string): FimError {
  return new FimError({
    code,
    where: file,
    rule: `"${name}" is no input, no initialiser and no node's output`,
    got,
    cause: 'a part of the graph was cut off, or the name is misspelt',
    next: 'onnx.checker.check_model(model) shows what is wrong; export the model again',
  });
}

function circle(file: string, first: OnnxNode, last: OnnxNode): FimError {
  return new FimError({
    code: 'onnx/cycle',
    where: file,
    rule: 'a graph has no circle',
    got: `${labelOf(first)} needs ${labelOf(last)}, which needs it in turn`,
    next: 'onnx.checker.check_model(model) shows what is wrong; export the model again',
  });
}
