import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { complaintOf, cuts, survives } from '../../test/fixtures/data/index.js';
import { joined } from './parts.js';
import { formatZip, isZip, openZip, zipParts } from './zip.js';

const one = Uint8Array.of(1, 2, 3, 4, 5);
const two = Uint8Array.of(9);
const plain = formatZip(
  new Map([
    ['one', one],
    ['two', two],
  ]),
  'a.zip',
);

const CENTRAL = 46;
const NAME = 3;

/** The archive `plain` with every size and place moved to zip64 fields, as archives beyond 4 GiB have them. */
function zip64(): Uint8Array<ArrayBuffer> {
  const view = new DataView(plain.buffer);
  const endAt = plain.length - 22;
  const directory = view.getUint32(endAt + 16, true);
  const bodies = plain.slice(0, directory);
  const entries = [0, 1].map((i) => {
    const at = directory + i * (CENTRAL + NAME);
    const entry = new Uint8Array(CENTRAL + NAME + 28);
    entry.set(plain.subarray(at, at + CENTRAL + NAME));
    const out = new DataView(entry.buffer);
    const [packed, size, offset] = [20, 24, 42].map((k) => view.getUint32(at + k, true));
    for (const k of [20, 24, 42]) out.setUint32(k, 0xffffffff, true);
    out.setUint16(30, 28, true);
    const extra = CENTRAL + NAME;
    out.setUint16(extra, 1, true);
    out.setUint16(extra + 2, 24, true);
    [size, packed, offset].forEach((v, k) => out.setBigUint64(extra + 4 + 8 * k, BigInt(v), true));
    return entry;
  });
  const size = entries.reduce((s, e) => s + e.length, 0);
  const end = new Uint8Array(56 + 20 + 22);
  const out = new DataView(end.buffer);
  out.setUint32(0, 0x06064b50, true);
  out.setBigUint64(4, 44n, true);
  out.setBigUint64(24, 2n, true);
  out.setBigUint64(32, 2n, true);
  out.setBigUint64(40, BigInt(size), true);
  out.setBigUint64(48, BigInt(directory), true);
  out.setUint32(56, 0x07064b50, true);
  out.setBigUint64(64, BigInt(directory + size), true);
  out.setUint32(72, 1, true);
  out.setUint32(76, 0x06054b50, true);
  for (const k of [84, 86]) out.setUint16(k, 0xffff, true);
  for (const k of [88, 92]) out.setUint32(k, 0xffffffff, true);
  return Uint8Array.from([...bodies, ...entries.flatMap((e) => [...e]), ...end]);
}

const contents = (bytes: Uint8Array) => openZip(bytes, 'a.zip').map((e) => [e.name, e.size, [...e.bytes()]]);
const expected = [
  ['one', 5, [1, 2, 3, 4, 5]],
  ['two', 1, [9]],
];

describe('openZip', () => {
  it('reads what was written', () => {
    expect(isZip(plain)).toBe(true);
    expect(contents(plain)).toEqual(expected);
    expect(contents(formatZip(new Map(), 'a.zip'))).toEqual([]);
  });

  it('reads the zip64 fields of large archives', () => {
    expect(contents(zip64())).toEqual(expected);
    expect(survives(cuts(zip64()), contents)).toBe(zip64().length);
  });

  it('reads an archive with a comment at its end', () => {
    const comment = Uint8Array.from([...plain, 0x50, 0x4b, 5, 6, 7]);
    comment[plain.length - 2] = 5;
    expect(contents(comment)).toEqual(expected);
  });

  it('refuses encrypted entries and unknown methods by name', () => {
    const at = new DataView(plain.buffer).getUint32(plain.length - 6, true);
    const change = (offset: number, value: number) => {
      const copy = plain.slice();
      copy[at + offset] = value;
      return complaintOf(() => contents(copy));
    };
    expect(change(8, 1).complaint.got).toBe('an encrypted entry');
    expect(change(10, 93).complaint.got).toBe('compression method 93');
    expect(change(10, 93).complaint.where).toBe('a.zip: entry one');
  });

  it('refuses a changed byte, a wrong place and a wrong length', () => {
    const at = new DataView(plain.buffer).getUint32(plain.length - 6, true);
    const got = (offset: number, value: number) => {
      const copy = plain.slice();
      copy[offset] = value;
      return complaintOf(() => contents(copy)).complaint.got;
    };
    expect(got(33, 7)).toBe('disagreement about its checksum');
    expect(got(at + 42, 1)).toBe('disagreement about its place');
    expect(got(at + 20, 200)).toBe('disagreement about its length');
    expect(got(at + 20, 4)).toBe('disagreement about its length');
    expect(got(plain.length - 6, 255)).toBe('disagreement about the place of its directory');
    expect(got(at, 0)).toBe('disagreement about entry 0 of the directory');
  });
});

describe('zipParts', () => {
  it('are the archive that fflate makes of the entries whole, and copies none of them', () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * i) % 251);
    const [first, second] = [bytes.subarray(0, 40_000), bytes.subarray(40_000)];
    const parts = zipParts(
      new Map([
        ['größe.npy', [first, second]],
        ['none', []],
        ['two', [two]],
      ]),
      'a.zip',
    );
    const whole = zipSync(
      { 'größe.npy': bytes, none: new Uint8Array(0), two },
      { level: 0, mtime: new Date(1980, 0, 1) },
    );
    expect(joined(parts)).toEqual(whole);
    expect(parts).toContain(first);
    expect(openZip(joined(parts), 'a.zip').map(({ name }) => name)).toEqual(['größe.npy', 'none', 'two']);
  });
});
