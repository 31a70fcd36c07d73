/**
 * @module data/inflate
 *
 * Deflated bytes to plain ones, with the two checks that a decompressor leaves to its caller: a size that the
 * compressed bytes could really hold, before memory is taken for it, and the checksum after.
 */
import { gunzipSync, Inflate, inflateSync } from 'fflate';
import { FimError } from '../core/errors.js';
import { blocksOf, type ByteSource } from './byte-source.js';
import { Crc32, crc32 } from './crc32.js';

/** Deflate stores at most 1032 bytes in one (RFC 1951: a length-258 match in two bits). */
const LARGEST_RATIO = 1032;
/** Deflated bytes that are unpacked at once. */
const PART = 1 << 14;

/** Inflates raw deflate data of known size and checksum. Throws `deflate/damaged`. */
export function inflate(bytes: Uint8Array, size: number, crc: number, where: string): Uint8Array {
  return checked(bytes, size, crc, where, (out) => inflateSync(bytes, { out }));
}

/** Where deflated bytes lie, and what they unpack to. */
export interface Deflated {
  readonly start: number;
  readonly packed: number;
  readonly plain: number;
  readonly crc: number;
}

/** Inflates raw deflate data part by part, each handed to `take`, and checks size and checksum at the end. Throws `deflate/damaged`. */
export function inflateParts(
  source: ByteSource,
  { start, packed, plain, crc }: Deflated,
  where: string,
  take: (part: Uint8Array) => void,
): void {
  const sum = new Crc32();
  let size = 0;
  const stream = new Inflate((part) => {
    size += part.length;
    if (size > plain) throw damaged(where, `more than ${plain} bytes after unpacking`);
    sum.add(part);
    take(part);
  });
  run(where, () => {
    // A small part of the input at a time: one byte may unpack to a thousand.
    for (const block of blocksOf(source, start, start + packed))
      for (let at = 0; at < block.length; at += PART) stream.push(block.slice(at, at + PART));
    stream.push(new Uint8Array(0), true);
  });
  if (size !== plain) throw damaged(where, `${size} bytes after unpacking instead of ${plain}`);
  if (sum.value !== crc) throw damaged(where, 'another checksum');
}

/** The first `length` bytes of raw deflate data, unchecked. Throws `deflate/damaged`. */
export function inflateHead(
  source: ByteSource,
  start: number,
  packed: number,
  length: number,
  where: string,
): Uint8Array {
  const head = new Uint8Array(length);
  let size = 0;
  const stream = new Inflate((part) => {
    head.set(part.subarray(0, length - size), size);
    size = Math.min(length, size + part.length);
  });
  run(where, () => {
    for (let at = 0; at < packed && size < length; at += PART) {
      const part = new Uint8Array(Math.min(PART, packed - at));
      source.read(start + at, part);
      stream.push(part, at + part.length === packed);
    }
  });
  return head.subarray(0, size);
}

/** What the decompressor throws, as our complaint. */
function run(where: string, body: () => void): void {
  try {
    body();
  } catch (error) {
    if (error instanceof FimError) throw error;
    throw damaged(where, error instanceof Error ? error.message : String(error), error);
  }
}

/** Whether the bytes begin as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Unpacks a gzip file of one member. Throws `deflate/damaged`. */
export function gunzip(bytes: Uint8Array, where: string): Uint8Array {
  // The shortest gzip file: a header of 10 bytes, an empty block of 2, and the trailer of 8.
  if (bytes.length < 20) throw damaged(where, `${bytes.length} bytes in all`);
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  return checked(bytes, trailer.getUint32(4, true), trailer.getUint32(0, true), where, (out) =>
    gunzipSync(bytes, { out }),
  );
}

function checked(
  bytes: Uint8Array,
  size: number,
  crc: number,
  where: string,
  run: (out: Uint8Array<ArrayBuffer>) => Uint8Array,
): Uint8Array {
  if (size > bytes.length * LARGEST_RATIO) {
    throw damaged(where, `${bytes.length} bytes that claim to hold ${size}`);
  }
  let plain: Uint8Array;
  try {
    plain = run(new Uint8Array(size));
  } catch (error) {
    throw damaged(where, error instanceof Error ? error.message : String(error), error);
  }
  if (plain.length !== size) throw damaged(where, `${plain.length} bytes after unpacking instead of ${size}`);
  if (crc32(plain) !== crc) throw damaged(where, 'another checksum');
  return plain;
}

function damaged(where: string, got: string, cause?: unknown): FimError {
  return new FimError(
    {
      code: 'deflate/damaged',
      where,
      rule: 'the compressed bytes must unpack to the size and checksum that the file states',
      got,
      cause: 'the file was cut off or changed while it was copied',
      next: 'copy, download or write the file again',
    },
    { cause },
  );
}
