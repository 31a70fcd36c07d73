import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { readerOf } from '../core/stored-tensor.js';
import { tensor, type Tensor } from '../core/tensor.js';
import { batches, type BatchOptions } from '../data/batches.js';
import type { InputSpec } from '../data/conform.js';
import { crc32 } from '../data/crc32.js';
import type { Dataset } from '../data/dataset.js';
import type { LoadOptions } from '../data/load-options.js';
import { formatNpy } from '../data/npy.js';
import { formatNpz } from '../data/npz.js';
import { formatSafetensors } from '../data/safetensors.js';
import { takeRows } from '../data/rows.js';
import { digestOfTensors } from '../fisher/index.js';
import { largeFile } from './large-file.js';
import { loadDataset } from './open.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fim-streaming-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const save = (bytes: Uint8Array, extension: string): string => {
  const path = join(folder, `${files++}.${extension}`);
  writeFileSync(path, bytes);
  return path;
};

const N = 2000;
const spec = (dtype: InputSpec['dtype'], shape: InputSpec['shape']): InputSpec => ({
  name: 'x',
  dtype,
  shape,
});
const value = (i: number): number => ((i * 7919) % 1009) / 64 - 7;
const numbers = (dtype: Tensor['dtype'], shape: number[], of = value): Tensor =>
  tensor(
    dtype,
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => of(i)),
  );
const float32 = numbers('float32', [N, 3, 4]);
const float64 = numbers('float64', [N, 12]);
const pixels = numbers('uint8', [N, 12], (i) => (i * 31) % 256);
const tokens = numbers('int64', [N, 12], (i) => (i * 31) % 50);
const y = numbers('int64', [N], (i) => i % 3);

/** One file held in memory, and read by rows. */
function both(path: string, options: LoadOptions): [Dataset, Dataset] {
  const pair = [Infinity, 0].map((wholeUpTo) => loadDataset(path, { ...options, wholeUpTo }));
  return pair as [Dataset, Dataset];
}

/** Every number of every batch. */
function gone(dataset: Dataset, options: Partial<BatchOptions>) {
  return [...batches(dataset, { batch: 64, dtype: 'float32', ...options })].map((b) => ({
    n: b.n,
    start: b.start,
    indices: [...b.indices],
    x: [...b.inputs].map(([name, t]) => [name, t.dtype, t.shape, t.data.slice()]),
    y: b.targets && [b.targets.dtype, b.targets.shape, b.targets.data.slice()],
  }));
}

const VISITS: Partial<BatchOptions>[] = [
  {},
  { order: 'file' },
  { order: 'file', from: 700, batch: 7 },
  { seed: 3, examples: 333, batch: 50, dtype: 'float64' },
  { replacement: true, examples: 500 },
  { among: Uint32Array.of(3, 4, 5, 1999, 0), batch: 2 },
];

const FORMATS: [string, () => string, LoadOptions][] = [
  ['npy, float32', () => save(formatNpy(float32), 'npy'), { inputs: [spec('float32', [3, 4])] }],
  ['npy, float64 cast', () => save(formatNpy(float64), 'npy'), { inputs: [spec('float32', [12])] }],
  [
    'npy, scaled pixels',
    () => save(formatNpy(pixels), 'npy'),
    { inputs: [spec('float32', [12])], scale: '1/255' },
  ],
  ['npy, tokens', () => save(formatNpy(tokens), 'npy'), { inputs: [spec('int64', [12])] }],
  [
    'npz, stored',
    () => save(formatNpz(new Map(Object.entries({ x: float32, y }))), 'npz'),
    { inputs: [spec('float32', [3, 4])] },
  ],
];

