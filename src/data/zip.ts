/**
 * @module data/zip
 *
 * The zip container as `.npz` uses it: the central directory at the end of the file says where every entry lies, how
 * it is packed, and its checksum. Entries are found at once and unpacked when asked for. Stored and deflated entries,
 * with or without the zip64 fields that NumPy always writes. Written archives are stored, with a fixed time stamp:
 * the same arrays give the same bytes.
 * Source: PKWARE APPNOTE 6.3, §4.3.7, 4.3.12–4.3.16, 4.5.3. Not for encrypted, split or appended archives.
 */
import { zipSync } from 'fflate';
import { FimError } from '../core/errors.js';
import { joined } from './parts.js';
import { type ByteSource, blocksOf, bytesAt, inMemory } from './byte-source.js';
import { Crc32 } from './crc32.js';
import { inflate, inflateHead, inflateParts } from './inflate.js';

export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  /** Whether it is deflated. */
  readonly packed: boolean;
  /** Unpacks the entry and checks it. Throws `zip/damaged` or `deflate/damaged`. */
  bytes(): Uint8Array;
  /** The first bytes of it, at most `length`, unchecked where it is stored. Throws like `bytes`. */
  head(length: number): Uint8Array;
  /** Where the bytes of a stored entry lie, its checksum gone through; null for a packed one. Throws like `bytes`. */
  place(): { readonly start: number; readonly size: number } | null;
  /** Unpacks a packed entry part by part, and checks it at the end. Throws like `bytes`. */
  unpack(take: (part: Uint8Array) => void): void;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const UNKNOWN32 = 0xffffffff;

/** Whether the bytes begin as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length > 3 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] < 8 && bytes[3] < 9;
}

/** The entries of an archive in its own order. Throws `zip/not-zip`, `zip/truncated` or `zip/damaged`. */
export function openZip(file: Uint8Array | ByteSource, where: string): ZipEntry[] {
  const source = file instanceof Uint8Array ? inMemory(file) : file;
  const { count, offset, size: end } = findDirectory(source, where);
  const bytes = bytesAt(source, offset, end);
  const view = viewOf(bytes);
  const entries: ZipEntry[] = [];
  const seen = new Set<string>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL)
      throw damaged(where, `entry ${i} of the directory`);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > end) throw damaged(where, `entry ${i} of the directory`);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (seen.has(name)) throw damaged(where, `two entries named ${name}`);
    seen.add(name);
    const sizes = readSizes(view, at, at + 46 + nameLength, extraLength);
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const crc = view.getUint32(at + 16, true);
    entries.push({
      name,
      size: sizes.plain,
      packed: method === 8,
      ...entryOf(source, { ...sizes, flags, method, crc }, `${where}: entry ${name}`),
    });
    at = next;
  }
  return entries;
}

/** Where fields of headers stand (APPNOTE 4.3.7, 4.3.12, 4.3.16). */
const LOCAL_FIELDS = { crc: 14, packed: 18, plain: 22, size: 30 };
const CENTRAL_FIELDS = {
  crc: 16,
  packed: 20,
  plain: 24,
  name: 28,
  extra: 30,
  comment: 32,
  offset: 42,
  size: 46,
};
const END_OFFSET = 16;

/**
 * The parts of an archive, one after the other, of entries that are stored, each in parts too, of which none is copied. Throws
 * `zip/too-large` above 4 GiB.
 */
