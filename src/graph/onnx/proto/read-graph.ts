/**
 * @module graph/onnx/proto/read-graph
 *
 * GraphProto, NodeProto and ValueInfoProto to plain objects. Sparse initialisers are refused; quantisation and device annotations
 * are left out and noted. Source: onnx/onnx, onnx.proto.
 */
import { FimError } from '../../../core/errors.js';
import type { BodyNode } from './functions.js';
import { readAttribute } from './read-attribute.js';
import { readTensor, type Source } from './read-tensor.js';
import {
  DIMENSION,
  formatOfCode,
  GRAPH,
  NODE,
  SHAPE,
  SPARSE_TENSOR,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from './schema.js';
import type {
  NonTensorType,
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from './types.js';
import { malformed, readInt, readMessage, readText } from './wire.js';

const NON_TENSOR = new Map<number, NonTensorType>([
  [TYPE.sequence, 'sequence'],
  [TYPE.map, 'map'],
  [TYPE.opaque, 'opaque'],
  [TYPE.sparseTensor, 'sparse-tensor'],
  [TYPE.optional, 'optional'],
]);

type ElementType = OnnxValueInfo['elemType'];
type Dimensions = (number | string | null)[];

/** Reads the current value as a GraphProto. */
export function readGraph(s: Source): OnnxGraph {
  let name = '';
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  const valueInfo: OnnxValueInfo[] = [];
  readMessage(s, 'GraphProto', (tag) => {
    if (tag === GRAPH.node) nodes.push(readNode(s));
    else if (tag === GRAPH.name) name = readText(s);
    else if (tag === GRAPH.initializer) initializers.push(readTensor(s));
    else if (tag === GRAPH.input) inputs.push(readValueInfo(s));
    else if (tag === GRAPH.output) outputs.push(readValueInfo(s));
    else if (tag === GRAPH.valueInfo) valueInfo.push(readValueInfo(s));
    else if (tag === GRAPH.sparseInitializer) refuseSparse(s);
    else if (tag === GRAPH.quantizationAnnotation) s.notes.add('quantisation annotations were left out');
  });
  return { name, nodes, initializers, inputs, outputs, valueInfo };
}

function refuseSparse(s: Source): never {
  let name = '';
  readMessage(s, 'SparseTensorProto', (tag) => {
    if (tag !== SPARSE_TENSOR.values) return;
    readMessage(s, 'TensorProto', (field) => {
      if (field === TENSOR.name) name = readText(s);
    });
  });
  throw new FimError({
    code: 'onnx/sparse',
    kind: 'unsupported',
    where: `${s.file}, initialiser ${JSON.stringify(name)}`,
    rule: 'initialisers are stored densely',
    got: 'a sparse tensor',
    next: 'export the model with dense weights',
  });
}

/** Reads the current value as a NodeProto. Throws `onnx/malformed`. */
export function readNode(s: Source): BodyNode {
  let name = '';
  let opType = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  const references = new Map<string, string>();
  const owner = (): string => `node ${opType} ${JSON.stringify(name)}`;
  readMessage(s, 'NodeProto', (tag) => {
    if (tag === NODE.input) inputs.push(readText(s));
    else if (tag === NODE.output) outputs.push(readText(s));
    else if (tag === NODE.name) name = readText(s);
    else if (tag === NODE.opType) opType = readText(s);
    else if (tag === NODE.domain) domain = readText(s);
    else if (tag === NODE.attribute) {
      const [key, value] = readAttribute(s, owner, readGraph);
      if (attributes.has(key) || references.has(key))
        throw malformed(s, `${owner()} has each attribute once`, `${JSON.stringify(key)} twice`);
      if (value.type === 'reference') references.set(key, value.value);
      else attributes.set(key, value);
    }
  });
  if (opType === '') throw malformed(s, 'a node names its operator', `${owner()} without one`);
  const node = { name, opType, domain, inputs, outputs, attributes: Object.fromEntries(attributes) };
  return references.size === 0 ? node : { ...node, references: Object.fromEntries(references) };
}

function readValueInfo(s: Source): OnnxValueInfo {
  let name = '';
  let elemType = null as ElementType;
  let shape = null as Dimensions | null;
  readMessage(s, 'ValueInfoProto', (tag) => {
    if (tag === VALUE_INFO.name) name = readText(s);
    else if (tag === VALUE_INFO.type) [elemType, shape] = readType(s);
  });
  return { name, elemType, shape };
}

function readType(s: Source): [ElementType, Dimensions | null] {
  let elemType = null as ElementType;
  let shape = null as Dimensions | null;
  readMessage(s, 'TypeProto', (tag) => {
    elemType = NON_TENSOR.get(tag) ?? elemType;
    if (tag !== TYPE.tensor) return;
    readMessage(s, 'TypeProto.Tensor', (field) => {
      if (field === TENSOR_TYPE.elemType) elemType = readElementType(s);
      else if (field === TENSOR_TYPE.shape) shape = readShape(s);
    });
  });
  return [elemType, shape];
}

function readElementType(s: Source): ElementType {
  const code = readInt(s);
  if (code === 0) return null;
  const f = formatOfCode(code);
  if (!f)
    throw malformed(s, 'the element type is one that ONNX defines', `type number ${code}`, 'onnx/data-type');
  return f.name;
}

function readShape(s: Source): Dimensions {
  const shape: Dimensions = [];
  readMessage(s, 'TensorShapeProto', (tag) => {
    if (tag === SHAPE.dim) shape.push(readDimension(s));
  });
  return shape;
}

function readDimension(s: Source): number | string | null {
  let d = null as number | string | null;
  readMessage(s, 'TensorShapeProto.Dimension', (tag) => {
    if (tag === DIMENSION.value) d = readInt(s);
    else if (tag === DIMENSION.param) d = readText(s);
  });
  if (d === null || d === '' || (typeof d === 'number' && d < 0)) return null;
  if (typeof d === 'number' && !Number.isSafeInteger(d))
    throw malformed(s, 'a dimension is below 2⁵³', String(d));
  return d;
}