/** A tensor as an IDX file: the type's code, the rank, the sizes, the elements, all big-endian. */
function idx({ shape, data }: Tensor, code: number): Uint8Array {
  const width = data.BYTES_PER_ELEMENT;
  const view = new DataView(new ArrayBuffer(4 + 4 * shape.length + data.byteLength));
  view.setUint8(2, code);
  view.setUint8(3, shape.length);
  shape.forEach((d, i) => view.setUint32(4 + 4 * i, d));
  data.forEach((v, i) => {
    if (width === 1) view.setUint8(4 + 4 * shape.length + i, Number(v));
    else view.setFloat32(4 + 4 * shape.length + 4 * i, Number(v));
  });
  return new Uint8Array(view.buffer);
}
FORMATS.push(
  [
    'safetensors',
    () => save(formatSafetensors(new Map(Object.entries({ x: float32, y }))), 'safetensors'),
    { inputs: [spec('float32', [3, 4])] },
  ],
  [
    'safetensors, scaled pixels and named classes',
    () => save(formatSafetensors(new Map(Object.entries({ x: pixels, y }))), 'safetensors'),
    { inputs: [spec('float32', [12])], scale: '1/255', classes: ['2', '0', '1'] },
  ],
  [
    'idx, pixels',
    () => save(idx(pixels, 0x08), 'idx3-ubyte'),
    { inputs: [spec('float32', [3, 4])], scale: '1/255' },
  ],
  ['idx, floats', () => save(idx(float32, 0x0d), '-ubyte'), { inputs: [spec('float32', [12])] }],
);

const csv = (): string =>
  `a,"b, c",label,d\r\n${Array.from({ length: N }, (_, i) => `${value(i)},${i % 7 ? value(3 * i) : `"${value(i)}"`},${i % 3},${value(i) * 1e-3}`).join('\r\n')}\n\n`;
FORMATS.push(
  [
    'npz, deflated',
    () => save(zipSync({ 'x.npy': formatNpy(float32), 'y.npy': formatNpy(y) }), 'npz'),
    { inputs: [spec('float32', [3, 4])] },
  ],
  [
    'csv',
    () => save(new TextEncoder().encode(csv()), 'csv'),
    { inputs: [spec('float32', [3])], targetColumn: 'label' },
  ],
  [
    'csv, columns by name and weights',
    () => save(new TextEncoder().encode(csv()), 'csv'),
    { inputs: [spec('float32', [1])], targetColumn: ['d', 'label'], exampleWeights: 'a', columns: ['b, c'] },
  ],
);

describe('rows of a file, read as they are visited', () => {
  for (const [name, make, options] of FORMATS) {
    it(`${name}: every batch is the one of the file in memory`, () => {
      const [whole, byRows] = both(make(), options);
      expect(readerOf(byRows.inputs.get('x')!)).not.toBeNull();
      expect(readerOf(whole.inputs.get('x')!)).toBeNull();
      expect(byRows.n).toBe(whole.n);
      for (const visits of VISITS) expect(gone(byRows, visits)).toEqual(gone(whole, visits));
      expect(byRows.inputs.get('x')).toMatchObject({ ...whole.inputs.get('x')! });
      expect(byRows.hash).toBe(whole.hash);
      expect(digestOfTensors(byRows.inputs)).toBe(digestOfTensors(whole.inputs));
      expect(whole.reading).toBeNull();
      expect(byRows.reading!.bytesRead).toBeGreaterThan(N);
    });
  }

  it('takes targets and weights of files of their own, with the digest of both', () => {
    const [x, t] = [save(formatNpy(float32), 'npy'), save(formatNpy(y), 'npy')];
    const w = save(formatNpy(numbers('float64', [N, 1], (i) => 1 + (i % 2))), 'npy');
    const [whole, byRows] = both(x, { inputs: [spec('float32', [3, 4])], targets: t, exampleWeights: w });
    for (const visits of VISITS) expect(gone(byRows, visits)).toEqual(gone(whole, visits));
    expect(byRows.hash).toBe(whole.hash);
    expect(byRows.exampleWeights).toEqual(whole.exampleWeights);
  });

  it('holds an array in Fortran order in memory, whose rows are no runs of bytes', () => {
    const bytes = formatNpy(float64);
    const at = new TextDecoder('latin1').decode(bytes.subarray(0, 128)).indexOf('False');
    bytes.set(new TextEncoder().encode('True '), at);
    const [whole, byRows] = both(save(bytes, 'npy'), { inputs: [spec('float32', [12])] });
    expect(byRows.inputs).toEqual(whole.inputs);
  });
});

