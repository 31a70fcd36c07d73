import { describe, expect, it } from 'vitest';
import { complaintOf, cuts, flips, survives } from '../../test/fixtures/data/index.js';
import { bytesOf, tensor } from '../core/tensor.js';
import type { Tensor } from '../core/tensor.js';
import { formatSafetensors, openSafetensors } from './safetensors.js';

const sample = new Map<string, Tensor>([
  ['fc1.bias', tensor('float32', [2], [-1, 0.5])],
  ['mask', tensor('bool', [3], [1, 0, 1])],
  ['fc1.weight', tensor('float64', [2, 3], [1, 2, 3, 4, 5, 1e-300])],
  ['steps', tensor('int64', [], [-7])],
  ['tokens', tensor('int32', [2], [1, -1])],
  ['tiny', tensor('int8', [1, 1], [-128])],
  ['pixels', tensor('uint8', [2], [0, 255])],
  ['1', tensor('float32', [0, 4], [])],
]);

function readAll(bytes: Uint8Array): Map<string, Tensor> {
  const file = openSafetensors(bytes, 'a.safetensors');
  return new Map(file.names.map((name) => [name, file.get(name)]));
}

function build(header: string, data: readonly number[] = []): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe('safetensors', () => {
  it('round-trips every tensor type, empty arrays and scalars', () => {
    const back = readAll(formatSafetensors(sample));
    expect(back.size).toBe(sample.size);
    for (const [name, t] of sample) expect(back.get(name)).toEqual(t);
  });

  it('carries metadata', () => {
    const file = openSafetensors(formatSafetensors(sample, { format: 'pt', manifest: '{"n":3}' }), 'a');
    expect(file.metadata).toEqual({ format: 'pt', manifest: '{"n":3}' });
    expect(file.manifest()).toEqual({ n: 3 });
    expect(openSafetensors(formatSafetensors(sample), 'a').manifest()).toBeNull();
  });

  it('lays out widest first, aligned, the same bytes for any order of the arrays', () => {
    const bytes = formatSafetensors(sample);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
      string,
      { data_offsets: [number, number] }
    >;
    for (const [name, t] of sample) expect(header[name].data_offsets[0] % bytesOf(t.dtype)).toBe(0);
    expect(formatSafetensors(new Map([...sample].reverse()))).toEqual(bytes);
  });

  it('reads half, bfloat16 and 16-bit integers', () => {
    const header = JSON.stringify({
      h: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
      b: { dtype: 'BF16', shape: [1], data_offsets: [4, 6] },
      u: { dtype: 'U16', shape: [1], data_offsets: [6, 8] },
    });
    const arrays = readAll(build(header, [0x00, 0x3c, 0x00, 0xc0, 0x49, 0xc0, 0xff, 0xff]));
    expect(arrays.get('h')).toEqual(tensor('float32', [2], [1, -2]));
    expect(arrays.get('b')).toEqual(tensor('float32', [1], [-3.140625]));
    expect(arrays.get('u')).toEqual(tensor('int32', [1], [65535]));
  });

  it('refuses an unknown type only when that array is asked for', () => {
    const header = JSON.stringify({
      scale: { dtype: 'F8_E4M3', shape: [2], data_offsets: [0, 2] },
      ok: { dtype: 'U8', shape: [1], data_offsets: [2, 3] },
    });
    const file = openSafetensors(build(header, [1, 2, 3]), 'a');
    expect(file.get('ok').data).toEqual(Uint8Array.of(3));
    const error = complaintOf(() => file.get('scale'));
    expect(error.code).toBe('safetensors/dtype');
    expect(error.complaint.where).toBe('a: array scale');
    expect(file.describe('scale').dtype).toBe('F8_E4M3');
  });

  it('refuses headers that disagree with the file', () => {
    const entry = (more: object) => ({ dtype: 'U8', shape: [2], data_offsets: [0, 2], ...more });
    const cases: [string, string, number[]?][] = [
      ['safetensors/header', 'not json'],
      ['safetensors/header', '[]'],
      [
        'safetensors/header',
        '{"x": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}, "x": {"dtype": "U8", "shape": [1], "data_offsets": [1, 2]}}',
      ],
      ['safetensors/header', JSON.stringify({ __metadata__: { n: 1 } })],
      ['safetensors/entry', JSON.stringify({ a: 3 })],
      ['safetensors/entry', JSON.stringify({ a: null })],
      ['safetensors/entry', JSON.stringify({ a: entry({ shape: [-2] }) })],
      ['safetensors/entry', JSON.stringify({ a: entry({ shape: [1.5] }) })],
      ['safetensors/entry', JSON.stringify({ a: entry({ data_offsets: [0] }) })],
      ['safetensors/offsets', JSON.stringify({ a: entry({ shape: [3] }) }), [1, 2]],
      ['safetensors/offsets', JSON.stringify({ a: entry({ data_offsets: [2, 0] }) }), [1, 2]],
      ['safetensors/offsets', JSON.stringify({ a: entry({ data_offsets: [1, 3] }) }), [1, 2, 3]],
      [
        'safetensors/offsets',
        JSON.stringify({ a: entry({}), b: entry({ data_offsets: [1, 3] }) }),
        [1, 2, 3],
      ],
      ['safetensors/offsets', JSON.stringify({ a: entry({}) }), [1, 2, 3]],
      ['safetensors/truncated', JSON.stringify({ a: entry({}) }), [1]],
      ['safetensors/entry', JSON.stringify({ constructor: entry({ dtype: 7 }) }), [1, 2]],
    ];
    for (const [code, header, data] of cases) {
      const error = complaintOf(() => readAll(build(header, data)));
      expect(`${error.code} ${header}`).toBe(`${code} ${header}`);
      expect(error.complaint.next).toBeTruthy();
    }
    expect(complaintOf(() => readAll(Uint8Array.of(1, 2))).code).toBe('safetensors/truncated');
    expect(complaintOf(() => readAll(new Uint8Array(16).fill(255))).code).toBe('safetensors/header');
  });

  it('survives every cut and every changed byte', () => {
    const good = formatSafetensors(sample, { format: 'pt' });
    expect(survives(cuts(good), readAll)).toBe(good.length);
    expect(survives(flips(good), readAll)).toBeGreaterThan(0);
  });

  it('refuses an array named __metadata__', () => {
    expect(complaintOf(() => formatSafetensors(new Map([['__metadata__', sample.get('1')!]]))).code).toBe(
      'safetensors/name',
    );
  });
});
