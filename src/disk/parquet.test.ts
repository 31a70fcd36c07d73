import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintOf, cuts, fixture, fixturePath, flips, survives } from '../../test/fixtures/data/index.js';
import { readerOf } from '../core/stored-tensor.js';
import type { Dataset } from '../data/dataset.js';
import type { LoadOptions } from '../data/load-options.js';
import { parseDataset } from '../data/load.js';
import { withoutDisk } from '../data/source.js';
import { DISK } from './disk.js';
import { sha256 } from './files.js';
import { loadDataset } from './open.js';
import { parquetCodec } from './parquet-package.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fim-parquet-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

// The rules of test/fixtures/data/make_parquet.py.
const N = 300;
const value = (i: number): number => ((i * 7919) % 1009) / 64 - 7;
const all = <T>(of: (i: number) => T, n = N): T[] => Array.from({ length: n }, (_, i) => of(i));

const input = (shape: LoadOptions['inputs'][0]['shape']): LoadOptions => ({
  inputs: [{ name: 'x', dtype: 'float32', shape }],
});
const bytesOf = (name: string) => ({ name, bytes: fixture(name) });

/** The file held in memory, and read by rows. */
const both = (name: string, options: LoadOptions): Dataset[] =>
  [Infinity, 0].map((wholeUpTo) => loadDataset(fixturePath(name), { ...options, wholeUpTo }));
const refused = (name: string, options: LoadOptions) => {
  const [whole, byRows] = [Infinity, 0].map((wholeUpTo) =>
    complaintOf(() => loadDataset(fixturePath(name), { ...options, wholeUpTo })),
  );
  expect(byRows.complaint).toEqual(whole.complaint);
  return whole;
};

describe('a table of PyArrow', () => {
  const options = { ...input([4]), targetColumn: 'label', exampleWeights: 'weight' };

  for (const name of ['plain', 'zstd', 'gzip'])
    it(`${name}.parquet: every number, whole or by rows`, () => {
      const [whole, byRows] = both(`${name}.parquet`, options);
      const row = (i: number) => [value(i), value(3 * i), i % 5 === 0 ? 1 : 0, (i * 37) % 100];
      expect([...whole.inputs.get('x')!.data]).toEqual(all(row).flat());
      expect([...(whole.targets!.data as BigInt64Array)]).toEqual(all((i) => BigInt(i % 3)));
      expect([...whole.exampleWeights!.data]).toEqual(all((i) => 1 + (i % 2)));
      expect(whole.columns).toEqual(['a', 'b, c', 'flag', 'count']);
      expect(whole.hash).toBe(sha256(fixture(`${name}.parquet`)));
      expect(readerOf(byRows.inputs.get('x')!)).not.toBeNull();
      for (const one of [byRows, parseDataset(bytesOf(`${name}.parquet`), options, DISK)]) {
        expect(one.inputs.get('x')).toMatchObject({ ...whole.inputs.get('x')! });
        expect(one.targets).toMatchObject({ ...whole.targets! });
        expect(one.exampleWeights).toMatchObject({ ...whole.exampleWeights! });
        expect(one.hash).toBe(whole.hash);
      }
      expect(byRows.notes[byRows.notes.length - 1]).toContain('unpacked into a temporary file');
    });

  it('takes columns by the names that the network knows, and words as classes', () => {
    const said = { ...input([2]), columns: ['b, c', 'a'], targetColumn: 'species' };
    const [whole, byRows] = both('table.parquet', { ...said, classes: ['virginica', 'setosa', 'other'] });
    expect([...whole.inputs.get('x')!.data]).toEqual(all((i) => [value(3 * i), value(i)]).flat());
    expect([...(whole.targets!.data as BigInt64Array)]).toEqual(all((i) => [1n, 0n, 2n][i % 3]));
    expect(byRows.targets).toMatchObject({ ...whole.targets! });
    expect(whole.notes[1]).toContain('left out: label, flag, count, when, weight');
    const error = refused('table.parquet', said);
    expect(error.code).toBe('csv/class-names');
    expect(error.complaint.got).toBe(`"setosa" (the column's names: setosa, virginica, other)`);
    expect(refused('table.parquet', { ...said, classes: ['setosa', 'other'] }).code).toBe('csv/class-names');
  });

  it('keeps single precision where all inputs have it, and several targets', () => {
    const one = { ...input([1]), columns: ['b, c'], targetColumn: ['a', 'label'] };
    const [whole, byRows] = both('table.parquet', one);
    expect(whole.inputs.get('x')!.dtype).toBe('float32');
    expect(whole.targets!.shape).toEqual([N, 2]);
    expect([...whole.targets!.data]).toEqual(all((i) => [value(i), i % 3]).flat());
    expect(byRows.targets).toMatchObject({ ...whole.targets! });
  });

  it('refuses dates and text as inputs, missing values, and whole numbers beyond 2⁵³', () => {
    const dates = refused('table.parquet', { ...input([7]), targetColumn: 'label' });
    expect([dates.code, dates.complaint.got]).toEqual(['parquet/type', 'text']);
    expect(dates.complaint.next).toContain("drop(columns=['species'])");
    const when = refused('table.parquet', { ...input([1]), columns: ['when'] });
    expect([when.code, when.complaint.got]).toEqual(['parquet/type', 'dates with times']);
    const missing = refused('rows.parquet', { ...input([2]), columns: ['a', 'c'] });
    expect([missing.code, missing.complaint.got]).toEqual([
      'parquet/missing',
      'a missing value, or an empty list, in example 201',
    ]);
    const large = refused('rows.parquet', { ...input([1]), columns: ['b'] });
    expect([large.code, large.complaint.got]).toEqual(['parquet/range', '9007199254740993 in example 9']);
    expect(refused('plain.parquet', { ...input([4]), targetColumn: 'labels' }).code).toBe(
      'csv/target-column',
    );
    expect(refused('plain.parquet', input([3])).code).toBe('data/columns');
  });
});