describe('files of a folder', () => {
  type Arrays = Record<string, Tensor>;
  /** The arrays in several files, the tenth after the second. */
  const cut = (arrays: Arrays, write: (arrays: Arrays) => [Uint8Array, string]) => {
    const own = join(folder, `${files++}`);
    mkdirSync(own);
    const edges = [0, 1, 700, 701, N];
    edges.slice(1).forEach((to, i) => {
      const rows = Uint32Array.from({ length: to - edges[i] }, (_, k) => edges[i] + k);
      const some = Object.entries(arrays).map(([name, t]) => [name, takeRows(t, rows)] as const);
      const [bytes, extension] = write(Object.fromEntries(some));
      writeFileSync(join(own, `data-${[1, 2, 9, 10][i]}.${extension}`), bytes);
    });
    return own;
  };
  const npz = (arrays: Arrays): [Uint8Array, string] => [formatNpz(new Map(Object.entries(arrays))), 'npz'];
  const packed = (arrays: Arrays): [Uint8Array, string] => [
    zipSync(Object.fromEntries(Object.entries(arrays).map(([name, t]) => [`${name}.npy`, formatNpy(t)]))),
    'npz',
  ];

  it('are one data set, in memory or by rows, npz stored or packed', () => {
    const options = { inputs: [spec('float32', [3, 4])] };
    const one = loadDataset(save(formatNpz(new Map(Object.entries({ x: float32, y }))), 'npz'), options);
    for (const write of [npz, packed]) {
      const path = cut({ x: float32, y }, write);
      const [whole, byRows] = both(path, options);
      for (const data of [whole, byRows, loadDataset(join(path, 'data-*.npz'), options)])
        for (const visits of VISITS) expect(gone(data, visits)).toEqual(gone(one, visits));
      expect(readerOf(byRows.inputs.get('x')!)).not.toBeNull();
      expect(byRows.hash).toBe(whole.hash);
      expect(byRows.notes[0]).toBe(`${path}: 4 files, ${join(path, 'data-1.npz')} first`);
    }
  });

  it('may hold whole targets in one file and fractions in another, as one table may', () => {
    const own = join(folder, `${files++}`);
    mkdirSync(own);
    const rows = ['1,2,3', '4,5,6.5'];
    rows.forEach((row, i) => writeFileSync(join(own, `p${i}.csv`), `a,b,t\n${row}\n`));
    const table = save(new TextEncoder().encode(`a,b,t\n${rows.join('\n')}\n`), 'csv');
    const options = { inputs: [spec('float32', [2])], targetColumn: ['t'] };
    expect(loadDataset(own, options).targets).toEqual(loadDataset(table, options).targets);
  });

  it('may be npy with targets beside, and are refused where they differ', () => {
    const x = cut({ x: float32 }, ({ x: t }) => [formatNpy(t), 'npy']);
    const t = cut({ y }, ({ y: labels }) => [formatNpy(labels), 'npy']);
    const options = { inputs: [spec('float32', [3, 4])], targets: join(t, 'data-*.npy') };
    const one = loadDataset(save(formatNpy(float32), 'npy'), {
      ...options,
      targets: save(formatNpy(y), 'npy'),
    });
    const [whole, byRows] = both(x, options);
    for (const data of [whole, byRows]) expect(gone(data, { seed: 4 })).toEqual(gone(one, { seed: 4 }));
    writeFileSync(join(x, 'data-11.npy'), formatNpy(numbers('float64', [2, 3, 4])));
    expect(complaintOf(() => loadDataset(x, options)).code).toBe('data/parts');
    const error = complaintOf(() => loadDataset(x, { inputs: options.inputs }));
    expect(error.complaint.got).toMatch(/^x float64 \[2, 3, 4\]; in .*data-1\.npy x float32 \[1, 3, 4\]$/);
  });
});

