/**
 * @module graph/onnx/cut/front
 *
 * The part of a file before named values, as a file of its own: the file's own fields, byte for byte, with the values as its outputs and
 * without the nodes, inputs and tensors that they do not need. Nothing is interpreted, so that an operator, an element type or a domain that
 * is not covered stays what it is. Tensor data beside the file are taken into it. Source: onnx/onnx, onnx.proto and docs/ExternalData.md.
 */
import { PbfWriter } from 'pbf';
import { FimError } from '../../../core/errors.js';
import { externalBytes, type ExternalFiles } from '../proto/external.js';
import { readEntry } from '../proto/read-tensor.js';
import {
  formatOfCode,
  GRAPH,
  MODEL,
  NODE,
  rawBytes,
  TENSOR,
  VALUE_INFO,
  ATTRIBUTE,
} from '../proto/schema.js';
import { appendInts, eachField, openWire, readInt, readMessage, readText, type Wire } from '../proto/wire.js';

/** A field of the file's graph. */
interface Part {
  readonly tag: number;
  /** The field with its key. */
  readonly whole: Uint8Array;
  /** The message in it. */
  readonly body: Uint8Array;
  /** Names that it makes or declares. */
  readonly makes: readonly string[];
  /** Names that it reads. */
  readonly reads: readonly string[];
}

/** A file as fields, its graph taken apart. */
export interface Parts {
  readonly file: string;
  /** Fields before, beside and behind the graph. */
  readonly model: readonly Uint8Array[];
  readonly graph: readonly Part[];
}

/** What one field is: its key and value, from the end of the field before it. */
function fieldsOf(
  w: Wire,
  end: number,
  message: string,
  read: (tag: number, whole: Uint8Array) => void,
): void {
  let start = w.pbf.pos;
  eachField(w, message, end, (tag) => {
    const { stop } = w;
    read(tag, w.pbf.buf.subarray(start, stop));
    start = stop;
  });
}

/** Takes a file apart. Throws `onnx/malformed`, `onnx/truncated`, `onnx/nesting`. */
export function partsOf(bytes: Uint8Array, file: string): Parts {
  const model: Uint8Array[] = [];
  const graph: Part[] = [];
  const w = openWire(bytes, file);
  fieldsOf(w, bytes.length, 'ModelProto', (tag, whole) => {
    if (tag !== MODEL.graph) {
      model.push(whole);
      return;
    }
    fieldsOf(w, w.stop, 'GraphProto', (inner, field) => {
      const body = w.pbf.buf.subarray(w.pbf.pos, w.stop);
      graph.push({ tag: inner, whole: field, body, ...wiresOf(inner, body, file) });
    });
  });
  return { file, model, graph };
}

function wiresOf(tag: number, body: Uint8Array, file: string): Pick<Part, 'makes' | 'reads'> {
  switch (tag) {
    case GRAPH.node:
      return nodeWires(openWire(body, file), body.length);
    case GRAPH.initializer:
      return { makes: [nameIn(body, TENSOR.name, file)], reads: [] };
    case GRAPH.input:
    case GRAPH.output:
    case GRAPH.valueInfo:
      return { makes: [nameIn(body, VALUE_INFO.name, file)], reads: [] };
    default:
      return { makes: [], reads: [] };
  }
}

function nameIn(body: Uint8Array, field: number, file: string): string {
  let name = '';
  const w = openWire(body, file);
  eachField(w, 'a named message', body.length, (tag) => {
    if (tag === field) name = readText(w);
  });
  return name;
}

/** Names of a node; whatever its bodies read and do not make is read by it. */
function nodeWires(w: Wire, end: number): Pick<Part, 'makes' | 'reads'> {
  const makes: string[] = [];
  const reads: string[] = [];
  eachField(w, 'NodeProto', end, (tag) => {
    if (tag === NODE.input) reads.push(readText(w));
    else if (tag === NODE.output) makes.push(readText(w));
    else if (tag === NODE.attribute)
      readMessage(w, 'AttributeProto', (inner) => {
        if (inner === ATTRIBUTE.g || inner === ATTRIBUTE.graphs) reads.push(...takenByBody(w));
      });
  });
  return { makes: makes.filter(Boolean), reads: reads.filter(Boolean) };
}

