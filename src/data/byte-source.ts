/**
 * @module data/byte-source
 *
 * Bytes by their place, wherever they lie: in memory, or in a file that is read in parts. Readers of formats take this, so that one
 * reader serves small files and those that no memory holds.
 */

/** A sequence of bytes that is read in parts. */
export interface ByteSource {
  /** How many bytes there are; beyond 2³² too. */
  readonly size: number;
  /** Fills `into` with the bytes from `offset` on, all of which must be there. */
  read(offset: number, into: Uint8Array): void;
  /** The bytes themselves where they lie in memory. */
  readonly memory?: Uint8Array;
}

/** Bytes taken at once where all of a source is gone through. */
const BLOCK = 1 << 22;

/** Bytes in memory as a source. */
export function inMemory(memory: Uint8Array): ByteSource {
  return {
    size: memory.length,
    memory,
    read: (offset, into) => into.set(memory.subarray(offset, offset + into.length)),
  };
}

/** `length` bytes from `offset` on: a view where they lie in memory, else a copy. */
export function bytesAt(source: ByteSource, offset: number, length: number): Uint8Array {
  if (source.memory) return source.memory.subarray(offset, offset + length);
  const out = new Uint8Array(length);
  source.read(offset, out);
  return out;
}

/** Part of a source as one of its own. */
export function partOf(source: ByteSource, start: number, size: number): ByteSource {
  if (source.memory) return inMemory(source.memory.subarray(start, start + size));
  return { size, read: (offset, into) => source.read(start + offset, into) };
}

/** The bytes from start to end in blocks, each valid until the next. */
export function* blocksOf(source: ByteSource, start = 0, end = source.size): Generator<Uint8Array> {
  if (source.memory) {
    yield source.memory.subarray(start, end);
    return;
  }
  const buffer = new Uint8Array(Math.min(BLOCK, end - start));
  for (let at = start; at < end; at += buffer.length) {
    const block = buffer.subarray(0, Math.min(buffer.length, end - at));
    source.read(at, block);
    yield block;
  }
}

/** Rows of `width` bytes by their indices; neighbours are read at once. What it returns is valid until the next call. */
export function rowReader(
  source: ByteSource,
  start: number,
  width: number,
): (indices: Uint32Array) => Uint8Array {
  let buffer = new Uint8Array(0);
  return (indices) => {
    const n = indices.length;
    if (buffer.length < n * width) buffer = new Uint8Array(n * width);
    for (let from = 0, to = 1; from < n; from = to++) {
      while (to < n && indices[to] === indices[to - 1] + 1) to++;
      source.read(start + indices[from] * width, buffer.subarray(from * width, to * width));
    }
    return buffer.subarray(0, n * width);
  };
}
