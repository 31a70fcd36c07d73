import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { complaintOf, cuts, flips, survives } from '../../test/fixtures/data/index.js';
import { isIdx, parseIdx } from './idx.js';

function idx(type: number, shape: readonly number[], data: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, type, shape.length]);
  shape.forEach((d, i) => new DataView(bytes.buffer).setUint32(4 + 4 * i, d));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

const images = idx(0x08, [2, 2, 3], [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]);
const expected = {
  dtype: 'uint8',
  shape: [2, 2, 3],
  data: Uint8Array.of(0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255),
};

describe('parseIdx', () => {
  it('reads bytes, gzipped or not', () => {
    expect(parseIdx(images, 'a')).toEqual(expected);
    expect(parseIdx(gzipSync(images, { mtime: 0 }), 'a.gz')).toEqual(expected);
    expect(isIdx(images)).toBe(true);
  });

  it('reads every element type, big-endian', () => {
    const read = (type: number, data: number[]) => parseIdx(idx(type, [1], data), 'a');
    expect(read(0x09, [0xff])).toEqual({ dtype: 'int8', shape: [1], data: Int8Array.of(-1) });
    expect(read(0x0b, [0xff, 0xfe])).toEqual({ dtype: 'int32', shape: [1], data: Int32Array.of(-2) });
    expect(read(0x0c, [0, 0, 1, 2])).toEqual({ dtype: 'int32', shape: [1], data: Int32Array.of(258) });
    expect(read(0x0d, [0x3f, 0x80, 0, 0])).toEqual({
      dtype: 'float32',
      shape: [1],
      data: Float32Array.of(1),
    });
    expect(read(0x0e, [0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18])).toEqual({
      dtype: 'float64',
      shape: [1],
      data: Float64Array.of(Math.PI),
    });
  });

  it('says what is wrong', () => {
    const code = (bytes: Uint8Array) => complaintOf(() => parseIdx(bytes, 'a')).code;
    expect(code(new TextEncoder().encode('<html>'))).toBe('idx/not-idx');
    expect(code(idx(0x0a, [1], [1]))).toBe('idx/not-idx');
    expect(code(images.slice(0, -1))).toBe('idx/truncated');
    expect(code(images.slice(0, 9))).toBe('idx/truncated');
    expect(code(Uint8Array.from([...images, 0]))).toBe('idx/trailing');
    expect(code(idx(0x08, [0xffffffff, 0xffffffff, 0xffffffff], []))).toBe('idx/truncated');
    const packed = gzipSync(images, { mtime: 0 });
    expect(code(packed.slice(0, -3))).toBe('deflate/damaged');
    expect(code(packed.map((b, i) => (i === packed.length - 1 ? 0xff : b)))).toBe('deflate/damaged');
  });

  it('takes no memory for a size that the bytes cannot hold', () => {
    const packed = gzipSync(images, { mtime: 0 });
    packed.fill(0xff, packed.length - 4);
    const error = complaintOf(() => parseIdx(packed, 'a'));
    expect(error.complaint.got).toBe(`${packed.length} bytes that claim to hold 4294967295`);
  });

  it('survives every cut and flip, and never reads a gzipped element wrong', () => {
    const packed = gzipSync(images, { mtime: 0 });
    const read = (bytes: Uint8Array) => parseIdx(bytes, 'a');
    expect(survives(cuts(images), read)).toBe(images.length);
    expect(survives(cuts(packed), read)).toBe(packed.length);
    expect(survives(flips(images), read)).toBeGreaterThan(0);
    survives(flips(packed), (bytes) => {
      expect(parseIdx(bytes, 'a').data).toEqual(expected.data);
    });
  });
});
