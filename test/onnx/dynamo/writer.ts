/**
 * @module test/onnx/dynamo/writer
 *
 * A file as PyTorch's present exporter (`torch.onnx.export`, dynamo) writes it: IR version 10, weights in `model.onnx.data` one behind the
 * other, parameters under their own names, values `val_3`, nodes `node_linear` with what `pkg.torch.onnx` says of them, and functions of
 * `pkg.onnxscript.torch_lib` where they were not inlined. Written in its manner from what is printed of its files, not by it.
 * Source: pytorch/tutorials, pull request 3223, and onnx/ir-py, pull request 155, which print such files.
 */
import { PbfWriter } from 'pbf';
import { type Tensor } from '../../../src/core/tensor.js';
import { partsOf } from '../../../src/graph/onnx/cut/index.js';
import {
  encodeModel,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
} from '../../../src/graph/onnx/proto/index.js';
import { ENTRY, FUNCTION, GRAPH, MODEL, OPSET, TENSOR } from '../../../src/graph/onnx/proto/schema.js';
import { eachField, openWire } from '../../../src/graph/onnx/proto/wire.js';

/** Fields of metadata, of a node and of a graph. */
const NODE_METADATA = 9;
const GRAPH_METADATA = 16;

export const TORCH_LIB = 'pkg.onnxscript.torch_lib';
export const DATA_FILE = 'model.onnx.data';

/** A function of the file. */
export interface FileFunction {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
}

export interface FileParts {
  readonly opset: 18 | 20;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly nodes: readonly OnnxNode[];
  /** Parameters and buffers: in the data file. */
  readonly weights: Readonly<Record<string, Tensor>>;
  /** Constants that the exporter made: in the file itself. */
  readonly constants: Readonly<Record<string, Tensor>>;
  readonly functions?: readonly FileFunction[];
}

export interface DynamoFile {
  readonly model: Uint8Array;
  readonly data: Uint8Array;
}

/** The two files. */
export function dynamoFile(parts: FileParts): DynamoFile {
  const whole = encodeModel(modelOf(parts));
  const { model, graph } = partsOf(whole, 'fixture');
  const chunks: Uint8Array[] = [];
  let end = 0;
  const fields = graph.map((part): Uint8Array => {
    if (part.tag === GRAPH.node) return field(GRAPH.node, joined([part.body, ...saidOf(part.makes[0])]));
    if (part.tag !== GRAPH.initializer || !Object.hasOwn(parts.weights, part.makes[0])) return part.whole;
    const { tensor, data } = beside(part.body, end);
    chunks.push(data);
    end += data.length;
    return field(GRAPH.initializer, tensor);
  });
  const signature = entry(
    GRAPH_METADATA,
    'pkg.torch.export.ExportedProgram.graph_signature',
    'inputs and parameters',
  );
  const functions = (parts.functions ?? []).map((f) => field(MODEL.functions, functionOf(f, parts.opset)));
  return {
    model: joined([...model, field(MODEL.graph, joined([...fields, signature])), ...functions]),
    data: joined(chunks),
  };
}

function modelOf({
  opset,
  inputs,
  outputs,
  nodes,
  weights,
  constants,
  functions = [],
}: FileParts): OnnxModel {
  const all = { ...weights, ...constants };
  return {
    irVersion: 10,
    producerName: 'pytorch',
    producerVersion: opset === 18 ? '2.9.1' : '2.10.0',
    opsets: [
      { domain: '', version: opset },
      ...(functions.length > 0 ? [{ domain: TORCH_LIB, version: 1 }] : []),
    ],
    metadata: {},
    graph: {
      name: 'main_graph',
      nodes,
      initializers: Object.entries(all).map(([name, t]) => ({ ...t, name })),
      inputs,
      outputs,
      valueInfo: [],
    },
  };
}

/** What the exporter says of the node that makes a value. */
const saidOf = (value: string): Uint8Array[] => [
  entry(NODE_METADATA, 'pkg.torch.onnx.name_scopes', `['', '${value}']`),
  entry(NODE_METADATA, 'pkg.torch.onnx.fx_node', `%${value} : [num_users=1] = call_function`),
];

/** A tensor whose data lie in the data file from `offset` on. */
function beside(body: Uint8Array, offset: number): { tensor: Uint8Array; data: Uint8Array } {
  const w = openWire(body, 'fixture');
  const rest: Uint8Array[] = [];
  let data: Uint8Array = new Uint8Array(0);
  let start = 0;
  eachField(w, 'TensorProto', body.length, (tag) => {
    if (tag === TENSOR.rawData) data = body.slice(w.pbf.pos, w.stop);
    else rest.push(body.subarray(start, w.stop));
    start = w.stop;
  });
  const where = { location: DATA_FILE, offset: String(offset), length: String(data.length) };
  const entries = Object.entries(where).map(([key, value]) => entry(TENSOR.externalData, key, value));
  const external = new PbfWriter();
  external.writeVarintField(TENSOR.dataLocation, 1);
  return { tensor: joined([...rest, ...entries, external.finish().slice()]), data };
}

/** A FunctionProto; its nodes are those that a graph of them has. */
function functionOf({ name, inputs, outputs, nodes }: FileFunction, opset: number): Uint8Array {
  const graph = { name, nodes, initializers: [], inputs: [], outputs: [], valueInfo: [] };
  const shell = { irVersion: 10, producerName: '', producerVersion: '', opsets: [], metadata: {}, graph };
  const own = partsOf(encodeModel(shell), 'fixture').graph.filter((part) => part.tag === GRAPH.node);
  const version = new PbfWriter();
  version.writeVarintField(OPSET.version, opset);
  return joined([
    field(FUNCTION.name, utf8(name)),
    ...inputs.map((one) => field(FUNCTION.input, utf8(one))),
    ...outputs.map((one) => field(FUNCTION.output, utf8(one))),
    ...own.map((part) => field(FUNCTION.node, part.body)),
    field(FUNCTION.opsetImport, version.finish().slice()),
    field(FUNCTION.domain, utf8(TORCH_LIB)),
  ]);
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function entry(tag: number, key: string, value: string): Uint8Array {
  return field(tag, joined([field(ENTRY.key, utf8(key)), field(ENTRY.value, utf8(value))]));
}

/** A length-delimited field. */
function field(tag: number, body: Uint8Array): Uint8Array {
  const w = new PbfWriter();
  w.writeBytesField(tag, body);
  return w.finish().slice();
}

const joined = (chunks: readonly Uint8Array[]): Uint8Array => Uint8Array.from(chunks.flatMap((c) => [...c]));
