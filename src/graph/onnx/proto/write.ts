/**
 * @module graph/onnx/proto/write
 *
 * Plain objects to ONNX bytes. Deterministic: fields go in the order of their numbers, as protobuf's own serialiser writes them,
 * lists in theirs, so the same model gives the same bytes. Elements go as `raw_data`; large ones may go to a second file,
 * which protobuf's limit of 2 GiB makes necessary for large models. Cost: one pass and about two copies of the data.
 * Source: onnx/onnx, onnx.proto and docs/ExternalData.md.
 */
import { PbfWriter } from 'pbf';
import { sizeOf } from '../../../core/tensor.js';
import { FimError } from '../../../core/errors.js';
import { checkLocation } from './external.js';
import {
  ATTRIBUTE,
  ATTRIBUTE_FIELD,
  ATTRIBUTE_TYPE,
  DIMENSION,
  ENTRY,
  formatOfName,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  rawBytes,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from './schema.js';
import {
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './types.js';

const MAX_BYTES = 2 ** 31 - 1;
/** External tensors start at multiples of a page, so that they can be mapped. */
const PAGE = 4096;

/** Where an initialiser's bytes go in the data file. */
interface Place {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** A model in two files. */
export interface ModelWithData {
  readonly model: Uint8Array;
  readonly data: Uint8Array;
  /** The data file's name relative to the model's folder, as the model says it. */
  readonly location: string;
}

export interface ExternalOptions {
  /** Initialisers of at least this many bytes go to the data file. */
  readonly externalThreshold: number;
  /** Default `model.onnx.data`. */
  readonly location?: string;
}

/** Encodes a model in one file. Throws `onnx/write` for what ONNX cannot say, `onnx/too-large` above 2 GiB. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return encode(model, new Map());
}

/**
 * Encodes a model with its large initialisers in a second file.
 * Throws `onnx/write`, `onnx/too-large`, `onnx/external-path`.
 */
export function encodeModelWithData(model: OnnxModel, options: ExternalOptions): ModelWithData {
  const { externalThreshold, location = 'model.onnx.data' } = options;
  checkLocation(location, 'encodeModelWithData, location');
  const places = new Map<OnnxTensor, Place>();
  let end = 0;
  for (const t of model.graph.initializers) {
    const length = bytesOf(t).length;
    if (t.dtype === 'string' || length < externalThreshold || length === 0) continue;
    const offset = Math.ceil(end / PAGE) * PAGE;
    places.set(t, { location, offset, length });
    end = offset + length;
  }
  const data = new Uint8Array(end);
  for (const [t, place] of places) data.set(bytesOf(t), place.offset);
  return { model: encode(model, places), data, location };
}

type Places = ReadonlyMap<OnnxTensor, Place>;

function encode(model: OnnxModel, places: Places): Uint8Array {
  let size = 0;
  for (const t of model.graph.initializers) if (!places.has(t)) size += bytesOf(t).length;
  if (size > MAX_BYTES) throw tooLarge(size);
  // Room for everything at once: growing doubles and copies.
  const pbf = new PbfWriter(new Uint8Array(size + (size >> 6) + 16384));
  writeModel(pbf, model, places);
  const bytes = pbf.finish();
  if (bytes.length > MAX_BYTES) throw tooLarge(bytes.length);
  return bytes.slice();
}

function tooLarge(size: number): FimError {
  return new FimError({
    code: 'onnx/too-large',
    where: 'encodeModel',
    rule: 'a protobuf file holds less than 2 GiB',
    got: `${size} bytes`,
    next: 'encodeModelWithData(model, { externalThreshold: 1024 })',
  });
}

function unwritable(where: string, rule: string, got: string): FimError {
  return new FimError({ code: 'onnx/write', where, rule, got });
}

const INT64_MAX = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);

/** A 64-bit integer as a varint; beyond the range the nearest that fits. */
function writeInt(pbf: PbfWriter, value: number, where: string): void {
  if (!Number.isInteger(value)) throw unwritable(where, 'the number is whole', String(value));
  if (value < 2 ** 63) {
    pbf.writeVarint(Math.max(value, -(2 ** 63)));
    return;
  }
  pbf.realloc(INT64_MAX.length);
  pbf.buf.set(INT64_MAX, pbf.pos);
  pbf.pos += INT64_MAX.length;
}

function writeIntField(pbf: PbfWriter, tag: number, value: number, where: string): void {
  pbf.writeTag(tag, 0);
  writeInt(pbf, value, where);
}

const utf8 = new TextEncoder();

/** A text field. (The codec's own encoder garbles characters from U+20000 on.) */
function writeString(pbf: PbfWriter, tag: number, text: string): void {
  if (/\p{Surrogate}/u.test(text)) throw unwritable('encodeModel', 'text is Unicode', JSON.stringify(text));
  pbf.writeBytesField(tag, utf8.encode(text));
}

/** A text field, left out where it is empty. */
function writeText(pbf: PbfWriter, tag: number, text: string): void {
  if (text !== '') writeString(pbf, tag, text);
}

function writeModel(pbf: PbfWriter, m: OnnxModel, places: Places): void {
  writeIntField(pbf, MODEL.irVersion, m.irVersion, 'irVersion');
  writeText(pbf, MODEL.producerName, m.producerName);
  writeText(pbf, MODEL.producerVersion, m.producerVersion);
  writeText(pbf, MODEL.domain, m.domain ?? '');
  if (m.modelVersion !== undefined) writeIntField(pbf, MODEL.modelVersion, m.modelVersion, 'modelVersion');
  writeText(pbf, MODEL.docString, m.docString ?? '');
  pbf.writeMessage(MODEL.graph, () => writeGraph(pbf, m.graph, places), null);
  for (const { domain, version } of m.opsets) {
    const writeOpset = (): void => {
      writeText(pbf, OPSET.domain, domain);
      writeIntField(pbf, OPSET.version, version, `opset ${domain}`);
    };
    pbf.writeMessage(MODEL.opsetImport, writeOpset, null);
  }
  for (const [key, value] of Object.entries(m.metadata)) writeEntry(pbf, MODEL.metadataProps, key, value);
}

function writeEntry(pbf: PbfWriter, tag: number, key: string, value: string): void {
  const entry = (): void => {
    writeString(pbf, ENTRY.key, key);
    writeString(pbf, ENTRY.value, value);
  };
  pbf.writeMessage(tag, entry, null);
}

function writeGraph(pbf: PbfWriter, g: OnnxGraph, places: Places): void {
  for (const node of g.nodes) pbf.writeMessage(GRAPH.node, () => writeNode(pbf, node), null);
  writeText(pbf, GRAPH.name, g.name);
  for (const t of g.initializers) {
    pbf.writeMessage(GRAPH.initializer, () => writeTensor(pbf, t, places.get(t)), null);
  }
  const infos = (tag: number, list: readonly OnnxValueInfo[]): void => {
    for (const v of list) pbf.writeMessage(tag, () => writeValueInfo(pbf, v), null);
  };
  infos(GRAPH.input, g.inputs);
  infos(GRAPH.output, g.outputs);
  infos(GRAPH.valueInfo, g.valueInfo);
}

function writeNode(pbf: PbfWriter, n: OnnxNode): void {
  for (const input of n.inputs) writeString(pbf, NODE.input, input);
  for (const output of n.outputs) writeString(pbf, NODE.output, output);
  writeText(pbf, NODE.name, n.name);
  writeString(pbf, NODE.opType, n.opType);
  for (const [name, attribute] of Object.entries(n.attributes)) {
    const where = `node ${n.opType} ${JSON.stringify(n.name)}, attribute ${JSON.stringify(name)}`;
    pbf.writeMessage(NODE.attribute, () => writeAttribute(pbf, name, attribute, where), null);
  }
  writeText(pbf, NODE.domain, n.domain);
}

function writeAttribute(pbf: PbfWriter, name: string, a: OnnxAttribute, where: string): void {
  writeString(pbf, ATTRIBUTE.name, name);
  const tag = ATTRIBUTE_FIELD[a.type];
  const none: Places = new Map();
  switch (a.type) {
    case 'float':
      pbf.writeFloatField(tag, a.value);
      break;
    case 'int':
      writeIntField(pbf, tag, a.value, where);
      break;
    case 'string':
      writeString(pbf, tag, a.value);
      break;
    case 'tensor':
      pbf.writeMessage(tag, () => writeTensor(pbf, a.value), null);
      break;
    case 'graph':
      pbf.writeMessage(tag, () => writeGraph(pbf, a.value, none), null);
      break;
    // Lists of numbers go unpacked, which is what proto2's schema of ONNX says.
    case 'floats':
      for (const v of a.value) pbf.writeFloatField(tag, v);
      break;
    case 'ints':
      for (const v of a.value) writeIntField(pbf, tag, v, where);
      break;
    case 'strings':
      for (const v of a.value) writeString(pbf, tag, v);
      break;
    case 'tensors':
      for (const v of a.value) pbf.writeMessage(tag, () => writeTensor(pbf, v), null);
      break;
    case 'graphs':
      for (const v of a.value) pbf.writeMessage(tag, () => writeGraph(pbf, v, none), null);
      break;
  }
  pbf.writeVarintField(ATTRIBUTE.type, ATTRIBUTE_TYPE[a.type]);
}

/** The elements' bytes as a view, checked against the shape. */
function bytesOf(t: OnnxTensor): Uint8Array {
  const where = `tensor ${JSON.stringify(t.name)}`;
  const shape = `[${t.shape.join(', ')}]`;
  if (!t.shape.every((d) => Number.isSafeInteger(d) && d >= 0)) {
    throw unwritable(where, 'dimensions are whole numbers ≥ 0', shape);
  }
  const count = sizeOf(t.shape);
  if (t.dtype === 'string') {
    const held = t.strings?.length ?? 0;
    if (held !== count) throw unwritable(where, `shape ${shape} takes ${count} strings`, `${held} strings`);
    return new Uint8Array(0);
  }
  const f = formatOfName(t.dtype);
  if (!f) throw unwritable(where, 'the element type is one that ONNX defines', t.dtype);
  const { buffer, byteOffset, byteLength } = t.data;
  const size = rawBytes(f, count);
  if (byteLength !== size) {
    throw unwritable(where, `${t.dtype}${shape} takes ${size} bytes`, `${byteLength} bytes`);
  }
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function writeTensor(pbf: PbfWriter, t: OnnxTensor, place?: Place): void {
  const bytes = bytesOf(t);
  for (const d of t.shape) pbf.writeVarintField(TENSOR.dims, d);
  pbf.writeVarintField(TENSOR.dataType, formatOfName(t.dtype)!.code);
  if (t.dtype === 'string') for (const s of t.strings ?? []) writeString(pbf, TENSOR.stringData, s);
  writeText(pbf, TENSOR.name, t.name);
  if (place) {
    writeEntry(pbf, TENSOR.externalData, 'location', place.location);
    writeEntry(pbf, TENSOR.externalData, 'offset', String(place.offset));
    writeEntry(pbf, TENSOR.externalData, 'length', String(place.length));
    pbf.writeVarintField(TENSOR.dataLocation, 1);
  } else if (t.dtype !== 'string') pbf.writeBytesField(TENSOR.rawData, bytes);
}

function writeValueInfo(pbf: PbfWriter, v: OnnxValueInfo): void {
  writeString(pbf, VALUE_INFO.name, v.name);
  const { elemType, shape } = v;
  if (elemType === null && shape === null) return;
  const f = elemType === null ? undefined : formatOfName(elemType);
  if (elemType !== null && !f) {
    throw unwritable(`value ${JSON.stringify(v.name)}`, 'values are tensors', elemType);
  }
  const writeType = (): void => {
    if (f) pbf.writeVarintField(TENSOR_TYPE.elemType, f.code);
    if (shape) pbf.writeMessage(TENSOR_TYPE.shape, () => writeShape(pbf, shape, v.name), null);
  };
  pbf.writeMessage(VALUE_INFO.type, () => pbf.writeMessage(TYPE.tensor, writeType, null), null);
}

function writeShape(pbf: PbfWriter, shape: NonNullable<OnnxValueInfo['shape']>, name: string): void {
  for (const d of shape) {
    const writeDimension = (): void => {
      if (typeof d === 'number') writeIntField(pbf, DIMENSION.value, d, `shape of ${JSON.stringify(name)}`);
      else if (d !== null) writeString(pbf, DIMENSION.param, d);
    };
    pbf.writeMessage(SHAPE.dim, writeDimension, null);
  }
}