describe('lists of PyArrow', () => {
  it('are arrays by the names of their columns, whole or by rows', () => {
    const [whole, byRows] = both('lists.parquet', { ...input([2, 3]), exampleWeights: 'w' });
    expect(whole.inputs.get('x')).toMatchObject({ dtype: 'float32', shape: [N, 2, 3] });
    expect([...whole.inputs.get('x')!.data]).toEqual(all(value, 6 * N));
    expect([...(whole.targets!.data as BigInt64Array)]).toEqual(all((i) => BigInt(i % 3)));
    expect([...whole.exampleWeights!.data]).toEqual(all((i) => 1 + (i % 2)));
    expect(byRows.inputs.get('x')).toMatchObject({ ...whole.inputs.get('x')! });
    expect(byRows.targets).toMatchObject({ ...whole.targets! });
  });

  it('give pixels by a scale, and classes by their names', () => {
    const said = { ...input([6]), arrays: { x: 'pixels' }, targetColumn: 'name' };
    expect(refused('lists.parquet', { ...said, classes: ['dog', 'cat', 'cow'] }).code).toBe('data/uint8');
    const [whole, byRows] = both('lists.parquet', { ...said, scale: 1, classes: ['dog', 'cat', 'cow'] });
    expect([...whole.inputs.get('x')!.data]).toEqual(all((i) => (i * 31) % 256, 6 * N));
    expect([...(whole.targets!.data as BigInt64Array)]).toEqual(all((i) => [1n, 0n, 2n][i % 3]));
    expect(byRows.inputs.get('x')).toMatchObject({ ...whole.inputs.get('x')! });
  });

  it('are refused where one is of another length, or has no number to give', () => {
    const of = (x: string) => {
      const { code, complaint } = refused('refused.parquet', { ...input(null), arrays: { x } });
      return `${code} ${complaint.got ?? ''}`;
    };
    expect(of('ragged')).toBe('parquet/ragged another length in example 201');
    expect(of('hole')).toBe('parquet/missing a missing value, or an empty list, in example 77');
    expect(of('empty')).toBe('parquet/missing a missing value, or an empty list, in example 150');
    expect(of('deep')).toBe('parquet/type lists of lists');
    expect(of('words')).toBe('parquet/type lists of text');
    expect(of('record')).toBe('parquet/type records');
    expect(of('date')).toBe('parquet/type dates');
    expect(of('nothing')).toMatch(
      /^arrays\/missing x float32 \[300, 6\], ragged float32 \[300, 6\], .*date dates/,
    );
  });

  it('of several files are one data set', () => {
    for (const name of ['a-1.parquet', 'a-2.parquet'])
      writeFileSync(join(folder, name), fixture('lists.parquet'));
    const [whole, byRows] = [Infinity, 0].map((wholeUpTo) =>
      loadDataset(join(folder, 'a-*.parquet'), { ...input([6]), wholeUpTo }),
    );
    expect(whole.n).toBe(2 * N);
    expect(byRows.inputs.get('x')).toMatchObject({ ...whole.inputs.get('x')! });
  });
});

