import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { complaintOf, cuts, fixture, flips, survives } from '../../test/fixtures/data/index.js';
import { tensor } from '../core/tensor.js';
import type { Tensor } from '../core/tensor.js';
import { listArrays } from './array-file.js';
import { formatNpz, openNpz } from './npz.js';

function readAll(bytes: Uint8Array): Map<string, Tensor> {
  const file = openNpz(bytes, 'a.npz');
  file.manifest();
  return new Map(file.names.map((name) => [name, file.get(name)]));
}

const sample = new Map<string, Tensor>([
  ['fisher/fc1.weight', tensor('float64', [2, 3], [1, 2, 3, 4, 5, 1e-300])],
  ['fisher/fc1.bias', tensor('float32', [2], [-1, 0.5])],
  ['é/层', tensor('int64', [1], [-7])],
  ['0', tensor('bool', [], [1])],
]);

describe('openNpz', () => {
  it('reads a stored archive of PyTorch’s numbers', () => {
    const file = openNpz(fixture('diabetes-data.npz'), 'data.npz');
    expect(listArrays(file)).toBe('x float32 [128, 10], y float32 [128, 1]');
    const x = file.get('x');
    expect(x.data).toHaveLength(1280);
    expect([x.data[0], x.data[1279]]).toEqual([0.34228160977363586, 0.6740052103996277]);
    // The ordered sum Σ k·x_k in float64, as NumPy gives it: every element in its place.
    const sum = (x.data as Float32Array).reduce((s, v, k) => s + k * v, 0);
    expect(Math.abs(sum / 12370.829666809645 - 1)).toBeLessThan(1e-12);
  });

  it('reads a deflated archive', () => {
    const file = openNpz(fixture('digits-double-data.npz'), 'data.npz');
    expect(listArrays(file)).toBe('x float64 [96, 8], y int64 [96]');
    expect(Array.from(file.get('y').data.subarray(0, 5), Number)).toEqual([0, 2, 3, 3, 0]);
    expect(file.get('x').data[767]).toBe(0.4683763086795807);
  });

  it('reads names with a slash, and arrays that agree with each other', () => {
    const file = openNpz(fixture('digits-sigmoid-reference.npz'), 'reference.npz');
    const dense = file.get('fisher_dense').data as Float64Array;
    const P = file.describe('fisher_dense').shape[0];
    let trace = 0;
    for (let i = 0; i < P; i++) trace += dense[i * P + i];
    let sum = 0;
    for (const name of file.names.filter((n) => n.startsWith('fisher_diag/'))) {
      for (const v of file.get(name).data as Float64Array) sum += v;
    }
    expect(P).toBe(113);
    expect(Math.abs(sum / trace - 1)).toBeLessThan(1e-13);
  });

  it('reads only what is asked for: an object array beside x does no harm', () => {
    const file = openNpz(fixture('refused.npz'), 'refused.npz');
    expect(file.get('x').shape).toEqual([2, 2]);
    expect(listArrays(file)).toContain('object object [2], string string [2]');
    expect(complaintOf(() => file.get('string')).complaint.where).toBe('refused.npz: array string');
  });

  it('names the arrays when one is missing', () => {
    const error = complaintOf(() => openNpz(fixture('diabetes-data.npz'), 'data.npz').get('labels'));
    expect(error.code).toBe('arrays/missing');
    expect(error.complaint.got).toBe('x float32 [128, 10], y float32 [128, 1]');
  });

  it('refuses what is not a zip archive', () => {
    const error = complaintOf(() => openNpz(new TextEncoder().encode('<html>not here</html>'), 'data.npz'));
    expect(error.code).toBe('zip/not-zip');
    expect(error.complaint.got).toBe('the bytes 3c 68 74 6d');
    expect(error.exitCode).toBe(3);
  });

  it('refuses an entry that is not an array, by name', () => {
    const error = complaintOf(() => readAll(zipSync({ 'readme.txt': strToU8('hello, this is text') })));
    expect(error.code).toBe('npy/not-npy');
    expect(error.complaint.where).toBe('a.npz: array readme.txt');
  });

  it('refuses every truncated copy of a stored and of a deflated archive', () => {
    const stored = fixture('diabetes-data.npz');
    const deflated = fixture('digits-double-data.npz');
    expect(survives(cuts(stored, 7), readAll)).toBe(Math.ceil(stored.length / 7));
    expect(survives(cuts(deflated, 1), readAll)).toBe(deflated.length);
    expect(complaintOf(() => readAll(stored.slice(0, -1))).code).toBe('zip/truncated');
  });

  it('never takes a changed element for a number', () => {
    for (const name of ['diabetes-data.npz', 'digits-double-data.npz']) {
      const good = fixture(name);
      const expected = readAll(good);
      survives(flips(good, name.startsWith('diabetes') ? 13 : 5), (bytes) => {
        const arrays = readAll(bytes);
        for (const [key, t] of expected) if (arrays.has(key)) expect(arrays.get(key)).toEqual(t);
      });
    }
  });

  it('refuses two entries of one name', () => {
    const bytes = formatNpz(
      new Map([
        ['aa', sample.get('0')!],
        ['ab', sample.get('0')!],
      ]),
    );
    const renamed = bytes.map((b, i) =>
      b === 0x62 && bytes[i - 1] === 0x61 && bytes[i + 1] === 0x2e ? 0x61 : b,
    );
    expect(complaintOf(() => readAll(renamed)).complaint.got).toContain('two entries named aa.npy');
  });
});