function takenByBody(w: Wire): string[] {
  const own = new Set<string>();
  const reads: string[] = [];
  const named = (field: number): string => {
    let name = '';
    readMessage(w, 'a named message', (tag) => {
      if (tag === field) name = readText(w);
    });
    return name;
  };
  readMessage(w, 'GraphProto', (tag) => {
    if (tag === GRAPH.node) {
      const { makes, reads: read } = nodeWires(w, w.stop);
      for (const name of makes) own.add(name);
      reads.push(...read);
    } else if (tag === GRAPH.initializer) own.add(named(TENSOR.name));
    else if (tag === GRAPH.input) own.add(named(VALUE_INFO.name));
    else if (tag === GRAPH.output) reads.push(named(VALUE_INFO.name));
  });
  return reads.filter((name) => !own.has(name));
}

/** Names that nodes of the graph itself make: those that a file may be cut at. */
export const valuesOf = ({ graph }: Parts): string[] =>
  graph.flatMap(({ tag, makes }) => (tag === GRAPH.node ? makes : []));

/** The part of a file before values. */
export interface FrontFile {
  /** An ONNX file with the values as its outputs. */
  readonly bytes: Uint8Array;
  /** Names that it holds: its inputs and initialisers among them. */
  readonly names: ReadonlySet<string>;
}

/** The part before `values`. Throws `onnx/external-…`, `onnx/too-large`. */
export function frontFile(
  { file, model, graph }: Parts,
  values: readonly string[],
  external?: ExternalFiles,
): FrontFile {
  const names = namesBefore(graph, values);
  const kept = graph.filter(({ tag, makes }) => {
    if (tag === GRAPH.output || tag === GRAPH.quantizationAnnotation) return false;
    if (tag === GRAPH.valueInfo) return names.has(makes[0]) && !values.includes(makes[0]);
    return makes.length === 0 || makes.some((name) => names.has(name));
  });
  const known = new Map(
    graph
      .filter(({ tag }) => tag === GRAPH.valueInfo || tag === GRAPH.output)
      .map((p) => [p.makes[0], p.body]),
  );
  const inner = new PbfWriter();
  const chunks = [
    ...kept.map((part) => (part.tag === GRAPH.initializer ? taken(part, file, external) : part.whole)),
    ...values.map((name) => field(GRAPH.output, known.get(name) ?? field(VALUE_INFO.name, utf8(name)))),
  ];
  const length = chunks.reduce((sum, c) => sum + c.length, 0);
  if (length > 2 ** 31 - 2 ** 16) throw tooLarge(file, values, length);
  inner.writeTag(MODEL.graph, 2);
  inner.writeVarint(length);
  return { bytes: joined([...model, inner.finish().slice(), ...chunks]), names };
}

function namesBefore(graph: readonly Part[], values: readonly string[]): Set<string> {
  const makers = new Map(
    graph.flatMap((p) => (p.tag === GRAPH.node ? p.makes.map((name) => [name, p] as const) : [])),
  );
  const names = new Set<string>();
  const open = [...values];
  while (open.length > 0) {
    const name = open.pop()!;
    if (names.has(name)) continue;
    names.add(name);
    open.push(...(makers.get(name)?.reads ?? []));
  }
  return names;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A length-delimited field. */
function field(tag: number, body: Uint8Array): Uint8Array {
  const w = new PbfWriter();
  w.writeBytesField(tag, body);
  return w.finish().slice();
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, c) => sum + c.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** An initialiser; one whose data lie beside the file holds them itself. */
function taken({ whole, body, makes }: Part, file: string, external?: ExternalFiles): Uint8Array {
  const entries = new Map<string, string>();
  const dims: number[] = [];
  const rest: Uint8Array[] = [];
  let code = 0;
  let isExternal = false;
  const w = openWire(body, file);
  fieldsOf(w, body.length, 'TensorProto', (tag, one) => {
    if (tag === TENSOR.dims) appendInts(w, dims);
    if (tag === TENSOR.dataType) code = readInt(w);
    if (tag === TENSOR.externalData) entries.set(...readEntry(w));
    else if (tag === TENSOR.dataLocation) isExternal = readInt(w) === 1;
    else rest.push(one);
  });
  if (!isExternal) return whole;
  const format = formatOfCode(code);
  const size = format
    ? rawBytes(
        format,
        dims.reduce((p, d) => p * d, 1),
      )
    : Number(entries.get('length') ?? 0);
  const data = externalBytes(entries, size, `${file}, initialiser "${makes[0]}"`, external);
  return field(GRAPH.initializer, joined([...rest, field(TENSOR.rawData, data)]));
}

function tooLarge(file: string, values: readonly string[], length: number): FimError {
  return new FimError({
    code: 'onnx/too-large',
    where: `${file}, the part before ${values.map((v) => JSON.stringify(v)).join(', ')}`,
    rule: 'a protobuf file holds less than 2 GiB',
    got: `${length} bytes`,
  });
}
