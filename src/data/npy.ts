/**
 * @module data/npy
 *
 * NumPy's `.npy`: one array, a header that is a Python dictionary, then the elements. Versions 1, 2 and 3 are read,
 * either byte order, C or Fortran order; version 1 is written, byte for byte as NumPy writes it. Arrays of objects
 * would need Python's pickle and are refused, as are strings, records and complex numbers.
 * Source: NumPy Enhancement Proposal 1 and `numpy.lib.format`. Cost: one copy (two for Fortran order).
 */
import { FimError } from '../core/errors.js';
import { storedTensor, type StoredTensor } from '../core/stored-tensor.js';
import { sizeOf, stridesOf } from '../core/tensor.js';
import type { DType, Tensor, TypedArray } from '../core/tensor.js';
import { shapeText } from './array-file.js';
import type { ArrayInfo } from './array-file.js';
import { type ByteSource, bytesAt, rowReader } from './byte-source.js';
import { decodeElements, ELEMENTS, encodeElements, viewElements } from './elements.js';
import type { ElementFormat } from './elements.js';

interface Header {
  /** NumPy's type word, e.g. `<f4`; for a record type, its whole list. */
  descr: string;
  fortran: boolean;
  shape: number[];
  /** Where the elements begin. */
  start: number;
}

/** Bytes that hold the header of any array but one of very long names. */
export const HEAD = (1 << 16) + 12;
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

const DESCR: Record<DType, string> = {
  float32: '<f4',
  float64: '<f8',
  int64: '<i8',
  int32: '<i4',
  uint8: '|u1',
  int8: '|i1',
  bool: '|b1',
};

/**
 * Reads an array. `where` names it in errors (a path, or `data.npz: array x`).
 * Throws `npy/not-npy`, `npy/version`, `npy/header`, `npy/dtype`, `npy/truncated` or `npy/trailing`.
 */
export function parseNpy(bytes: Uint8Array, where: string): Tensor {
  const header = parseHeader(bytes, where);
  const format = formatOf(header.descr);
  if (format === null) throw unsupported(header, where);
  requireLength(header, format, bytes.length, where);
  const little = header.descr[0] !== '>';
  const data = decodeElements(bytes.subarray(header.start), format, little);
  const dtype = ELEMENTS[format].dtype;
  return {
    dtype,
    shape: header.shape,
    data: header.fortran ? fromFortran(data, header.shape) : data,
  };
}

/**
 * The array of a source as rows that are read when they are visited; null where rows are not runs of bytes (Fortran order).
 * Throws `npy/not-npy`, `npy/version`, `npy/header`, `npy/dtype`, `npy/truncated` or `npy/trailing`.
 */
export function storedNpy(source: ByteSource, where: string): StoredTensor | null {
  const header = parseHeader(headOf(source), where);
  const { shape, start, descr } = header;
  const format = formatOf(descr);
  if (format === null) throw unsupported(header, where);
  requireLength(header, format, source.size, where);
  if (shape.length === 0 || (header.fortran && shape.length > 1)) return null;
  const width = sizeOf(shape.slice(1)) * ELEMENTS[format].bytes;
  const little = descr[0] !== '>';
  const rows = rowReader(source, start, width);
  return storedTensor({
    dtype: ELEMENTS[format].dtype,
    shape,
    where,
    rows: (indices) => viewElements(rows(indices), format, little),
  });
}

/** Shape and type of the array of a source, of which only the header is read. Throws like `parseNpy`. */
export const describeStored = (source: ByteSource, name: string, where: string): ArrayInfo =>
  describeNpy(headOf(source), name, where);

/** The first bytes, the whole header among them. */
function headOf(source: ByteSource): Uint8Array {
  const head = bytesAt(source, 0, Math.min(source.size, HEAD));
  if (head.length < 12 || head[6] === 1) return head;
  const length = 12 + new DataView(head.buffer, head.byteOffset).getUint32(8, true);
  return length <= head.length ? head : bytesAt(source, 0, Math.min(source.size, length));
}

