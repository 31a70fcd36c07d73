/**
 * @module graph/onnx/cut/tail
 *
 * The part of a file behind named values: they are its inputs, beside those inputs of the file that it still reads, and whatever only made
 * them is gone. A node that makes such a value and another one that is read keeps the other.
 */
import type { OnnxModel, OnnxNode, OnnxValueInfo } from '../proto/index.js';
import { neededFor } from './needs.js';

/**
 * The tail behind the values of `infos` that `wanted` is made of.
 * The values come first among its inputs; initialisers that it does not read are left out.
 */
export function tailOf(
  model: OnnxModel,
  infos: readonly OnnxValueInfo[],
  wanted: readonly string[],
): OnnxModel {
  const { graph } = model;
  const given = new Set(infos.map(({ name }) => name));
  const { nodes, names } = neededFor(graph, wanted, given);
  return {
    ...model,
    graph: {
      ...graph,
      nodes: nodes.map((node) => without(node, given)),
      initializers: graph.initializers.filter(({ name }) => names.has(name)),
      inputs: [...infos, ...graph.inputs.filter(({ name }) => names.has(name) && !given.has(name))],
      outputs: wanted.map(
        (name) => graph.outputs.find((o) => o.name === name) ?? { name, elemType: null, shape: null },
      ),
      valueInfo: graph.valueInfo.filter(({ name }) => names.has(name) && !given.has(name)),
    },
  };
}

/** The node with the results that are given left out. */
function without(node: OnnxNode, given: ReadonlySet<string>): OnnxNode {
  if (!node.outputs.some((name) => given.has(name))) return node;
  return { ...node, outputs: node.outputs.map((name) => (given.has(name) ? '' : name)) };
}

/** Declared outputs of a file that depend on every one of `values`; where none does, those that depend on one. */
export function outputsBehind({ graph }: OnnxModel, values: readonly string[]): string[] {
  const outputs = graph.outputs.map(({ name }) => ({ name, needs: neededFor(graph, [name]).names }));
  const behind = outputs.filter(({ needs }) => values.every((v) => needs.has(v)));
  const some = behind.length > 0 ? behind : outputs.filter(({ needs }) => values.some((v) => needs.has(v)));
  return some.map(({ name }) => name);
}
