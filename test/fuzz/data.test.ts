/** Damaged files of data, in every format: each is refused with a complaint or read, 2000 of a format. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { tensor } from '../../src/core/tensor.js';
import { crc32 } from '../../src/data/crc32.js';
import { formatNpy } from '../../src/data/npy.js';
import { formatNpz } from '../../src/data/npz.js';
import { formatSafetensors } from '../../src/data/safetensors.js';
import { formatZip } from '../../src/data/zip.js';
import { loadDataset } from '../../src/disk/open.js';
import type { Draws } from './mutate.js';
import { damaged, HOSTILE, HUGE, joined, misshapen, reworded } from './mutate.js';
import { expectSound } from './outcome.js';

const SEED = 16;
const encoder = new TextEncoder();
const decoder = new TextDecoder('latin1');
const latin = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (c) => c.charCodeAt(0));

const x = tensor(
  'float32',
  [6, 4],
  Array.from({ length: 24 }, (_, i) => Math.sin(i)),
);
const y = tensor('int64', [6], [0n, 1n, 2n, 0n, 1n, 2n] as never);
const input = [{ name: 'x', dtype: 'float32', shape: [4] }] as const;
const load = (name: string, bytes: Uint8Array, more: object = {}): unknown =>
  loadDataset({ name, bytes }, { inputs: input, ...more });

const DTYPES = [
  '<f8',
  '>f4',
  '<f2',
  '|O',
  '<U5',
  '|S3',
  '<c8',
  '<i8',
  '<u8',
  '|b1',
  '|u1',
  '<M8[ns]',
  '|V8',
  '<f16',
  'True',
];

/** A .npy file whose header is another text, padded as the format asks. */
function npyOf(text: string, body: Uint8Array, version: number): Uint8Array<ArrayBuffer> {
  const front = version === 1 ? 10 : 12;
  const header = latin(`${text.trimEnd()}${' '.repeat(63 - ((text.trimEnd().length + front) % 64))}\n`);
  const magic = new Uint8Array(front);
  magic.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(magic.buffer);
  if (version === 1) view.setUint16(8, header.length, true);
  else view.setUint32(8, header.length, true);
  return joined(magic, header, body);
}

const NPY = formatNpy(x);
const HEADER_END = 10 + new DataView(NPY.buffer).getUint16(8, true);

function anyNpy(s: Draws): Uint8Array<ArrayBuffer> {
  if (s.integer(2) === 0) return damaged(NPY, s);
  const text = reworded(decoder.decode(NPY.subarray(10, HEADER_END)), s, DTYPES);
  return npyOf(text, NPY.subarray(HEADER_END), s.pick([1, 1, 2, 3]));
}

/** An archive of one packed entry, its sizes and checksum as they are said. */
function packed(
  name: string,
  body: Uint8Array,
  said: { size: number; crc: number },
): Uint8Array<ArrayBuffer> {
  const bytes = deflateRawSync(body);
  const label = encoder.encode(name);
  const local = new Uint8Array(30);
  const central = new Uint8Array(46);
  const end = new Uint8Array(22);
  const put = (record: Uint8Array, at: number): void => {
    const view = new DataView(record.buffer);
    [8, said.crc, bytes.length, said.size].forEach((v, i) =>
      i === 0 ? view.setUint16(at, v, true) : view.setUint32(at + 2 + 4 * i, v, true),
    );
    view.setUint16(at + 18, label.length, true);
  };
  new DataView(local.buffer).setUint32(0, 0x04034b50, true);
  put(local, 8);
  new DataView(central.buffer).setUint32(0, 0x02014b50, true);
  put(central, 10);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, 1, true);
  view.setUint16(10, 1, true);
  view.setUint32(12, 46 + label.length, true);
  view.setUint32(16, 30 + label.length + bytes.length, true);
  return joined(local, label, bytes, central, label, end);
}

const NPZ = formatNpz(
  new Map<string, typeof x>([
    ['x', x],
    ['y', y as never],
  ]),
);

function anyNpz(s: Draws): Uint8Array<ArrayBuffer> {
  const kind = s.integer(4);
  if (kind === 0) return damaged(NPZ, s);
  const body = s.integer(2) === 0 ? anyNpy(s) : Uint8Array.from(NPY);
  if (kind === 1) {
    const said = { size: body.length, crc: crc32(body) };
    const whole = packed('x.npy', body, s.integer(3) === 0 ? { ...said, size: s.pick(HUGE) >>> 0 } : said);
    return s.integer(2) === 0 ? damaged(whole, s) : whole;
  }
  const names = [s.integer(3) === 0 ? s.pick(HOSTILE) : 'x', s.integer(3) === 0 ? s.pick(HOSTILE) : 'y'];
  return formatZip(
    new Map([
      [`${names[0]}.npy`, body],
      [`${names[1]}.npy`, formatNpy(y)],
    ]),
    'x',
  );
}