export function zipParts(
  entries: ReadonlyMap<string, readonly Uint8Array[]>,
  where: string,
): Uint8Array<ArrayBufferLike>[] {
  const sizes = [...entries.values()].map((parts) => parts.reduce((sum, { length }) => sum + length, 0));
  let total = 22;
  [...entries.keys()].forEach((name, i) => (total += 76 + 6 * name.length + sizes[i]));
  if (total > UNKNOWN32) {
    throw new FimError({
      code: 'zip/too-large',
      where,
      rule: 'an archive of more than 4 GiB is not written',
      got: `${(total / 2 ** 30).toFixed(1)} GiB`,
      next: 'write .safetensors instead',
    });
  }
  // An archive of the same entries without bytes, into whose headers sizes, checksums and places are written.
  const empty = Object.fromEntries([...entries.keys()].map((name) => [name, new Uint8Array(0)]));
  const bytes = zipSync(empty, { level: 0, mtime: new Date(1980, 0, 1) });
  const view = viewOf(bytes);
  const end = bytes.length - 22;
  const directory = view.getUint32(end + END_OFFSET, true);
  const out: Uint8Array<ArrayBufferLike>[] = [];
  let [local, central, before] = [0, directory, 0];
  [...entries.values()].forEach((parts, i) => {
    const sum = new Crc32();
    for (const part of parts) sum.add(part);
    for (const [at, fields] of [
      [local, LOCAL_FIELDS],
      [central, CENTRAL_FIELDS],
    ] as const) {
      view.setUint32(at + fields.crc, sum.value, true);
      view.setUint32(at + fields.packed, sizes[i], true);
      view.setUint32(at + fields.plain, sizes[i], true);
    }
    view.setUint32(central + CENTRAL_FIELDS.offset, local + before, true);
    const next =
      local + LOCAL_FIELDS.size + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    out.push(bytes.subarray(local, next), ...parts);
    const { name, extra, comment, size } = CENTRAL_FIELDS;
    central += [name, extra, comment].reduce((sum, at) => sum + view.getUint16(central + at, true), size);
    local = next;
    before += sizes[i];
  });
  view.setUint32(end + END_OFFSET, directory + before, true);
  return [...out, bytes.subarray(directory)];
}

/** An archive of entries that are stored, in one array. Throws `zip/too-large` above 4 GiB. */
export function formatZip(
  entries: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  where: string,
): Uint8Array<ArrayBuffer> {
  return joined(zipParts(new Map([...entries].map(([name, bytes]) => [name, [bytes]])), where));
}