describe('faults, found as the rows come', () => {
  const failing = (path: string, options: LoadOptions, visits: Partial<BatchOptions> = {}) =>
    [Infinity, 0].map((wholeUpTo) =>
      complaintOf(() => gone(loadDataset(path, { ...options, wholeUpTo }), visits)),
    );

  it('names the same example for a NaN, an integer out of range, an overflow', () => {
    const nan = { ...float32, data: float32.data.slice() };
    nan.data[12 * 1234 + 5] = NaN;
    const cases: [Tensor, LoadOptions][] = [
      [nan, { inputs: [spec('float32', [3, 4])] }],
      [numbers('int64', [N, 2], (i) => (i === 999 ? 2 ** 31 : i)), { inputs: [spec('int32', [2])] }],
      [numbers('float64', [N, 2], (i) => (i === 999 ? 1e300 : i)), { inputs: [spec('float32', [2])] }],
    ];
    for (const [t, options] of cases) {
      const [whole, byRows] = failing(save(formatNpy(t), 'npy'), options, { order: 'file' });
      expect(byRows.complaint).toEqual(whole.complaint);
    }
  });

  it('refuses at once what the type or the shape tells', () => {
    for (const [t, input] of [
      [pixels, spec('float32', [12])],
      [float32, spec('int64', [3, 4])],
      [float32, spec('float32', [5])],
    ] as const) {
      const path = save(formatNpy(t), 'npy');
      const [whole, byRows] = [Infinity, 0].map((wholeUpTo) =>
        complaintOf(() => loadDataset(path, { inputs: [input], wholeUpTo })),
      );
      expect(byRows.complaint).toEqual(whole.complaint);
    }
  });

  it('refuses what is cut off or damaged as it refuses it in memory', () => {
    const npy = formatNpy(float32);
    const npz = formatNpz(new Map(Object.entries({ x: float32, y })));
    const torn = npz.slice();
    torn[5000] ^= 1;
    const named = formatSafetensors(new Map(Object.entries({ x: float32, y })));
    const images = idx(float32, 0x0d);
    const packed = zipSync({ 'x.npy': formatNpy(float32), 'y.npy': formatNpy(y) });
    const tornPacked = packed.slice();
    tornPacked[2000] ^= 1;
    const text = (words: string) => new TextEncoder().encode(words);
    for (const [bytes, extension, code] of [
      [npy.subarray(0, -1), 'npy', 'npy/truncated'],
      [npy.subarray(0, 60), 'npy', 'npy/truncated'],
      [new Uint8Array([...npy, 0]), 'npy', 'npy/trailing'],
      [npz.subarray(0, -30), 'npz', 'zip/truncated'],
      [torn, 'npz', 'zip/damaged'],
      [tornPacked, 'npz', 'deflate/damaged'],
      [packed.subarray(0, -30), 'npz', 'zip/truncated'],
      [named.subarray(0, -1), 'safetensors', 'safetensors/truncated'],
      [named.subarray(0, 40), 'safetensors', 'safetensors/truncated'],
      [named.subarray(0, 4), 'safetensors', 'safetensors/truncated'],
      [new Uint8Array([...named, 0]), 'safetensors', 'safetensors/offsets'],
      [images.subarray(0, -1), '-ubyte', 'idx/truncated'],
      [images.subarray(0, 9), '-ubyte', 'idx/truncated'],
      [new Uint8Array([...images, 0]), '-ubyte', 'idx/trailing'],
      [named, '-ubyte', 'idx/not-idx'],
      [
        text(csv().replace(/,[^,]*\r\n/g, (cell, at) => (at > 40_000 && at < 40_030 ? ',\r\n' : cell))),
        'csv',
        'csv/missing',
      ],
      [text(`${csv().trimEnd()}\n1,"`), 'csv', 'csv/quote'],
      [text(csv().replaceAll(',1,', ',one,')), 'csv', 'csv/class-names'],
    ] as const) {
      const options =
        extension === 'csv'
          ? { inputs: [spec('float32', [3])], targetColumn: 'label' }
          : { inputs: [spec('float32', [3, 4])] };
      const [whole, byRows] = failing(save(bytes, extension), options);
      expect(byRows.complaint).toEqual(whole.complaint);
      expect(byRows.complaint.code).toBe(code);
    }
  });

  it('refuses a file that is written to while it is read, at the end at the latest', () => {
    const write = (path: string, at: number): void => {
      const handle = openSync(path, 'r+');
      writeSync(handle, Float32Array.of(NaN), 0, 4, at);
      closeSync(handle);
      const later = new Date('2040-01-01');
      utimesSync(path, later, later);
    };
    for (const at of [200, 4000, 128 + 48 * N - 4]) {
      const path = save(formatNpy(float32), 'npy');
      const dataset = loadDataset(path, { inputs: [spec('float32', [3, 4])], wholeUpTo: 0 });
      const iterator = batches(dataset, { batch: 64, dtype: 'float32', order: 'file' })[Symbol.iterator]();
      iterator.next();
      write(path, at);
      const error = complaintOf(() => {
        while (iterator.next().done !== true);
      });
      expect(error.code).toBe('file/changed');
      expect(error.complaint.got).toBe('other bytes, as many as before');
    }
    const [x, t] = [save(formatNpy(float32), 'npy'), save(formatNpy(y), 'npy')];
    const beside = loadDataset(x, { inputs: [spec('float32', [3, 4])], targets: t, wholeUpTo: 0 });
    const iterator = batches(beside, { batch: 64, dtype: 'float32' })[Symbol.iterator]();
    iterator.next();
    write(t, 200);
    expect(complaintOf(() => iterator.return?.()).complaint.where).toBe(t);
  });

  it('refuses a file that is cut while it is read', () => {
    const path = save(formatNpy(float32), 'npy');
    const dataset = loadDataset(path, { inputs: [spec('float32', [3, 4])], wholeUpTo: 0 });
    truncateSync(path, 4000);
    expect(complaintOf(() => gone(dataset, {})).code).toBe('file/changed');
    const file = largeFile(path, 0)!;
    truncateSync(path, 3000);
    for (let look = 0; look < 2; look++)
      expect(complaintOf(() => file.read(0, new Uint8Array(8))).code).toBe('file/changed');
  });
});

