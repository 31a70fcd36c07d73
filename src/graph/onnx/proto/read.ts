/**
 * @module graph/onnx/proto/read
 *
 * ONNX bytes to plain objects. Any byte string ends in an `OnnxModel` or in one `FimError` with a code `onnx/…`, never in another
 * error, and memory stays in proportion to the input. Cost: one pass; tensor data is copied once.
 * Functions of the file are inlined. Refused: sparse tensors, IR versions before 3 (no opsets) and after the newest known one.
 * Left out and noted in `notes`: training information, quantisation annotations, device configurations.
 * Source: onnx/onnx, onnx.proto and docs/IR.md.
 */
import { FimError } from '../../../core/errors.js';
import type { ExternalFiles } from './external.js';
import { inlineFunctions, type OnnxFunction } from './functions.js';
import { readFunction, readOpset } from './read-function.js';
import { readGraph } from './read-graph.js';
import { readEntry, type Source } from './read-tensor.js';
import { IR_NEWEST, IR_OLDEST, MODEL } from './schema.js';
import { EXPORT_CALL, notOnnx, refuseForeign } from './sniff.js';
import type { OnnxGraph, OnnxModel, OnnxOpset } from './types.js';
import { eachField, malformed, openWire, readInt, readText } from './wire.js';

export interface DecodeOptions {
  /** Gives the bytes of a data file named relative to the model's folder; asked once for each file. */
  readonly external?: ExternalFiles;
  /** The file's name in messages. Default `ONNX model`. */
  readonly file?: string;
}

/**
 * Decodes a ModelProto.
 *
 * Throws `onnx/empty`, `onnx/not-onnx` (another kind of file), `onnx/truncated`, `onnx/malformed`, `onnx/nesting`,
 * `onnx/ir-version`, `onnx/no-opset`, `onnx/functions`, `onnx/sparse`, `onnx/attribute`, `onnx/data-type`,
 * `onnx/tensor-size`, `onnx/external-path`, `onnx/external-missing`, `onnx/external-range`.
 */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): OnnxModel {
  const file = options.file ?? 'ONNX model';
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  refuseForeign(view, file);
  const s: Source = { ...openWire(view, file), external: once(options.external), notes: new Set() };
  return readModel(s, view.length);
}

/** Asks for each file once, however many tensors it holds. */
function once(files: ExternalFiles | undefined): ExternalFiles | undefined {
  if (!files) return undefined;
  const held = new Map<string, Uint8Array>();
  return (location) => {
    const bytes = held.get(location) ?? files(location);
    held.set(location, bytes);
    return bytes;
  };
}

function readModel(s: Source, length: number): OnnxModel {
  let irVersion = 0;
  let producerName = '';
  let producerVersion = '';
  let graph = null as OnnxGraph | null;
  const optional: { domain?: string; modelVersion?: number; docString?: string; notes?: string[] } = {};
  const opsets: OnnxOpset[] = [];
  const functions: OnnxFunction[] = [];
  const metadata = new Map<string, string>();
  const readers: Readonly<Record<number, () => void>> = {
    [MODEL.irVersion]: () => checkIrVersion((irVersion = readInt(s)), s.file),
    [MODEL.producerName]: () => (producerName = readText(s)),
    [MODEL.producerVersion]: () => (producerVersion = readText(s)),
    [MODEL.domain]: () => (optional.domain = readText(s)),
    [MODEL.modelVersion]: () => (optional.modelVersion = readInt(s)),
    [MODEL.docString]: () => (optional.docString = readText(s)),
    [MODEL.graph]: () => {
      if (graph) throw malformed(s, 'a model has one graph', 'a second one');
      graph = readGraph(s);
    },
    [MODEL.opsetImport]: () => opsets.push(readOpset(s)),
    [MODEL.metadataProps]: () => metadata.set(...readEntry(s)),
    [MODEL.functions]: () => functions.push(readFunction(s)),
    [MODEL.trainingInfo]: () => s.notes.add('training information was left out'),
    [MODEL.configuration]: () => s.notes.add('device configurations were left out'),
  };
  eachField(s, 'ModelProto', length, (tag) => {
    if (Object.hasOwn(readers, tag)) readers[tag]();
  });
  if (!graph) throw notOnnx(s.file, 'no graph', `export the whole model: ${EXPORT_CALL}`);
  checkIrVersion(irVersion, s.file);
  if (opsets.length === 0) throw noOpset(s.file);
  if (s.notes.size > 0) optional.notes = [...s.notes];
  const meta = Object.fromEntries(metadata);
  const inlined = functions.length === 0 ? graph : inlineFunctions(graph, functions, opsets, s.file);
  return { irVersion, producerName, producerVersion, ...optional, opsets, metadata: meta, graph: inlined };
}

function checkIrVersion(version: number, file: string): void {
  if (version >= IR_OLDEST && version <= IR_NEWEST) return;
  const old = version < IR_OLDEST;
  throw new FimError({
    code: 'onnx/ir-version',
    kind: 'unsupported',
    where: file,
    rule: `the file format is ONNX IR version ${IR_OLDEST} to ${IR_NEWEST}`,
    got: version === 0 ? 'none' : `version ${version}`,
    cause: old ? 'a file from 2017, or no ONNX model' : 'an exporter newer than this version of fim',
    next: `export it again: ${EXPORT_CALL}`,
  });
}

function noOpset(file: string): FimError {
  return new FimError({
    code: 'onnx/no-opset',
    where: file,
    rule: 'a model says which operator set it uses (opset_import)',
    got: 'none',
    cause: 'the file is cut short at its end, or a tool left it out',
    next: 'copy or download the file again; onnx.checker.check_model shows what is missing',
  });
}
