/**
 * @module graph/onnx/proto/wire
 *
 * Protocol-buffer messages from bytes that nobody vouches for. `pbf` decodes the primitive values and checks no bound; here every
 * value's extent is measured against the message that holds it before it is decoded, so that any byte string ends in a result
 * or in a `FimError`, without a hang and with memory in proportion to the input. Nesting is limited.
 * Source: protobuf.dev, "Encoding". Cost: one look at each byte that is no payload.
 */
import { PbfReader } from 'pbf';
import { FimError } from '../../../core/errors.js';

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

const WIRE_NAMES: Readonly<Record<number, string>> = {
  [VARINT]: 'an integer',
  [FIXED64]: 'a 64-bit value',
  [BYTES]: 'bytes',
  [FIXED32]: 'a 32-bit value',
};

/** Messages within messages; a subgraph takes four levels. */
const MAX_DEPTH = 100;

/** A reader and the value that stands before it. */
export interface Wire {
  readonly pbf: PbfReader;
  /** The file's name, for messages. */
  readonly file: string;
  /** Messages being read, outermost first. */
  readonly path: string[];
  tag: number;
  type: number;
  /** Where the value ends. `pbf.pos` stands at its start (behind the length of a length-delimited one). */
  stop: number;
}

export function openWire(bytes: Uint8Array, file: string): Wire {
  return { pbf: new PbfReader(bytes), file, path: [], tag: 0, type: 0, stop: 0 };
}

/** A complaint about the encoding at the current position. */
export function malformed(w: Wire, rule: string, got?: string, code = 'onnx/malformed'): FimError {
  const message = w.path.at(-1);
  const field = message === undefined ? 'the start' : `field ${w.tag} of ${message}`;
  return new FimError({
    code,
    where: `${w.file}, byte ${Math.min(w.pbf.pos, w.pbf.length)}, ${field}`,
    rule,
    ...(got === undefined ? {} : { got }),
    cause: 'the file is damaged, cut short, or no ONNX model',
    next: 'copy or download the file again, or export it again with torch.onnx.export',
  });
}

/** End of the varint that starts at `pbf.pos`, which lies within `limit`. */
function varintEnd(w: Wire, limit: number): number {
  const { buf, pos } = w.pbf;
  for (let i = pos; i < limit; i++) {
    if (buf[i] < 0x80) return i + 1;
    if (i - pos >= 9) throw malformed(w, 'an integer takes at most 10 bytes');
  }
  throw malformed(w, 'an integer ends within its message', `no end before byte ${limit}`, 'onnx/truncated');
}

/** Reads the next field's key and measures its value. */
function measure(w: Wire, end: number): void {
  const { pbf } = w;
  varintEnd(w, end);
  const key = pbf.readVarint();
  w.tag = Math.floor(key / 8);
  w.type = key % 8;
  if (w.tag < 1 || w.tag > 0x1fffffff) throw malformed(w, 'field numbers lie in 1 … 2²⁹ − 1', String(w.tag));
  switch (w.type) {
    case VARINT:
      w.stop = varintEnd(w, end);
      return;
    case FIXED64:
      w.stop = pbf.pos + 8;
      break;
    case FIXED32:
      w.stop = pbf.pos + 4;
      break;
    case BYTES:
      varintEnd(w, end);
      w.stop = pbf.readVarint() + pbf.pos;
      break;
    default:
      throw malformed(w, 'the wire type is 0, 1, 2 or 5', String(w.type));
  }
  if (w.stop > end) {
    const missing = w.stop - end;
    throw malformed(w, 'a value ends within its message', `${missing} bytes are missing`, 'onnx/truncated');
  }
}

/** Calls `read` for every field from the current position to `end`. Fields that it leaves unread are skipped. Throws `onnx/nesting`. */
export function eachField(w: Wire, message: string, end: number, read: (tag: number) => void): void {
  if (w.path.length >= MAX_DEPTH) {
    throw malformed(w, `messages nest at most ${MAX_DEPTH} deep`, undefined, 'onnx/nesting');
  }
  w.path.push(message);
  while (w.pbf.pos < end) {
    measure(w, end);
    const { stop } = w;
    read(w.tag);
    w.pbf.pos = stop;
  }
  w.path.pop();
}

/** Reads the current value as a message. */
export function readMessage(w: Wire, message: string, read: (tag: number) => void): void {
  expectType(w, BYTES);
  eachField(w, message, w.stop, read);
}

function expectType(w: Wire, type: number): void {
  if (w.type !== type) throw malformed(w, `the field holds ${WIRE_NAMES[type]}`, WIRE_NAMES[w.type]);
}

/** An int64 as the nearest JS number. */
export function readInt(w: Wire): number {
  expectType(w, VARINT);
  return w.pbf.readVarint(true);
}

export function readFloat(w: Wire): number {
  expectType(w, FIXED32);
  return w.pbf.readFloat();
}

/** The current value's bytes, as a view of the file. */
export function readBytes(w: Wire): Uint8Array {
  expectType(w, BYTES);
  return w.pbf.buf.subarray(w.pbf.pos, w.stop);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A length-delimited field as UTF-8. Throws `onnx/malformed`. */
export function readText(w: Wire): string {
  const bytes = readBytes(w);
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed(w, 'text is UTF-8', `${bytes.length} bytes that are not`);
  }
}

/** One int64 without rounding. */
function readBig(w: Wire): bigint {
  const { pbf } = w;
  const start = pbf.pos;
  const near = pbf.readVarint(true);
  if (Number.isSafeInteger(near)) return BigInt(near);
  let value = 0n;
  for (let i = start; i < pbf.pos; i++) value |= BigInt(pbf.buf[i] & 0x7f) << BigInt(7 * (i - start));
  return BigInt.asIntN(64, value);
}

/** Appends a repeated field's elements, packed or one by one. */
function append<T>(w: Wire, type: number, width: number, into: T[], read: () => T): void {
  if (w.type !== BYTES) {
    expectType(w, type);
    into.push(read());
    return;
  }
  const { pbf, stop } = w;
  if (width > 0 && (stop - pbf.pos) % width !== 0) {
    throw malformed(w, `packed elements take ${width} bytes each`, `${stop - pbf.pos} bytes`);
  }
  while (pbf.pos < stop) {
    if (width === 0) varintEnd(w, stop);
    into.push(read());
  }
}

export function appendFloats(w: Wire, into: number[]): void {
  append(w, FIXED32, 4, into, () => w.pbf.readFloat());
}

export function appendDoubles(w: Wire, into: number[]): void {
  append(w, FIXED64, 8, into, () => w.pbf.readDouble());
}

/** Each int64 as the nearest JS number. */
export function appendInts(w: Wire, into: number[]): void {
  append(w, VARINT, 0, into, () => w.pbf.readVarint(true));
}

/** Each int64 without rounding. */
export function appendBigInts(w: Wire, into: bigint[]): void {
  append(w, VARINT, 0, into, () => readBig(w));
}