/** A stored archive of one array that lies beyond 4 GiB, behind an entry of nothing, with the fields of zip64. */
function farArchive(path: string, array: Uint8Array): void {
  const gap = 4.5 * 2 ** 30;
  const local = (name: string, crc: number, size: number) => {
    const view = new DataView(new ArrayBuffer(30 + name.length));
    view.setUint32(0, 0x04034b50, true);
    view.setUint32(14, crc, true);
    for (const at of [18, 22]) view.setUint32(at, size, true);
    view.setUint16(26, name.length, true);
    new Uint8Array(view.buffer).set(new TextEncoder().encode(name), 30);
    return new Uint8Array(view.buffer);
  };
  const central = (name: string, crc: number, size: number, offset: number) => {
    const view = new DataView(new ArrayBuffer(46 + name.length + 28));
    view.setUint32(0, 0x02014b50, true);
    view.setUint32(16, crc, true);
    for (const at of [20, 24, 42]) view.setUint32(at, 0xffffffff, true);
    view.setUint16(28, name.length, true);
    view.setUint16(30, 28, true);
    new Uint8Array(view.buffer).set(new TextEncoder().encode(name), 46);
    const extra = 46 + name.length;
    view.setUint16(extra, 1, true);
    view.setUint16(extra + 2, 24, true);
    [size, size, offset].forEach((v, i) => view.setBigUint64(extra + 4 + 8 * i, BigInt(v), true));
    return new Uint8Array(view.buffer);
  };
  const sum = crc32(array);
  const at = 30 + 'gap.npy'.length + gap;
  const directory = [central('gap.npy', 0, gap, 0), central('x.npy', sum, array.length, at)];
  const from = at + 35 + array.length;
  const length = directory[0].length + directory[1].length;
  const end = new DataView(new ArrayBuffer(56 + 20 + 22));
  end.setUint32(0, 0x06064b50, true);
  [2, 2, length, from].forEach((v, i) => end.setBigUint64(24 + 8 * i, BigInt(v), true));
  end.setUint32(56, 0x07064b50, true);
  end.setBigUint64(64, BigInt(from + length), true);
  end.setUint32(76, 0x06054b50, true);
  for (const place of [84, 86]) end.setUint16(place, 2, true);
  for (const place of [88, 92]) end.setUint32(place, 0xffffffff, true);
  const handle = openSync(path, 'w');
  writeSync(handle, local('gap.npy', 0, 0xffffffff), 0, null, 0);
  let place = at;
  for (const bytes of [local('x.npy', sum, array.length), array, ...directory, new Uint8Array(end.buffer)]) {
    writeSync(handle, bytes, 0, null, place);
    place += bytes.length;
  }
  closeSync(handle);
}