const SAFETENSORS = formatSafetensors(
  new Map<string, typeof x>([
    ['x', x],
    ['y', y as never],
  ]),
  { fim: '{}' },
  'x',
);
const TEXT_END = 8 + Number(new DataView(SAFETENSORS.buffer).getBigUint64(0, true));

function anySafetensors(s: Draws): Uint8Array<ArrayBuffer> {
  if (s.integer(3) === 0) return damaged(SAFETENSORS, s);
  const text = new TextDecoder().decode(SAFETENSORS.subarray(8, TEXT_END));
  const other =
    s.integer(2) === 0
      ? reworded(text, s, ['F64', 'F16', 'BF16', 'I64', 'U64', 'F8_E4M3', 'BOOL', 'C64'])
      : JSON.stringify(misshapen(JSON.parse(text), s));
  const header = encoder.encode(other);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return joined(length, header, SAFETENSORS.subarray(TEXT_END));
}

const CELLS = [
  '',
  '"',
  '"a',
  '"1,5"',
  '1,5',
  ';',
  '\t',
  '\r',
  '\ufeff',
  '0x10',
  '1_000',
  '１２',
  'inf',
  '1e-400',
  '--1',
  '2\u00a0',
];
const CSV = `a,b,c,d,y\n${Array.from({ length: 8 }, (_, i) => `${i}.5,-${i},0.25,1e-2,${i % 3}`).join('\n')}\n`;

function anyCsv(s: Draws): Uint8Array<ArrayBuffer> {
  const kind = s.integer(4);
  if (kind === 0) return damaged(encoder.encode(CSV), s);
  if (kind === 1) return Uint8Array.from(Buffer.from(reworded(CSV, s, CELLS), 'utf16le'));
  return encoder.encode(reworded(CSV, s, CELLS));
}

function idxOf(type: number, dims: readonly number[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * dims.length + size).fill(7, 4 + 4 * dims.length);
  bytes.set([0, 0, type, dims.length]);
  dims.forEach((d, i) => new DataView(bytes.buffer).setUint32(4 + 4 * i, d, false));
  return bytes;
}

function anyIdx(s: Draws): Uint8Array<ArrayBuffer> {
  const dims = s.integer(3) === 0 ? [6, s.pick(HUGE) >>> 0] : [6, 4];
  const plain = idxOf(
    s.integer(4) === 0 ? s.integer(16) : 8,
    dims,
    24 + (s.integer(6) === 0 ? s.integer(9) - 4 : 0),
  );
  const bytes = s.integer(2) === 0 ? damaged(plain, s) : plain;
  if (s.integer(3) > 0) return bytes;
  const zipped = Uint8Array.from(gzipSync(bytes));
  return s.integer(2) === 0 ? damaged(zipped, s) : zipped;
}

const parquet = (name: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(`../fixtures/data/${name}.parquet`, import.meta.url)));
const PARQUET = [parquet('gzip'), parquet('zstd'), parquet('rows'), parquet('plain')];

/** Half of them in the footer, where names, counts, offsets and types are. */
function anyParquet(s: Draws): Uint8Array<ArrayBuffer> {
  const bytes = s.pick(PARQUET);
  if (s.integer(2) === 0) return damaged(bytes, s);
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 8, true);
  const from = bytes.length - 8 - size;
  return joined(bytes.subarray(0, from), damaged(bytes.subarray(from, -8), s), bytes.subarray(-8));
}

describe('damaged files of data', () => {
  it('packed archives are read where nothing is changed', () => {
    expect(() => load('d.npz', packed('x.npy', NPY, { size: NPY.length, crc: crc32(NPY) }))).not.toThrow();
  });

  it.each<[string, (s: Draws) => unknown]>([
    ['npy', (s) => load('d.npy', anyNpy(s))],
    ['npz', (s) => load('d.npz', anyNpz(s), { requireTargets: s.integer(2) === 0 })],
    ['safetensors', (s) => load('d.safetensors', anySafetensors(s))],
    ['csv', (s) => load('d.csv', anyCsv(s), { targetColumn: 'y', requireTargets: true })],
    ['idx', (s) => load('d-idx2-ubyte.gz', anyIdx(s), { scale: '1/255' })],
    [
      'parquet',
      (s) => load('d.parquet', anyParquet(s), { inputs: [{ name: 'x', dtype: 'float32', shape: null }] }),
    ],
  ])('%s', async (name, read) => {
    await expectSound(SEED, name, read);
  });
});
