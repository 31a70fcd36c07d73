/**
 * @module data/safetensors
 *
 * Safetensors: eight bytes of header length, a JSON header, the elements. The header is checked against the file in
 * every point (known types, sizes that fit the shapes, no overlap, no hole), because a wrong offset is a wrong number.
 * fim's own results carry their manifest as JSON in the metadata entry `manifest`.
 * Source: the safetensors format, version 0.4. Cost: one copy, or none of what is read by rows.
 */
import { FimError } from '../core/errors.js';
import { parseJson } from '../core/json.js';
import { storedTensor } from '../core/stored-tensor.js';
import { bytesOf, sizeOf } from '../core/tensor.js';
import type { DType, Tensor } from '../core/tensor.js';
import { missingArray, shapeText } from './array-file.js';
import type { ArrayFile, ArrayInfo } from './array-file.js';
import { type ByteSource, bytesAt, inMemory, rowReader } from './byte-source.js';
import { decodeElements, ELEMENTS, encodeElements, viewElements } from './elements.js';
import { joined } from './parts.js';
import type { ElementFormat } from './elements.js';
import { parseManifest } from './manifest.js';
import type { Manifest } from './manifest.js';

/** Longest header that the format allows. */
const LONGEST_HEADER = 100_000_000;

const FORMATS: ReadonlyMap<string, ElementFormat> = new Map([
  ['F64', 'f8'],
  ['F32', 'f4'],
  ['F16', 'f2'],
  ['BF16', 'bf2'],
  ['I64', 'i8'],
  ['I32', 'i4'],
  ['I16', 'i2'],
  ['I8', 'i1'],
  ['U32', 'u4'],
  ['U16', 'u2'],
  ['U8', 'u1'],
  ['BOOL', 'b1'],
]);

const WORDS: Record<DType, string> = {
  float64: 'F64',
  float32: 'F32',
  int64: 'I64',
  int32: 'I32',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};

interface Entry {
  word: string;
  shape: number[];
  begin: number;
  end: number;
}

/** A safetensors file, its free-form metadata included. */
export interface SafetensorsFile extends ArrayFile {
  /** The header's `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Opens a file: its bytes, or a source whose arrays are read by rows. Throws `safetensors/truncated`, `safetensors/header`, `safetensors/entry`, `safetensors/offsets` here,
 * `safetensors/dtype` and `arrays/missing` from `get`.
 * @throws FimError with `data/memory`, `manifest/json`
 */
export function openSafetensors(bytes: Uint8Array | ByteSource, where: string): SafetensorsFile {
  const byRows = !(bytes instanceof Uint8Array);
  const source = byRows ? bytes : inMemory(bytes);
  const { header, start } = parseHeader(source, where);
  const metadata = parseMetadata(header.__metadata__, where);
  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') entries.set(name, parseEntry(value, `${where}: array ${name}`));
  }
  checkCoverage(entries, source.size - start, where);
  const names = [...entries.keys()];
  const entryOf = (name: string): Entry => {
    const entry = entries.get(name);
    if (entry === undefined) throw missingArray(file, name);
    return entry;
  };
  const file: SafetensorsFile = {
    where,
    names,
    metadata,
    describe: (name): ArrayInfo => {
      const { word, shape } = entryOf(name);
      const format = FORMATS.get(word);
      return { name, shape, dtype: format === undefined ? word : ELEMENTS[format].dtype };
    },
    get: (name): Tensor => {
      const { word, shape, begin, end } = entryOf(name);
      const format = FORMATS.get(word);
      if (format === undefined) {
        throw new FimError({
          code: 'safetensors/dtype',
          where: `${where}: array ${name}`,
          rule: `arrays of ${[...FORMATS.keys()].join(', ')} are read`,
          got: `an array of type ${word}, shape ${shapeText(shape)}`,
          next: 'convert it before saving: tensor.to(torch.float32)',
        });
      }
      if (byRows && shape.length > 0) {
        return storedRows(source, start + begin, shape, format, `${where}: array ${name}`);
      }
      const data = decodeElements(bytesAt(source, start + begin, end - begin), format, true);
      return { dtype: ELEMENTS[format].dtype, shape, data };
    },
    manifest: (): Manifest | null =>
      metadata.manifest === undefined
        ? null
        : parseManifest(metadata.manifest, `${where}: metadata manifest`),
  };
  return file;
}

/**
 * The bytes of a file of these arrays: widest element type first, then by name, as the reference implementation lays
 * them out, so that every array is aligned and the same input gives the same bytes. Throws `safetensors/name`.
 */
export function formatSafetensors(
  arrays: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
  where = 'safetensors',
): Uint8Array<ArrayBuffer> {
  return joined(safetensorsParts(arrays, metadata, where));
}