/** Throws `npy/truncated` or `npy/trailing` unless the elements fill a file of `size` bytes. */
function requireLength(header: Header, format: ElementFormat, size: number, where: string): void {
  const need = sizeOf(header.shape) * ELEMENTS[format].bytes;
  const have = size - header.start;
  if (have === need) return;
  const short = have < need;
  throw new FimError({
    code: short ? 'npy/truncated' : 'npy/trailing',
    where,
    rule: `an array of shape ${shapeText(header.shape)} and type ${header.descr} takes ${need} bytes`,
    got: `${have} bytes`,
    cause: short
      ? 'the file was cut off while it was written or copied'
      : 'several arrays were saved into one file',
    next: short ? 'write or copy the file again' : "save several arrays with np.savez('data.npz', x=x, y=y)",
  });
}

/** What the header says, for arrays whose elements are read elsewhere. Throws like `parseNpy`. */
export function npyLayout(bytes: Uint8Array, where: string): Readonly<Header> {
  return parseHeader(bytes, where);
}

/** Shape and type of an array from its first bytes; the elements need not be there. Throws like `parseNpy`. */
export function describeNpy(bytes: Uint8Array, name: string, where: string): ArrayInfo {
  const header = parseHeader(bytes, where);
  const format = formatOf(header.descr);
  return {
    name,
    shape: header.shape,
    dtype: format === null ? wordOf(header.descr) : ELEMENTS[format].dtype,
  };
}

/** A tensor as the bytes of a version 1.0 `.npy` file, C order, little-endian. */
export function formatNpy(t: Tensor): Uint8Array<ArrayBuffer> {
  const [head, elements] = npyParts(t);
  const bytes = new Uint8Array(head.length + elements.length);
  bytes.set(head);
  bytes.set(elements, head.length);
  return bytes;
}

/** The same as its head and its elements, where they lie if the machine has their order. */
export function npyParts(t: Tensor): [Uint8Array, Uint8Array] {
  const shape = t.shape.length === 1 ? `(${t.shape[0]},)` : `(${t.shape.join(', ')})`;
  const text = `{'descr': '${DESCR[t.dtype]}', 'fortran_order': False, 'shape': ${shape}, }`;
  // NumPy leaves room for the first axis to grow to 21 digits, then pads to the next multiple of 64 bytes.
  const room = t.shape.length === 0 ? 0 : 21 - String(t.shape[0]).length;
  const start = (Math.floor((10 + text.length + room + 1) / 64) + 1) * 64;
  const head = new Uint8Array(start);
  head.set(MAGIC);
  head.set([1, 0, (start - 10) & 0xff, (start - 10) >> 8], 6);
  head.fill(0x20, 10, start - 1);
  for (let i = 0; i < text.length; i++) head[10 + i] = text.charCodeAt(i);
  head[start - 1] = 0x0a;
  return [head, encodeElements(t)];
}

function parseHeader(bytes: Uint8Array, where: string): Header {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new FimError({
      code: 'npy/not-npy',
      where,
      rule: 'an .npy file begins with the bytes \\x93NUMPY',
      got: bytes.length < 10 ? `${bytes.length} bytes` : `${hex(bytes.subarray(0, 6))}`,
      next: "write it with np.save('x.npy', x)",
    });
  }
  const version = bytes[6];
  if (version < 1 || version > 3) {
    throw new FimError({
      code: 'npy/version',
      where,
      rule: 'versions 1, 2 and 3 of the .npy format are read',
      got: `version ${version}.${bytes[7]}`,
      next: "write it with np.save('x.npy', x)",
    });
  }
  const wide = version > 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = wide ? 12 : 10;
  const length = bytes.length < begin ? Infinity : wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (begin + length > bytes.length) {
    throw new FimError({
      code: 'npy/truncated',
      where,
      rule: 'the header must be complete',
      got: `${bytes.length} bytes, the header ends inside or beyond them`,
      cause: 'the file was cut off while it was written or copied',
      next: 'write or copy the file again',
    });
  }
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(
    bytes.subarray(begin, begin + length),
  );
  const parsed = parseDictionary(text);
  if (parsed === null) {
    throw new FimError({
      code: 'npy/header',
      where,
      rule: "the header must be a dictionary of 'descr', 'fortran_order' and 'shape'",
      got: JSON.stringify(text.trim().slice(0, 120)),
      cause: 'the file is damaged, or another program wrote it',
      next: "write it with np.save('x.npy', x)",
    });
  }
  return { ...parsed, start: begin + length };
}

