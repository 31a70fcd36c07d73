/**
 * @module graph/onnx/proto/read-function
 *
 * FunctionProto to a plain object. Source: onnx/onnx, onnx.proto.
 */
import type { BodyNode, OnnxFunction } from './functions.js';
import { readAttribute } from './read-attribute.js';
import { readGraph, readNode } from './read-graph.js';
import type { Source } from './read-tensor.js';
import { FUNCTION, OPSET } from './schema.js';
import type { OnnxAttribute, OnnxOpset } from './types.js';
import { readInt, readMessage, readText } from './wire.js';

/** Reads the current value as an OperatorSetIdProto. */
export function readOpset(s: Source): OnnxOpset {
  let domain = '';
  let version = 0;
  readMessage(s, 'OperatorSetIdProto', (tag) => {
    if (tag === OPSET.domain) domain = readText(s);
    else if (tag === OPSET.version) version = readInt(s);
  });
  return { domain, version };
}

/** Reads the current value as a FunctionProto. */
export function readFunction(outer: Source): OnnxFunction {
  const s: Source = { ...outer, inFunction: true };
  const text = { name: '', domain: '', overload: '' };
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: BodyNode[] = [];
  const opsets: OnnxOpset[] = [];
  const defaults = new Map<string, OnnxAttribute>();
  readMessage(s, 'FunctionProto', (tag) => {
    if (tag === FUNCTION.name) text.name = readText(s);
    else if (tag === FUNCTION.domain) text.domain = readText(s);
    else if (tag === FUNCTION.overload) text.overload = readText(s);
    else if (tag === FUNCTION.input) inputs.push(readText(s));
    else if (tag === FUNCTION.output) outputs.push(readText(s));
    else if (tag === FUNCTION.node) nodes.push(readNode(s));
    else if (tag === FUNCTION.opsetImport) opsets.push(readOpset(s));
    else if (tag === FUNCTION.attributeDefault) {
      const [name, value] = readAttribute(s, () => `function ${text.name}`, readGraph);
      if (value.type !== 'reference') defaults.set(name, value);
    }
  });
  return { ...text, inputs, outputs, nodes, opsets, defaults: Object.fromEntries(defaults) };
}
