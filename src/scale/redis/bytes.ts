/**
 * @module scale/redis/bytes
 *
 * Bytes in Redis: in chunks of 8 MB under keys of their own, read back whole and checked by their digest. What work is known by there: the
 * names of its keys.
 */
import type { Redis } from 'ioredis';
import { sha256 } from '../../disk/files.js';

/** Bytes of a chunk. */
export const CHUNK_BYTES = 8e6;

/** Prefix of the keys that BullMQ makes. */
export const PREFIX = 'fim';

/** Digests of the folders that have a queue: a set. */
export const QUEUES = 'fim-work:queues';

/** Key of something of a folder. */
export const keyOf = (digest: string, ...rest: readonly string[]): string =>
  ['fim-work', digest, ...rest].join(':');

/** Bytes that lie in Redis. */
export interface Stored {
  /** Key of chunk k is `KEY:k`. */
  readonly key: string;
  /** How many. */
  readonly bytes: number;
  /** Their digest. */
  readonly sha256: string;
}

const chunksIn = ({ key, bytes }: Stored): string[] =>
  Array.from({ length: Math.ceil(bytes / CHUNK_BYTES) }, (_, k) => `${key}:${k}`);

/** Puts bytes there, one chunk in flight at a time. */
export async function sendBytes(redis: Redis, key: string, bytes: Uint8Array): Promise<Stored> {
  const stored = { key, bytes: bytes.length, sha256: sha256(bytes) };
  for (const [k, name] of chunksIn(stored).entries()) {
    const chunk = bytes.subarray(k * CHUNK_BYTES, (k + 1) * CHUNK_BYTES);
    await redis.set(name, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
  }
  return stored;
}

/** Reads them back; null where some are gone, or others stand there. */
export async function fetchBytes(redis: Redis, stored: Stored): Promise<Uint8Array<ArrayBuffer> | null> {
  const whole = new Uint8Array(stored.bytes);
  for (const [k, name] of chunksIn(stored).entries()) {
    const chunk = await redis.getBuffer(name);
    if (chunk === null || k * CHUNK_BYTES + chunk.length > whole.length) return null;
    whole.set(chunk, k * CHUNK_BYTES);
  }
  return sha256(whole) === stored.sha256 ? whole : null;
}

/** Removes them. */
export async function dropBytes(redis: Redis, stored: Stored): Promise<void> {
  const names = chunksIn(stored);
  if (names.length > 0) await redis.unlink(...names);
}
