/**
 * @module data/inflate
 *
 * Deflated bytes to plain ones, with the two checks that a decompressor leaves to its caller: a size that the
 * compressed bytes could really hold, before memory is taken for it, and the checksum after.
 */
import { gunzipSync, inflateSync } from 'fflate';
import { FimError } from '../core/errors.js';
import { crc32 } from './crc32.js';

/** Deflate stores at most 1032 bytes in one (RFC 1951: a length-258 match in two bits). */
const LARGEST_RATIO = 1032;

/** Inflates raw deflate data of known size and checksum. Throws `deflate/damaged`. */
export function inflate(bytes: Uint8Array, size: number, crc: number, where: string): Uint8Array {
  return checked(bytes, size, crc, where, (out) => inflateSync(bytes, { out }));
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
