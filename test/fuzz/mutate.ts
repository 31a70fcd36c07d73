/**
 * @module test/fuzz/mutate
 *
 * Mutations of bytes by keyed draws: bits, runs, blocks cut, repeated and swapped, lengths made huge, numbers and names of a header
 * replaced. Each is a function of (seed, index).
 */
import { Sequence } from '../../src/core/random.js';

/** Words that a name, a cell or a value of a file may be. */
export const HOSTILE = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '\u001b[31mred\u001b[2J',
  '\u202Eevil',
  '\u2028',
  'a\0b',
  'a\nb',
  '../../etc/passwd',
  '<script>',
  '$(id)',
  'x'.repeat(3000),
  'NaN',
  'null',
  '-1',
  '1e400',
  '9'.repeat(30),
] as const;

/** Numbers that a length, an offset or a count may be. */
export const HUGE = [
  0,
  1,
  -1,
  2,
  255,
  65_535,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 40,
  2 ** 53,
  1e308,
  0.5,
] as const;

/** Keyed draws with a choice from a list. */
export class Draws extends Sequence {
  pick<T>(list: readonly T[]): T {
    return list[this.integer(list.length)];
  }
}

const encoder = new TextEncoder();

/** Byte strings one after another. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

type Mutation = (bytes: Uint8Array<ArrayBuffer>, at: number, s: Draws) => Uint8Array<ArrayBuffer>;

const inPlace =
  (change: (bytes: Uint8Array, at: number, s: Draws) => void): Mutation =>
  (bytes, at, s) => {
    change(bytes, at, s);
    return bytes;
  };

const MUTATIONS: readonly Mutation[] = [
  inPlace((b, at, s) => (b[at] ^= 1 << s.integer(8))),
  inPlace((b, at, s) => (b[at] = s.pick([0, 0x7f, 0x80, 0xff, s.integer(256)]))),
  inPlace((b, at, s) => b.fill(s.pick([0, 0xff]), at, at + s.integer(12))),
  inPlace((b, at, s) => {
    if (at + 4 <= b.length) new DataView(b.buffer).setUint32(at, s.pick(HUGE) >>> 0, true);
  }),
  inPlace((b, at, s) => {
    const long = s.pick([0n, 1n, 2n ** 40n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]);
    if (at + 8 <= b.length) new DataView(b.buffer).setBigUint64(at, long, true);
  }),
  (b, at, s) =>
    s.integer(3) === 0 ? b.slice(0, at) : joined(b.subarray(0, at), b.subarray(at + 1 + s.integer(8))),
  (b, at, s) => joined(b.subarray(0, at), b.subarray(Math.max(0, at - s.integer(64)))),
  (b, at, s) => {
    const [one, two] = [at, s.integer(b.length)].sort((x, y) => x - y);
    const size = Math.min(16, two - one, b.length - two);
    return joined(
      b.subarray(0, one),
      b.subarray(two, two + size),
      b.subarray(one + size, two),
      b.subarray(one, one + size),
      b.subarray(two + size),
    );
  },
  (b, at, s) => joined(b.subarray(0, at), encoder.encode(s.pick(HOSTILE)), b.subarray(at)),
  (b, _at, s) =>
    joined(
      b,
      Uint8Array.from({ length: s.integer(40) }, () => s.integer(256)),
    ),
];

/** The bytes with one to three mutations, near the front as often as anywhere. */
export function damaged(bytes: Uint8Array, s: Draws): Uint8Array<ArrayBuffer> {
  let changed = Uint8Array.from(bytes);
  for (let k = 1 + s.integer(3); k > 0 && changed.length > 0; k--) {
    const at = s.integer(s.integer(2) === 0 ? Math.min(changed.length, 200) : changed.length);
    changed = s.pick(MUTATIONS)(changed, at, s);
  }
  return changed;
}

/** The text with one to three of its numbers or words others. `words` are more that may come in. */
export function reworded(text: string, s: Draws, words: readonly string[] = []): string {
  let changed = text;
  for (let k = 1 + s.integer(3); k > 0; k--) {
    const found = [...changed.matchAll(/-?\d+(\.\d+)?|[A-Za-z_<>|][\w<>|]*/g)];
    if (found.length === 0) return changed;
    const { 0: old, index } = s.pick(found);
    const other = s.pick([String(s.pick(HUGE)), s.pick(HOSTILE), s.pick(words.length > 0 ? words : HOSTILE)]);
    changed = changed.slice(0, index) + other + changed.slice(index + old.length);
  }
  return changed;
}

/** A value of JSON with one to three of its members others, gone or named otherwise. */
export function misshapen(value: unknown, s: Draws): unknown {
  const root = { value: structuredClone(value) } as Record<string, unknown>;
  for (let k = 1 + s.integer(3); k > 0; k--) {
    const places = placesIn(root);
    if (places.length === 0) break;
    const { of, key } = s.pick(places);
    const old = of[key];
    if (of !== root && s.integer(5) === 0) delete of[key];
    else if (of !== root && s.integer(5) === 0) define(of, s.pick(HOSTILE), old);
    else
      of[key] = s.pick<unknown>([
        null,
        true,
        [],
        {},
        [old],
        { value: old },
        s.pick(HUGE),
        s.pick(HOSTILE),
        [null],
      ]);
  }
  return root.value;
}

/** A key of its own, whatever its name. */
const define = (of: object, key: string, value: unknown): void =>
  void Object.defineProperty(of, key, { value, enumerable: true, configurable: true, writable: true });

interface Place {
  readonly of: Record<string, unknown>;
  readonly key: string;
}

function placesIn(of: Record<string, unknown>): Place[] {
  return Object.keys(of).flatMap((key) => {
    const value = of[key];
    const below =
      typeof value === 'object' && value !== null ? placesIn(value as Record<string, unknown>) : [];
    return [{ of, key }, ...below];
  });
}

/** JSON as bytes: of a misshapen value, of damaged text. */
export function damagedJson(value: unknown, s: Draws): Uint8Array<ArrayBuffer> {
  const kind = s.integer(4);
  if (kind === 0) return damaged(encoder.encode(JSON.stringify(value)), s);
  if (kind === 1) return encoder.encode(reworded(JSON.stringify(value), s));
  return encoder.encode(JSON.stringify(misshapen(value, s)));
}
