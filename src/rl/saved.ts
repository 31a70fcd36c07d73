/**
 * @module rl/saved
 *
 * Saved states as bytes: a JSON header and float64 arrays, little-endian, so that every bit comes back.
 *
 *   'fimS' | uint32 length of header | header (UTF-8 JSON, padded with spaces to 8 bytes) | arrays in the header's order
 */
import { parseJson } from '../core/json.js';
import { FimError } from '../core/errors.js';

const MAGIC = 0x536d6966; // 'fimS'

/** A header and named arrays. `kind` tells what was saved; a reader asks for it. */
export interface Saved {
  readonly kind: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly arrays: Readonly<Record<string, Float64Array>>;
}

export function packSaved(saved: Saved): Uint8Array {
  const lengths = Object.entries(saved.arrays).map(([name, a]) => [name, a.length] as const);
  const text = JSON.stringify({ kind: saved.kind, header: saved.header, arrays: lengths });
  const json = new TextEncoder().encode(text);
  const headed = 8 * Math.ceil((8 + json.length) / 8);
  const total = lengths.reduce((sum, [, n]) => sum + 8 * n, headed);
  const bytes = new Uint8Array(total).fill(0x20, 8, headed);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, headed - 8, true);
  bytes.set(json, 8);
  let at = headed;
  for (const array of Object.values(saved.arrays)) {
    for (const v of array) {
      view.setFloat64(at, v, true);
      at += 8;
    }
  }
  return bytes;
}

/** Throws `rl/saved` for bytes that are not a saved `kind`. */
export function unpackSaved(bytes: Uint8Array, kind: string, where: string): Saved {
  const refuse = (got: string): FimError =>
    new FimError({ code: 'rl/saved', where, rule: `needs bytes that save() of a ${kind} gave`, got });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || view.getUint32(0, true) !== MAGIC) throw refuse(`${bytes.length} other bytes`);
  let at = 8 + view.getUint32(4, true);
  if (at > bytes.length) throw refuse('bytes that end too early');
  const head = headIn(bytes.subarray(8, at));
  if (head === null) throw refuse('a header that is none');
  if (head.kind !== kind) throw refuse(`a saved ${head.kind}`);
  const arrays: Record<string, Float64Array> = {};
  for (const [name, n] of head.arrays) {
    if (at + 8 * n > bytes.length) throw refuse('bytes that end too early');
    const array = new Float64Array(n);
    for (let i = 0; i < n; i++, at += 8) array[i] = view.getFloat64(at, true);
    arrays[name] = array;
  }
  if (at !== bytes.length) throw refuse(`${bytes.length - at} bytes too many`);
  return { kind, header: head.header, arrays };
}

/** What stands before the arrays. */
interface Head {
  readonly kind: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly arrays: readonly (readonly [string, number])[];
}

/** The head of saved bytes; null for one that packSaved never wrote. */
function headIn(bytes: Uint8Array): Head | null {
  let head: unknown;
  try {
    head = parseJson(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
  if (!isRecord(head) || typeof head.kind !== 'string' || !isRecord(head.header)) return null;
  const { arrays } = head;
  if (!Array.isArray(arrays) || !arrays.every(isLength)) return null;
  const names = new Set(arrays.map(([name]) => name));
  return names.size < arrays.length || names.has('__proto__') ? null : (head as unknown as Head);
}

const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);

const isLength = (x: unknown): x is [string, number] =>
  Array.isArray(x) && x.length === 2 && typeof x[0] === 'string' && Number.isSafeInteger(x[1]) && x[1] >= 0;

/** Several saved parts as one: the length of each before it. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, p) => sum + 4 + p.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

/** Throws `rl/saved` for bytes that end inside a part. */
export function splitBytes(bytes: Uint8Array, where: string): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : Infinity;
    if (at + 4 + length > bytes.length) {
      throw new FimError({
        code: 'rl/saved',
        where,
        rule: 'needs bytes that save() gave',
        got: 'bytes that end too early',
      });
    }
    parts.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return parts;
}