describe('a damaged file', () => {
  const read = (name: string, options: LoadOptions) => (bytes: Uint8Array) =>
    parseDataset({ name, bytes }, options, DISK);
  const table = read('plain.parquet', { ...input(null), targetColumn: 'label' });
  const lists = read('lists.parquet', input(null));

  it('is refused where it is cut off or another format', () => {
    const good = fixture('plain.parquet');
    expect(complaintOf(() => table(good.slice(0, -1))).code).toBe('parquet/truncated');
    expect(complaintOf(() => table(good.slice(0, 8))).code).toBe('parquet/truncated');
    expect(complaintOf(() => table(new Uint8Array(4000))).code).toBe('parquet/not-parquet');
    const encrypted = good.slice();
    encrypted[encrypted.length - 1] = 69;
    expect(complaintOf(() => table(encrypted)).complaint.rule).toContain('encrypted');
    expect(survives(cuts(good, 211), table)).toBe(Math.ceil(good.length / 211));
  });

  it('is refused where counts are larger than the file can hold', () => {
    // A footer is compact Thrift: the first field of the file is version, the third num_rows; 300 is the varint d8 04 (zigzag).
    const good = fixture('plain.parquet');
    const end = good.length - 8;
    const footer = end - new DataView(good.buffer).getUint32(end, true);
    let refusals = 0;
    for (let at = footer; at < end - 1; at++) {
      const claims = good.slice();
      // The varints with a continuation bit are the counts, sizes and places.
      if (claims[at] < 0x80 || claims[at + 1] >= 0x80) continue;
      claims[at + 1] = 0x7f;
      try {
        table(claims);
      } catch (error) {
        expect((error as { kind: string }).kind).toBe('bad-input');
        refusals++;
      }
    }
    expect(refusals).toBeGreaterThan(20);
  });

  it('never ends otherwise than by numbers or a complaint', () => {
    expect(survives(flips(fixture('plain.parquet'), 97), table)).toBeGreaterThan(20);
    expect(survives(flips(fixture('zstd.parquet'), 97), table)).toBeGreaterThan(20);
    expect(survives(flips(fixture('lists.parquet'), 211), lists)).toBeGreaterThan(20);
  });
});

describe('the package', () => {
  it('is asked for by name where it is missing, as are the decompressors', () => {
    const absent = (name: string): never => {
      throw Object.assign(new Error(name), { code: 'MODULE_NOT_FOUND' });
    };
    const error = complaintOf(() => parquetCodec(absent));
    expect([error.code, error.kind]).toEqual(['parquet/package', 'unsupported']);
    expect(error.complaint.next).toContain('npm install hyparquet@~1.33.0');
    expect(complaintOf(() => parquetCodec(() => ({}))).complaint.got).toContain('without parquetMetadata');
    const bare = { ...DISK, parquet: () => ({ ...parquetCodec(), compressors: null }) };
    const open = (name: string) =>
      parseDataset(
        fixturePath(name),
        { ...input([4]), targetColumn: 'label', exampleWeights: 'weight' },
        bare,
      );
    expect(open('plain.parquet').n).toBe(N);
    expect(complaintOf(() => open('zstd.parquet')).complaint.next).toBe(
      'npm install hyparquet-compressors@1',
    );
    const browser = complaintOf(() => parseDataset(bytesOf('plain.parquet'), input([4]), withoutDisk('x')));
    expect(browser.code).toBe('parquet/no-codec');
  });
});
