import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { complaintOf, fixture } from '../../test/fixtures/data/index.js';
import { tensor, zeros } from '../core/tensor.js';
import type { Tensor } from '../core/tensor.js';
import { listArrays } from '../data/array-file.js';
import { arrayFormatOf, openArrays } from '../data/arrays.js';
import { readArrays, writeArrays } from './arrays.js';
import { formatNpz, openNpz } from '../data/npz.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fim-arrays-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const result = new Map<string, Tensor>([
  ['fisher/fc1.weight', tensor('float64', [2, 2], [1, 2, 3, 1e-300])],
  ['label_se/fc1.weight', tensor('float64', [2, 2], [0.1, 0.2, 0.3, 0])],
]);
const manifest = {
  likelihood: 'gaussian',
  variance: 4,
  estimator: 'exact',
  n: 128,
  population: 'distribution',
};

describe('writeArrays and readArrays', () => {
  it('round-trip arrays and manifest in either format, the same bytes each time', () => {
    for (const extension of ['npz', 'safetensors']) {
      const path = join(folder, `fisher.${extension}`);
      writeArrays(path, result, manifest);
      const first = readFileSync(path);
      const file = readArrays(path);
      expect(file.manifest()).toEqual(manifest);
      expect([...file.names].sort()).toEqual([...result.keys()].sort());
      for (const [name, t] of result) expect(file.get(name)).toEqual(t);
      writeArrays(path, result, manifest);
      expect(readFileSync(path)).toEqual(first);
      writeArrays(path, result);
      expect(readArrays(path).manifest()).toBeNull();
    }
    expect(readdirSync(folder).sort()).toEqual(['fisher.npz', 'fisher.safetensors']);
  });

  it('refuse other extensions before anything is read or written', () => {
    const error = complaintOf(() => writeArrays(join(folder, 'fisher.npy'), result));
    expect(error.code).toBe('arrays/extension');
    expect(error.complaint.next).toBe(join(folder, 'fisher.npz'));
    expect(complaintOf(() => readArrays(join(folder, 'none.pt'))).code).toBe('arrays/extension');
    expect(arrayFormatOf('A.NPZ')).toBe('npz');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('see a checkpoint of torch.save under the name .safetensors', () => {
    const error = complaintOf(() => openArrays(fixture('diabetes-data.npz'), 'w.safetensors'));
    expect(error.complaint.got).toBe('a zip archive');
  });
});

describe('listArrays', () => {
  it('shows the first twenty and counts the rest', () => {
    const many = new Map(Array.from({ length: 25 }, (_, i) => [`a${i}`, zeros('float32', [i])] as const));
    const text = listArrays(openNpz(formatNpz(many), 'a.npz'));
    expect(text.startsWith('a0 float32 [0], a1 float32 [1]')).toBe(true);
    expect(text.endsWith('a19 float32 [19], and 5 more')).toBe(true);
    expect(listArrays(openNpz(formatNpz(new Map([['a', zeros('float32', [])]])), 'a.npz'))).toBe(
      'a float32 []',
    );
  });
});