/** The same in parts, one after the other, of which those that are elements of arrays are where they lie. Throws `safetensors/name`. */
export function safetensorsParts(
  arrays: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
  where: string,
): Uint8Array[] {
  const sorted = [...arrays].sort(
    ([a, t], [b, u]) => bytesOf(u.dtype) - bytesOf(t.dtype) || (a < b ? -1 : a > b ? 1 : 0),
  );
  // Entries instead of an object: a name like "1" must keep its place.
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) fields.push(`"__metadata__":${JSON.stringify(metadata)}`);
  let offset = 0;
  for (const [name, t] of sorted) {
    if (name === '__metadata__') {
      throw new FimError({
        code: 'safetensors/name',
        where,
        rule: 'an array cannot be named __metadata__',
        next: 'rename it',
      });
    }
    const end = offset + t.data.byteLength;
    const entry = { dtype: WORDS[t.dtype], shape: t.shape, data_offsets: [offset, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset = end;
  }
  const text = new TextEncoder().encode(`{${fields.join(',')}}`);
  const length = Math.ceil(text.length / 8) * 8;
  const head = new Uint8Array(8 + length);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.fill(0x20, 8);
  head.set(text, 8);
  return [head, ...sorted.map(([, t]) => encodeElements(t))];
}

/** An array whose rows are read where they lie. */
function storedRows(
  source: ByteSource,
  start: number,
  shape: readonly number[],
  format: ElementFormat,
  where: string,
): Tensor {
  const { dtype, bytes } = ELEMENTS[format];
  const read = rowReader(source, start, sizeOf(shape.slice(1)) * bytes);
  return storedTensor({ dtype, shape, where, rows: (indices) => viewElements(read(indices), format, true) });
}

function parseHeader(source: ByteSource, where: string): { header: Record<string, unknown>; start: number } {
  const { size } = source;
  const first = bytesAt(source, 0, Math.min(8, size));
  const length =
    size < 8 ? Infinity : Number(new DataView(first.buffer, first.byteOffset).getBigUint64(0, true));
  if (length > LONGEST_HEADER && size >= 8) {
    throw bad('header', where, 'the first eight bytes are the length of a header', `${length}`);
  }
  if (8 + length > size) {
    throw bad('truncated', where, 'the header must be complete', `${size} bytes in all`);
  }
  const text = new TextDecoder().decode(bytesAt(source, 8, length));
  let header: unknown;
  try {
    header = parseJson(text);
  } catch {
    header = null;
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw bad('header', where, 'the header must be a JSON object', JSON.stringify(text.slice(0, 80)));
  }
  return { header: header as Record<string, unknown>, start: 8 + length };
}

function parseMetadata(value: unknown, where: string): Record<string, string> {
  if (value === undefined) return {};
  const strings =
    typeof value === 'object' && value !== null && Object.values(value).every((v) => typeof v === 'string');
  if (!strings) throw bad('header', where, '__metadata__ must map names to strings', JSON.stringify(value));
  return value as Record<string, string>;
}

function parseEntry(value: unknown, where: string): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const whole = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;
  if (
    typeof dtype !== 'string' ||
    !isArrayOf(shape, whole) ||
    !isArrayOf(offsets, whole) ||
    offsets.length !== 2
  ) {
    throw bad('entry', where, 'an entry has dtype, shape and data_offsets', JSON.stringify(value));
  }
  const [begin, end] = offsets;
  const format = FORMATS.get(dtype);
  const need = format === undefined ? end - begin : sizeOf(shape) * ELEMENTS[format].bytes;
  if (end < begin || end - begin !== need) {
    const got = `offsets ${begin} to ${end}`;
    throw bad('offsets', where, `${dtype} of shape ${shapeText(shape)} takes ${need} bytes`, got);
  }
  return { word: dtype, shape, begin, end };
}

function isArrayOf<T>(value: unknown, test: (v: unknown) => v is T): value is T[] {
  return Array.isArray(value) && value.every(test);
}

/** The arrays must tile the bytes after the header: no hole, no overlap, nothing left. */
function checkCoverage(entries: ReadonlyMap<string, Entry>, size: number, where: string): void {
  let at = 0;
  for (const [name, { begin, end }] of [...entries].sort(
    ([, a], [, b]) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== at) {
      const rule = 'the arrays must lie one after another, without hole or overlap';
      throw bad('offsets', `${where}: array ${name}`, rule, `offset ${begin} where ${at} is due`);
    }
    at = end;
  }
  if (at > size)
    throw bad('truncated', where, `the arrays take ${at} bytes after the header`, `${size} bytes`);
  if (at < size) throw bad('offsets', where, `the arrays take ${at} bytes after the header`, `${size} bytes`);
}

function bad(code: string, where: string, rule: string, got: string): FimError {
  return new FimError({
    code: `safetensors/${code}`,
    where,
    rule,
    got,
    cause:
      code === 'truncated'
        ? 'the file was cut off while it was written or copied'
        : 'the file is damaged, or not safetensors',
    next:
      code === 'truncated'
        ? 'write or copy the file again'
        : "write it with safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')",
  });
}