/** The three entries of NumPy's header, or null. `descr` is a quoted word or a bracketed list. */
function parseDictionary(text: string): Omit<Header, 'start'> | null {
  const descr = /['"]descr['"]\s*:\s*(?:(['"])(.*?)\1|(\[.*\]))/s.exec(text);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)\b/.exec(text);
  const shape = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(text);
  if (!descr || !order || !shape) return null;
  const sizes = shape[1].split(',').map((word) => word.trim().replace(/L$/, ''));
  if (sizes[sizes.length - 1] === '') sizes.pop();
  if (!sizes.every((word) => /^\d+$/.test(word))) return null;
  const numbers = sizes.map(Number);
  if (!Number.isSafeInteger(sizeOf(numbers) * 16)) return null;
  return { descr: descr[2] ?? descr[3], fortran: order[1] === 'True', shape: numbers };
}

function formatOf(descr: string): ElementFormat | null {
  const match = /^[<>|=]?([fiub])(\d+)$/.exec(descr);
  if (match === null) return null;
  const format = match[1] + match[2];
  return format in ELEMENTS ? (format as ElementFormat) : null;
}

/** NumPy's type word in plain language. */
function wordOf(descr: string): string {
  const kind = /^[<>|=]?([a-zA-Z])/.exec(descr)?.[1] ?? '[';
  const words: Record<string, string> = {
    O: 'object',
    U: 'string',
    S: 'bytes',
    c: 'complex',
    V: 'void',
    M: 'datetime',
    m: 'timedelta',
    '[': 'record',
  };
  if (descr.endsWith('u8')) return 'uint64';
  return words[kind] ?? descr;
}

function unsupported(header: Header, where: string): FimError {
  const word = wordOf(header.descr);
  const causes: Record<string, string> = {
    object: 'rows of different lengths, or Python objects, were put into one array',
    string: 'names were saved instead of numbers',
    bytes: 'names were saved instead of numbers',
  };
  const cause = causes[word];
  const strings = word === 'string' || word === 'bytes';
  return new FimError({
    code: 'npy/dtype',
    where,
    rule: 'arrays of float16, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32 and bool are read',
    got: `an array of type ${word} (${header.descr}), shape ${shapeText(header.shape)}`,
    ...(cause === undefined ? {} : { cause }),
    next: strings
      ? "name the classes in the order of the outputs: `classes: ['a', 'b', 'c']`; or save their indices: classes, y = np.unique(names, return_inverse=True)"
      : `convert it before saving: a.astype(${word === 'uint64' ? 'np.int64' : 'np.float32'})`,
  });
}

/** Fortran order (first index fastest) to row-major. */
function fromFortran(data: TypedArray, shape: readonly number[]): TypedArray {
  if (shape.length < 2) return data;
  const out = data.slice();
  const strides = stridesOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  let to = 0;
  for (let from = 0; from < data.length; from++) {
    out[to] = data[from];
    for (let axis = 0; axis < shape.length; axis++) {
      to += strides[axis];
      if (++index[axis] < shape[axis]) break;
      to -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

function hex(bytes: Uint8Array): string {
  return `the bytes ${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}