interface Packed {
  packed: number;
  plain: number;
  offset: number;
  flags: number;
  method: number;
  crc: number;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function findDirectory(source: ByteSource, where: string): { count: number; offset: number; size: number } {
  const first = bytesAt(source, 0, Math.min(4, source.size));
  if (!isZip(first)) {
    throw new FimError({
      code: 'zip/not-zip',
      where,
      rule: 'an .npz file is a zip archive and begins with the bytes PK',
      got: `the bytes ${Array.from(first, (b) => b.toString(16).padStart(2, '0')).join(' ')}`,
      cause: 'another format under the name .npz, or a download that saved a page instead of the file',
      next: "write it with np.savez('data.npz', x=x, y=y)",
    });
  }
  // The last bytes: a comment of at most 65,535, the end record, the locator of its zip64 form.
  const base = Math.max(0, source.size - 22 - 0xffff - 20);
  const bytes = bytesAt(source, base, source.size - base);
  const view = viewOf(bytes);
  const lowest = Math.max(0, bytes.length - 22 - 0xffff);
  let at = bytes.length - 22;
  while (
    at >= lowest &&
    !(view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === bytes.length)
  ) {
    at--;
  }
  if (at < lowest) {
    throw new FimError({
      code: 'zip/truncated',
      where,
      rule: 'a zip archive ends with its directory',
      got: `${source.size} bytes without one at the end`,
      cause: 'the file was cut off while it was written or copied',
      next: 'write or copy the file again',
    });
  }
  let count = view.getUint16(at + 10, true);
  let size = view.getUint32(at + 12, true);
  let offset = view.getUint32(at + 16, true);
  if (at >= 20 && view.getUint32(at - 20, true) === LOCATOR64) {
    const end64 = Number(view.getBigUint64(at - 12, true));
    const record = end64 + 56 <= base + at ? viewOf(bytesAt(source, end64, 56)) : null;
    if (record?.getUint32(0, true) !== END64) throw damaged(where, 'its zip64 end record');
    count = Number(record.getBigUint64(32, true));
    size = Number(record.getBigUint64(40, true));
    offset = Number(record.getBigUint64(48, true));
  }
  if (!(offset + size <= base + at)) throw damaged(where, 'the place of its directory');
  return { count, offset, size };
}

/** Sizes and place of an entry; those that do not fit 32 bits stand in the zip64 extra field, in this order. */
function readSizes(
  view: DataView,
  at: number,
  extra: number,
  extraLength: number,
): { packed: number; plain: number; offset: number } {
  let packed = view.getUint32(at + 20, true);
  let plain = view.getUint32(at + 24, true);
  let offset = view.getUint32(at + 42, true);
  const end = extra + extraLength;
  for (let e = extra; e + 4 <= end; e += 4 + view.getUint16(e + 2, true)) {
    if (view.getUint16(e, true) !== 1) continue;
    let field = e + 4;
    const stop = Math.min(end, field + view.getUint16(e + 2, true));
    const take = (value: number): number => {
      if (value !== UNKNOWN32 || field + 8 > stop) return value;
      field += 8;
      return Number(view.getBigUint64(field - 8, true));
    };
    plain = take(plain);
    packed = take(packed);
    offset = take(offset);
  }
  return { packed, plain, offset };
}

/** The ways to the bytes of an entry. */
function entryOf(
  source: ByteSource,
  entry: Packed,
  where: string,
): Omit<ZipEntry, 'name' | 'size' | 'packed'> {
  const { packed, plain, crc } = entry;
  const unpacked = (): Uint8Array => {
    const start = startOf(source, entry, where);
    if (entry.method === 8) return inflate(bytesAt(source, start, packed), plain, crc, where);
    const body = bytesAt(source, start, packed);
    check(inMemory(body), 0, entry, where);
    return body;
  };
  return {
    bytes: unpacked,
    head: (length) => {
      const start = startOf(source, entry, where);
      if (entry.method === 8) return inflateHead(source, start, packed, Math.min(length, plain), where);
      return bytesAt(source, start, Math.min(length, packed));
    },
    place: () => {
      const start = startOf(source, entry, where);
      if (entry.method === 8) return null;
      check(source, start, entry, where);
      return { start, size: packed };
    },
    unpack: (take) =>
      inflateParts(source, { start: startOf(source, entry, where), packed, plain, crc }, where, take),
  };
}

/** Size and checksum of a stored entry. */
function check(source: ByteSource, start: number, { packed, plain, crc }: Packed, where: string): void {
  if (packed !== plain) throw damaged(where, 'its length');
  const sum = new Crc32();
  for (const block of blocksOf(source, start, start + packed)) sum.add(block);
  if (sum.value !== crc) throw damaged(where, 'its checksum');
}

/** Where the body of an entry begins, behind its own header. */
function startOf(source: ByteSource, entry: Packed, where: string): number {
  const { offset, packed, method } = entry;
  const header = offset + 30 <= source.size ? viewOf(bytesAt(source, offset, 30)) : null;
  if (header?.getUint32(0, true) !== LOCAL) throw damaged(where, 'its place');
  const start = offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (!(start + packed <= source.size)) throw damaged(where, 'its length');
  if (entry.flags & 1 || (method !== 0 && method !== 8)) {
    throw new FimError({
      code: 'zip/method',
      where,
      rule: 'stored and deflated entries without a password are read',
      got: entry.flags & 1 ? 'an encrypted entry' : `compression method ${method}`,
      next: "write it with np.savez or np.savez_compressed('data.npz', x=x, y=y)",
    });
  }
  return start;
}

function damaged(where: string, what: string): FimError {
  return new FimError({
    code: 'zip/damaged',
    where,
    rule: 'the archive must agree with its own directory',
    got: `disagreement about ${what}`,
    cause: 'the file was changed or cut while it was copied',
    next: 'copy, download or write the file again',
  });
}
