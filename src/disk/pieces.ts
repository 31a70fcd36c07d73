/**
 * @module disk/pieces
 *
 * Bytes in pieces that are worth a call of the system: an archive comes as many parts, most of them some dozens of bytes.
 */

/** Parts below it are gathered. */
const SMALL = 2 ** 16;
/** Largest piece. */
const LARGE = 2 ** 27;

/** The same bytes in the same order. */
export function* pieces(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  for (const part of parts) {
    if (size > 0 && size + part.length > SMALL) {
      yield Buffer.concat(held, size);
      [held, size] = [[], 0];
    }
    if (part.length <= SMALL) {
      held.push(part);
      size += part.length;
    } else for (let at = 0; at < part.length; at += LARGE) yield part.subarray(at, at + LARGE);
  }
  if (size > 0) yield Buffer.concat(held, size);
}
