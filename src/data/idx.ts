/**
 * @module data/idx
 *
 * IDX, the format of the MNIST files: two zero bytes, an element type, the rank, the sizes, the elements, all
 * big-endian; gzipped or not. Source: LeCun's MNIST page, "The IDX file format". Cost: one copy.
 */
import { FimError } from '../core/errors.js';
import { storedTensor } from '../core/stored-tensor.js';
import { sizeOf } from '../core/tensor.js';
import type { Tensor } from '../core/tensor.js';
import { shapeText } from './array-file.js';
import { type ByteSource, bytesAt, rowReader } from './byte-source.js';
import { decodeElements, ELEMENTS, viewElements } from './elements.js';
import type { ElementFormat } from './elements.js';
import { gunzip, isGzip } from './inflate.js';

const FORMATS: ReadonlyMap<number, ElementFormat> = new Map([
  [0x08, 'u1'],
  [0x09, 'i1'],
  [0x0b, 'i2'],
  [0x0c, 'i4'],
  [0x0d, 'f4'],
  [0x0e, 'f8'],
]);

/** Bytes of the longest head: eight axes. */
const LONGEST_HEAD = 4 + 4 * 8;

/** Whether the bytes begin as an IDX file does (not gzipped). */
export function isIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && FORMATS.has(bytes[2]) && bytes[3] <= 8;
}

/** Where the elements of a file lie and what they are. */
interface Layout {
  readonly format: ElementFormat;
  readonly shape: readonly number[];
  readonly start: number;
}

/**
 * Reads an IDX or IDX.gz file. Throws `idx/not-idx`, `idx/truncated`, `idx/trailing` or `deflate/damaged`.
 */
export function parseIdx(packed: Uint8Array, where: string): Tensor {
  const bytes = isGzip(packed) ? gunzip(packed, where) : packed;
  const { format, shape, start } = layoutOf(bytes, bytes.length, where);
  return { dtype: ELEMENTS[format].dtype, shape, data: decodeElements(bytes.subarray(start), format, false) };
}

/** The array of a source as rows that are read when they are visited; null where it is gzipped. Throws like `parseIdx`. */
export function storedIdx(source: ByteSource, where: string): Tensor | null {
  const head = bytesAt(source, 0, Math.min(source.size, LONGEST_HEAD));
  if (isGzip(head)) return null;
  const { format, shape, start } = layoutOf(head, source.size, where);
  if (shape.length === 0) return null;
  const { dtype, bytes } = ELEMENTS[format];
  const read = rowReader(source, start, sizeOf(shape.slice(1)) * bytes);
  return storedTensor({ dtype, shape, where, rows: (indices) => viewElements(read(indices), format, false) });
}

/** Reads the head of a file of `size` bytes. */
function layoutOf(bytes: Uint8Array, size: number, where: string): Layout {
  if (!isIdx(bytes)) {
    throw new FimError({
      code: 'idx/not-idx',
      where,
      rule: 'an IDX file begins with two zero bytes, an element type and the number of axes',
      got: `the bytes ${Array.from(bytes.subarray(0, 4), (b) => b.toString(16).padStart(2, '0')).join(' ')}`,
      cause: 'another format under this name, or a download that saved a page instead of the file',
      next: 'download the file again, e.g. train-images-idx3-ubyte.gz',
    });
  }
  const format = FORMATS.get(bytes[2]) as ElementFormat;
  const rank = bytes[3];
  const start = 4 + 4 * rank;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = start > size ? [] : Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const need = start + sizeOf(shape) * ELEMENTS[format].bytes;
  if (size !== need) {
    const short = size < need;
    throw new FimError({
      code: short ? 'idx/truncated' : 'idx/trailing',
      where,
      rule: `a file of shape ${shapeText(shape)} and ${ELEMENTS[format].bytes}-byte elements takes ${need} bytes`,
      got: `${size} bytes`,
      cause: short
        ? 'the file was cut off while it was written or copied'
        : 'the file was damaged or appended to',
      next: 'download or copy the file again',
    });
  }
  return { format, shape, start };
}
