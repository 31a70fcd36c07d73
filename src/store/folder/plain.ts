/**
 * @module store/folder/plain
 *
 * Configurations as plain JSON: the same values give the same text whatever the order of their keys, and of two that differ it is
 * said where.
 */
import { FimError } from '../../core/errors.js';
import { sha256 } from '../../disk/files.js';
import type { Json } from '../points.js';

/**
 * A copy of `value` with its keys sorted; keys whose value is undefined are left out. Throws `run/not-plain` for what JSON would
 * change: numbers that are not finite, typed arrays, class instances, functions, bigints.
 */
export function plain(value: unknown, where: string): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((v, i) => plain(v, `${where}[${i}]`));
  if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null)) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    return Object.fromEntries(
      entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, plain(v, `${where}.${k}`)]),
    );
  }
  throw new FimError({
    code: 'run/not-plain',
    kind: 'internal',
    where,
    rule: 'what a run stores as JSON is finite numbers, text, booleans, null, lists and plain objects of these',
    got: typeof value === 'object' ? (value.constructor?.name ?? 'an object') : describe(value),
    next: 'keep numbers whose bits matter in arrays',
  });
}

/** SHA-256 of a plain value. */
export function hashOf(value: Json): string {
  return sha256(new TextEncoder().encode(JSON.stringify(value)));
}

/** Where two plain values differ: `settings.seed: 1 where 2 is asked`. */
export function differences(stored: unknown, asked: unknown, path = ''): string[] {
  if (isRecord(stored) && isRecord(asked)) {
    const keys = [...new Set([...Object.keys(stored), ...Object.keys(asked)])].sort();
    return keys.flatMap((key) => differences(stored[key], asked[key], path === '' ? key : `${path}.${key}`));
  }
  const [a, b] = [show(stored), show(asked)];
  return a === b ? [] : [`${path}: ${a} where ${b} is asked`];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function describe(value: unknown): string {
  return typeof value === 'number' ? String(value) : `a ${typeof value}`;
}