describe('formatNpz', () => {
  it('round-trips names, types and values, in order', () => {
    expect([...readAll(formatNpz(sample))]).toEqual(expect.arrayContaining([...sample]));
    expect(readAll(formatNpz(sample)).size).toBe(sample.size);
  });

  it('gives the same bytes each time, dated 1 January 1980', () => {
    const bytes = formatNpz(sample);
    expect(formatNpz(sample)).toEqual(bytes);
    expect(new DataView(bytes.buffer).getUint32(10, true)).toBe(0x00210000);
  });

  it('carries a manifest that is not listed among the arrays', () => {
    const manifest = { estimator: 'exact', n: 128, note: 'σ² = 1' };
    const file = openNpz(formatNpz(sample, manifest), 'a.npz');
    expect(file.manifest()).toEqual(manifest);
    expect(file.names).not.toContain('__manifest__');
    expect(openNpz(formatNpz(sample), 'a.npz').manifest()).toBeNull();
  });

  it('refuses an array under the manifest’s name', () => {
    const error = complaintOf(() => formatNpz(new Map([['__manifest__', sample.get('0')!]])));
    expect(error.code).toBe('npz/name');
  });

  it('refuses names that break an archive or leave the folder that it is unpacked to, and no others', () => {
    const written = (name: string) => formatNpz(new Map([[name, sample.get('0')!]]));
    const hostile = [
      'a\0',
      'a/../../b',
      '..',
      '/etc/x',
      '\\\\host\\x',
      'C:\\x',
      'c:/x',
      'x'.repeat(65_532),
      '層'.repeat(21_844),
    ];
    for (const name of hostile)
      expect(complaintOf(() => written(name)).code, name.slice(0, 20)).toBe('npz/name');
    for (const name of ['a..b', 'w:0', '...', 'fisher//x', '__proto__', 'x'.repeat(65_531), 'a\nb']) {
      expect(openNpz(written(name), 'a.npz').names).toEqual([name]);
    }
  });

  it('refuses a manifest that is not one', () => {
    const data = new TextEncoder().encode('[1]');
    const bytes = zipSync({ '__manifest__.npy': formatNpzEntry(data) });
    expect(complaintOf(() => openNpz(bytes, 'a.npz').manifest()).code).toBe('manifest/json');
  });
});

function formatNpzEntry(data: Uint8Array): Uint8Array {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${data.length},), }\n`;
  return Uint8Array.from([0x93, ...strToU8('NUMPY'), 1, 0, text.length, 0, ...strToU8(text), ...data]);
}
