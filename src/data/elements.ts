/**
 * @module data/elements
 *
 * Numbers as files hold them, to numbers as tensors hold them. Every codec of this floor meets the same dozen element
 * formats; narrow ones are widened to the next tensor type that keeps every value exactly
 * (half and bfloat16 → float32, 16-bit integers → int32, unsigned 32-bit → int64). Cost: one copy.
 */
import type { DType, Tensor, TypedArray } from '../core/tensor.js';

/** Element formats of files: letter for the kind, digits for the bytes; `bf2` is bfloat16. */
export type ElementFormat =
  'f2' | 'bf2' | 'f4' | 'f8' | 'i1' | 'i2' | 'i4' | 'i8' | 'u1' | 'u2' | 'u4' | 'b1';

/** Bytes of one element, and the tensor type it is read into. */
export const ELEMENTS: Record<ElementFormat, { bytes: number; dtype: DType }> = {
  f2: { bytes: 2, dtype: 'float32' },
  bf2: { bytes: 2, dtype: 'float32' },
  f4: { bytes: 4, dtype: 'float32' },
  f8: { bytes: 8, dtype: 'float64' },
  i1: { bytes: 1, dtype: 'int8' },
  i2: { bytes: 2, dtype: 'int32' },
  i4: { bytes: 4, dtype: 'int32' },
  i8: { bytes: 8, dtype: 'int64' },
  u1: { bytes: 1, dtype: 'uint8' },
  u2: { bytes: 2, dtype: 'int32' },
  u4: { bytes: 4, dtype: 'int64' },
  b1: { bytes: 1, dtype: 'bool' },
};

const HOST_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Values of `bytes` (a whole number of elements), copied into a typed array of `ELEMENTS[format].dtype`. */
export function decodeElements(bytes: Uint8Array, format: ElementFormat, littleEndian: boolean): TypedArray {
  const width = ELEMENTS[format].bytes;
  const own = new Uint8Array(bytes.length);
  own.set(bytes);
  if (width > 1 && littleEndian !== HOST_LITTLE) swapBytes(own, width);
  const buffer = own.buffer;
  switch (format) {
    case 'f2':
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case 'bf2':
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
    case 'f4':
      return new Float32Array(buffer);
    case 'f8':
      return new Float64Array(buffer);
    case 'i1':
      return new Int8Array(buffer);
    case 'i2':
      return Int32Array.from(new Int16Array(buffer));
    case 'i4':
      return new Int32Array(buffer);
    case 'i8':
      return new BigInt64Array(buffer);
    case 'u1':
      return own;
    case 'u2':
      return Int32Array.from(new Uint16Array(buffer));
    case 'u4':
      return BigInt64Array.from(Array.from(new Uint32Array(buffer), BigInt));
    case 'b1':
      return own.map((byte) => (byte === 0 ? 0 : 1));
  }
}

const AS_THEY_LIE = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  i4: Int32Array,
  i8: BigInt64Array,
  u1: Uint8Array,
} as const;

/** The same as a view of the bytes, which begin a buffer, where they need no change; else a copy. */
export function viewElements(bytes: Uint8Array, format: ElementFormat, littleEndian: boolean): TypedArray {
  const { bytes: width } = ELEMENTS[format];
  if (!(format in AS_THEY_LIE) || (width > 1 && littleEndian !== HOST_LITTLE))
    return decodeElements(bytes, format, littleEndian);
  const View = AS_THEY_LIE[format as keyof typeof AS_THEY_LIE];
  return new View(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length / width);
}

/** The elements of a tensor as little-endian bytes: a view where the host is little-endian, else a copy. */
export function encodeElements(t: Tensor): Uint8Array {
  const { data } = t;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (HOST_LITTLE || data.BYTES_PER_ELEMENT === 1) return bytes;
  const copy = bytes.slice();
  swapBytes(copy, data.BYTES_PER_ELEMENT);
  return copy;
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 mantissa bits; every value is exact in float32. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
