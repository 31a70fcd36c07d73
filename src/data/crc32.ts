/**
 * @module data/crc32
 *
 * Two checksums, four bytes a step: that of zip and gzip (polynomial 0xEDB88320, reflected; RFC 1952 §8) and Castagnoli's
 * (0x82F63B78; RFC 3720 §B.4), which frames TensorBoard's events. A flipped bit in a stored array is a wrong number that
 * nothing else would notice. Cost: about 1 ns a byte.
 */
const ZIP = makeTables(0xedb88320);
const CASTAGNOLI = makeTables(0x82f63b78);

function makeTables(polynomial: number): Int32Array[] {
  const tables = [0, 1, 2, 3].map(() => new Int32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let c = byte;
    for (let bit = 0; bit < 8; bit++) c = (c >>> 1) ^ (c & 1 ? polynomial : 0);
    tables[0][byte] = c;
  }
  for (let k = 1; k < 4; k++) {
    for (let byte = 0; byte < 256; byte++) {
      const c = tables[k - 1][byte];
      tables[k][byte] = (c >>> 8) ^ tables[0][c & 255];
    }
  }
  return tables;
}

/** CRC-32 of the bytes, as an unsigned number. */
export function crc32(bytes: Uint8Array): number {
  return checksum(bytes, ZIP);
}

/** CRC-32C of the bytes, as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  return checksum(bytes, CASTAGNOLI);
}

/** CRC-32 of bytes that come in parts. */
export class Crc32 {
  private state = -1;

  /** The next bytes. */
  add(bytes: Uint8Array): void {
    this.state = advance(this.state, bytes, ZIP);
  }

  /** CRC-32 of all so far, as an unsigned number. */
  get value(): number {
    return ~this.state >>> 0;
  }
}

const checksum = (bytes: Uint8Array, tables: readonly Int32Array[]): number =>
  ~advance(-1, bytes, tables) >>> 0;

function advance(state: number, bytes: Uint8Array, [t0, t1, t2, t3]: readonly Int32Array[]): number {
  const whole = bytes.length & ~3;
  let c = state;
  let i = 0;
  for (; i < whole; i += 4) {
    c ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    c = t3[c & 255] ^ t2[(c >>> 8) & 255] ^ t1[(c >>> 16) & 255] ^ t0[c >>> 24];
  }
  for (; i < bytes.length; i++) c = (c >>> 8) ^ t0[(c ^ bytes[i]) & 255];
  return c;
}
