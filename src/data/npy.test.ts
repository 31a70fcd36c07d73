import { describe, expect, it } from 'vitest';
import { complaintOf, cuts, fixture, flips, survives } from '../../test/fixtures/data/index.js';
import { sizeOf, tensor } from '../core/tensor.js';
import type { DType } from '../core/tensor.js';
import { describeNpy, formatNpy, parseNpy } from './npy.js';
import { openZip } from './zip.js';

const kinds = openZip(fixture('kinds.npz'), 'kinds.npz');

/** The values that make.py writes. */
const VALUES: Record<string, (k: number) => number> = {
  f: (k) => (k - 7) / 4,
  i: (k) => k - 7,
  u1: (k) => 2 ** 8 - 1 - k,
  u2: (k) => 2 ** 16 - 1 - k,
  u4: (k) => 2 ** 32 - 1 - k,
  b: (k) => (k % 3 === 0 ? 1 : 0),
};
const DTYPES: Record<string, DType> = {
  f2: 'float32',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int32',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'int32',
  u4: 'int64',
  b1: 'bool',
};

function header(text: string, version = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(10 + text.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, text.length & 255, text.length >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  return bytes;
}

describe('parseNpy', () => {
  const typed = kinds.filter((entry) => /\/[CF]\.npy$/.test(entry.name));

  it('finds all eleven kinds in both byte orders and both memory orders', () => {
    expect(typed).toHaveLength(11 * 4);
  });

  for (const entry of typed) {
    it(`reads what NumPy wrote as ${entry.name}`, () => {
      const kind = entry.name.split('/')[0];
      const t = parseNpy(entry.bytes(), entry.name);
      const value = VALUES[kind] ?? VALUES[kind[0]];
      expect(t.dtype).toBe(DTYPES[kind]);
      expect(t.shape).toEqual([2, 3, 4]);
      expect(Array.from(t.data, Number)).toEqual(Array.from({ length: 24 }, (_, k) => value(k)));
    });
  }

  it('reads a scalar, an empty array and a vector', () => {
    const read = (name: string) =>
      parseNpy(kinds.find((entry) => entry.name === `${name}.npy`)!.bytes(), name);
    expect(read('scalar')).toEqual({ dtype: 'float64', shape: [], data: Float64Array.of(0.1) });
    expect(read('none')).toEqual({ dtype: 'float32', shape: [0, 3], data: new Float32Array(0) });
    expect(read('vector')).toEqual({ dtype: 'float32', shape: [2], data: Float32Array.of(1.5, -2.25) });
  });

  it('reads versions 1, 2 and 3', () => {
    for (const version of [1, 2, 3]) {
      const t = parseNpy(fixture(`version${version}.npy`), 'a.npy');
      expect(t).toEqual({ dtype: 'float32', shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) });
    }
  });

  it('refuses what is not numbers, by name, with a way out', () => {
    const words: Record<string, string> = {
      object: 'object',
      string: 'string',
      bytes: 'bytes',
      complex: 'complex',
      record: 'record',
      uint64: 'uint64',
      datetime: 'datetime',
    };
    for (const entry of openZip(fixture('refused.npz'), 'refused.npz')) {
      const name = entry.name.replace('.npy', '');
      if (name === 'x') continue;
      const error = complaintOf(() => parseNpy(entry.bytes(), `refused.npz: array ${name}`));
      expect(error.code).toBe('npy/dtype');
      expect(error.exitCode).toBe(3);
      expect(error.complaint.where).toBe(`refused.npz: array ${name}`);
      expect(error.complaint.got).toContain(`type ${words[name]}`);
      expect(error.complaint.next).toBeTruthy();
      expect(describeNpy(entry.bytes(), name, 'x').dtype).toBe(words[name]);
    }
  });

  it('says what is wrong with a damaged file', () => {
    const good = fixture('version1.npy');
    const code = (bytes: Uint8Array) => complaintOf(() => parseNpy(bytes, 'a.npy')).code;
    expect(code(new Uint8Array(3))).toBe('npy/not-npy');
    expect(code(new TextEncoder().encode('<!DOCTYPE html>'))).toBe('npy/not-npy');
    expect(code(header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 4))).toBe('npy/version');
    expect(code(good.slice(0, 60))).toBe('npy/truncated');
    expect(code(good.slice(0, -1))).toBe('npy/truncated');
    expect(code(Uint8Array.from([...good, 0]))).toBe('npy/trailing');
    for (const text of [
      'nothing',
      "{'descr': '<f4', 'shape': (1,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,,2), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }",
    ]) {
      expect(code(header(text))).toBe('npy/header');
    }
  });

  it('survives every cut, and every changed byte', () => {
    const good = fixture('version2.npy');
    const read = (bytes: Uint8Array) => parseNpy(bytes, 'a.npy');
    expect(survives(cuts(good), read)).toBe(good.length);
    expect(survives(flips(good), read)).toBeGreaterThan(0);
  });
});

describe('formatNpy', () => {
  it('writes NumPy’s own bytes', () => {
    for (const name of ['f4', 'f8', 'i1', 'i4', 'i8', 'u1', 'b1']) {
      const bytes = kinds.find((entry) => entry.name === `${name}/little/C.npy`)!.bytes();
      expect(formatNpy(parseNpy(bytes, name))).toEqual(bytes);
    }
    for (const name of ['scalar', 'none', 'vector']) {
      const bytes = kinds.find((entry) => entry.name === `${name}.npy`)!.bytes();
      expect(formatNpy(parseNpy(bytes, name))).toEqual(bytes);
    }
  });

  it('pads headers of every length as NumPy does', () => {
    const ranks = kinds.filter((entry) => entry.name.startsWith('rank'));
    expect(ranks).toHaveLength(33 + 2 * 31);
    for (const entry of ranks) expect(formatNpy(parseNpy(entry.bytes(), entry.name))).toEqual(entry.bytes());
  });

  it('aligns the elements to 64 bytes and round-trips, for headers of every length', () => {
    for (let rank = 0; rank < 30; rank++) {
      const shape = Array.from({ length: rank }, (_, i) => (i < 3 ? 2 : 1));
      const t = tensor(
        'float32',
        shape,
        Array.from({ length: sizeOf(shape) }, (_, i) => i / 8),
      );
      const bytes = formatNpy(t);
      expect((bytes.length - t.data.byteLength) % 64).toBe(0);
      expect(parseNpy(bytes, 'a.npy')).toEqual(t);
    }
  });

  it('writes a view, not the buffer behind it', () => {
    const data = Float64Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(parseNpy(formatNpy({ dtype: 'float64', shape: [2], data }), 'a.npy').data).toEqual(
      Float64Array.of(2, 3),
    );
  });
});
