/**
 * @module data/idx
 *
 * IDX, the format of the MNIST files: two zero bytes, an element type, the rank, the sizes, the elements, all
 * big-endian; gzipped or not. Source: LeCun's MNIST page, "The IDX file format". Cost: one copy.
 */
import { FimError } from '../core/errors.js';
import { sizeOf } from '../core/tensor.js';
import type { Tensor } from '../core/tensor.js';
import { shapeText } from './array-file.js';
import { decodeElements, ELEMENTS } from './elements.js';
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

/** Whether the bytes begin as an IDX file does (not gzipped). */
export function isIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && FORMATS.has(bytes[2]) && bytes[3] <= 8;
}

/**
 * Reads an IDX or IDX.gz file. Throws `idx/not-idx`, `idx/truncated`, `idx/trailing` or `deflate/damaged`.
 */
export function parseIdx(packed: Uint8Array, where: string): Tensor {
  const bytes = isGzip(packed) ? gunzip(packed, where) : packed;
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
  const shape = start > bytes.length ? [] : Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const need = start + sizeOf(shape) * ELEMENTS[format].bytes;
  if (bytes.length !== need) {
    const short = bytes.length < need;
    throw new FimError({
      code: short ? 'idx/truncated' : 'idx/trailing',
      where,
      rule: `a file of shape ${shapeText(shape)} and ${ELEMENTS[format].bytes}-byte elements takes ${need} bytes`,
      got: `${bytes.length} bytes`,
      cause: short
        ? 'the file was cut off while it was written or copied'
        : 'the file was damaged or appended to',
      next: 'download or copy the file again',
    });
  }
  const data = decodeElements(bytes.subarray(start), format, false);
  return { dtype: ELEMENTS[format].dtype, shape, data };
}