describe('beyond 4 GiB', () => {
  it('reads an array that lies there in an npz', () => {
    const path = join(folder, 'far.npz');
    farArchive(path, formatNpy(float64));
    const options = { inputs: [spec('float32', [12])] };
    const near = loadDataset(save(formatNpz(new Map([['x', float64]])), 'npz'), options);
    const far = loadDataset(path, options);
    expect(readerOf(far.inputs.get('x')!)).not.toBeNull();
    expect(gone(far, { seed: 1 })).toEqual(gone(near, { seed: 1 }));
    expect(far.reading!.bytesRead).toBeLessThan(1e6);
  });

  const shape = [160_000_000, 16];
  const header = formatNpy({ dtype: 'float32', shape, data: new Float32Array(0) });
  const last = Float32Array.from({ length: 16 }, (_, i) => i + 0.5);
  const row = (index: number): number => header.length + index * 64;

  it('reads the rows of an npy of 10 GB at any place', () => {
    const path = join(folder, 'large.npy');
    const handle = openSync(path, 'w');
    writeSync(handle, header);
    for (const index of [0, 80_000_000, shape[0] - 1]) writeSync(handle, last, 0, 64, row(index));
    closeSync(handle);
    const dataset = loadDataset(path, { inputs: [spec('float32', [16])] });
    const rows = [shape[0] - 1, 1, 80_000_000, 0];
    const [batch] = batches(dataset, {
      batch: 4,
      dtype: 'float32',
      visits: { indices: Uint32Array.from(rows), occurrence: new Uint32Array(4) },
    });
    expect(dataset.n).toBe(shape[0]);
    expect([...batch.inputs.get('x')!.data]).toEqual([...last, ...new Float32Array(16), ...last, ...last]);
    expect(dataset.reading!.bytesRead).toBeLessThan(1e6);
    const error = complaintOf(() => dataset.inputs.get('x')!.data);
    expect(error.code).toBe('data/memory');
    expect(error.complaint.got).toBe('float32 [160000000, 16], 9.5 GiB');
    const cut = openSync(path, 'r+');
    ftruncateSync(cut, 5e9);
    closeSync(cut);
    expect(complaintOf(() => loadDataset(path, { inputs: [spec('float32', [16])] })).code).toBe(
      'npy/truncated',
    );
  });
});
