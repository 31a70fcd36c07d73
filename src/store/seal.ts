/**
 * @module store/seal
 *
 * Seals of stored JSON and stored bytes: its schema, the version of fim that wrote it, and SHA-256 of all that a run's numbers depend on, so that what was damaged,
 * edited or written by another version is never taken for what this one would compute. Fields that the clock decides are left out of the
 * digest: two runs of the same settings have the same seal.
 */
import { sha256 } from '../disk/files.js';
import { packageVersion } from '../disk/version.js';

/** What a sealed record says of itself. */
export interface Seal {
  /** What it is, with the version of its fields: `point/1`. */
  readonly schema: string;
  /** Version of fim that wrote it. */
  readonly fim: string;
  /** Of its JSON, without the fields that the clock decides. */
  readonly sha256: string;
}

/** Fields of the seal. */
const FIELDS: readonly string[] = ['schema', 'fim', 'sha256'];

/** Fields that the clock decides. */
const CLOCK: readonly string[] = ['seconds', 'stepsPerSecond', 'updateSeconds'];

/** The seal of a value. */
export function sealOf(schema: string, value: unknown): Seal {
  const fim = packageVersion();
  const text = JSON.stringify([schema, fim, value], (key, v: unknown) =>
    CLOCK.includes(key) ? undefined : v,
  );
  return { schema, fim, sha256: sha256(new TextEncoder().encode(text)) };
}

/** A record with its seal in front. */
export const sealed = (schema: string, record: object): object => ({ ...sealOf(schema, record), ...record });

/** The record without its seal; a string says why it is not what was stored. */
export function unsealed(schema: string, stored: unknown): Readonly<Record<string, unknown>> | string {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return 'no record';
  const {
    [FIELDS[0]]: own,
    [FIELDS[1]]: fim,
    [FIELDS[2]]: digest,
    ...record
  } = stored as Record<string, unknown>;
  if (own === undefined || fim === undefined || digest === undefined) return 'a record without a checksum';
  const want = sealOf(schema, record);
  if (own !== want.schema) return `a record of schema ${JSON.stringify(own)}`;
  if (fim !== want.fim) return `a record of fim ${JSON.stringify(fim)}`;
  if (digest !== want.sha256) return 'contents of another checksum than it says';
  const wrong = CLOCK.find((name) => Object.hasOwn(record, name) && !isTime(record[name]));
  return wrong === undefined ? record : `${wrong} of ${JSON.stringify(record[wrong])}`;
}

const LINE = 10;

/** Bytes with their seal in a line of JSON in front. */
export function sealedBytes(schema: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const seal: Seal = { schema, fim: packageVersion(), sha256: sha256(bytes) };
  const line = new TextEncoder().encode(`${JSON.stringify(seal)}\n`);
  const all = new Uint8Array(line.length + bytes.length);
  all.set(line);
  all.set(bytes, line.length);
  return all;
}

/** The bytes behind their seal; a string says why they are not what was stored. */
export function unsealedBytes(schema: string, stored: Uint8Array): Uint8Array | string {
  const end = stored.indexOf(LINE);
  const bytes = stored.subarray(end + 1);
  const line = new TextDecoder().decode(stored.subarray(0, Math.max(end, 0)));
  const want: Seal = { schema, fim: packageVersion(), sha256: sha256(bytes) };
  return line === JSON.stringify(want) ? bytes : `another seal than ${JSON.stringify(want)}`;
}

const isTime = (x: unknown): boolean => x === null || (typeof x === 'number' && x >= 0);
