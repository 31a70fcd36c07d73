/**
 * @module test/onnx/builder
 *
 * Small ONNX models in a few lines, as exporters write them.
 */
import { type DType, type Tensor, tensor } from '../../src/core/tensor.js';
import {
  encodeModel,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from '../../src/graph/onnx/proto/index.js';

export const float = (value: number): OnnxAttribute => ({ type: 'float', value });
export const int = (value: number): OnnxAttribute => ({ type: 'int', value });
export const ints = (...value: number[]): OnnxAttribute => ({ type: 'ints', value });
export const floats = (...value: number[]): OnnxAttribute => ({ type: 'floats', value });
export const text = (value: string): OnnxAttribute => ({ type: 'string', value });
export const texts = (...value: string[]): OnnxAttribute => ({ type: 'strings', value });
export const held = (t: Tensor): OnnxAttribute => ({ type: 'tensor', value: { ...t, name: '' } });

export type Attributes = Record<string, OnnxAttribute>;

const DOMAINS: Record<string, string> = { 'ml.': 'ai.onnx.ml', 'ms.': 'com.microsoft' };

/** A node; its name is made of the operator and its first output unless given. `ml.X` stands for the domain of scikit-learn, `ms.X` for that of ONNX Runtime. */
export function node(
  op: string,
  inputs: readonly string[],
  outputs: string | readonly string[],
  attributes: Attributes = {},
  name?: string,
): OnnxNode {
  const outs = typeof outputs === 'string' ? [outputs] : outputs;
  const prefix = Object.keys(DOMAINS).find((p) => op.startsWith(p));
  const opType = prefix ? op.slice(prefix.length) : op;
  return {
    name: name ?? `/${opType}_${outs[0]}`,
    opType,
    domain: prefix ? DOMAINS[prefix] : '',
    inputs,
    outputs: outs,
    attributes,
  };
}

export function info(
  name: string,
  elemType: OnnxValueInfo['elemType'],
  shape: OnnxValueInfo['shape'],
): OnnxValueInfo {
  return { name, elemType, shape };
}

export const f32 = (shape: readonly number[], values: readonly number[]): Tensor =>
  tensor('float32', shape, values);
export const f64 = (shape: readonly number[], values: readonly number[]): Tensor =>
  tensor('float64', shape, values);
/** A vector of int64; ±Infinity stand for the ends of the range, which files use for "to the end". */
export const i64 = (...values: number[]): Tensor =>
  tensor(
    'int64',
    [values.length],
    BigInt64Array.from(values, (v) =>
      Number.isFinite(v) ? BigInt(v) : v > 0 ? 2n ** 63n - 1n : -(2n ** 63n) + 1n,
    ),
  );

export interface ModelParts {
  readonly opset?: number;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly (string | OnnxValueInfo)[];
  readonly nodes: readonly OnnxNode[];
  readonly weights?: Readonly<Record<string, Tensor>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Element type of outputs that are given by name. */
  readonly type?: DType;
  readonly producer?: string;
}

/** The model as plain objects. */
export function modelOf(parts: ModelParts): OnnxModel {
  const initializers: OnnxTensor[] = Object.entries(parts.weights ?? {}).map(([name, t]) => ({ ...t, name }));
  const has = (domain: string): boolean => parts.nodes.some((n) => n.domain === domain);
  return {
    irVersion: 7,
    producerName: parts.producer ?? 'test',
    producerVersion: '',
    opsets: [
      { domain: '', version: parts.opset ?? 17 },
      ...(has('ai.onnx.ml') ? [{ domain: 'ai.onnx.ml', version: 3 }] : []),
      ...(has('com.microsoft') ? [{ domain: 'com.microsoft', version: 1 }] : []),
    ],
    metadata: parts.metadata ?? {},
    graph: {
      name: 'test',
      nodes: parts.nodes,
      initializers,
      inputs: parts.inputs,
      outputs: parts.outputs.map((o) => (typeof o === 'string' ? info(o, parts.type ?? 'float32', null) : o)),
      valueInfo: [],
    },
  };
}

export const bytesOf = (parts: ModelParts): Uint8Array => encodeModel(modelOf(parts));
