import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { tensor } from '../core/tensor.js';
import type { Tensor } from '../core/tensor.js';
import { batchBytes, batches } from './batches.js';
import { makeDataset } from './dataset.js';

/** Example i holds 100·i + j in its j-th element, in two inputs of different types, and i as its target. */
function numbered(n: number, row: number) {
  const k = Array.from({ length: n * row }, (_, e) => 100 * Math.floor(e / row) + (e % row) + 1 / 3);
  return makeDataset({
    source: 'numbered',
    inputs: new Map<string, Tensor>([
      ['x', tensor('float64', [n, row], k)],
      [
        'tokens',
        tensor(
          'int64',
          [n, 2, 1],
          Array.from({ length: 2 * n }, (_, e) => e),
        ),
      ],
    ]),
    targets: tensor(
      'int32',
      [n],
      Array.from({ length: n }, (_, i) => i),
    ),
  });
}

describe('batches', () => {
  for (const row of [3, 40]) {
    it(`gives each example its own rows, inputs and targets together (rows of ${row})`, () => {
      const data = numbered(23, row);
      for (const dtype of ['float32', 'float64'] as const) {
        const visited: number[] = [];
        for (const batch of batches(data, { batch: 5, dtype, seed: 7 })) {
          const x = batch.inputs.get('x')!;
          const tokens = batch.inputs.get('tokens')!;
          expect(x.dtype).toBe(dtype);
          expect(tokens.dtype).toBe('int64');
          expect(x.shape).toEqual([batch.n, row]);
          expect(tokens.shape).toEqual([batch.n, 2, 1]);
          expect(x.data).toHaveLength(batch.n * row);
          expect(batch.start).toBe(visited.length);
          expect(Array.from(batch.targets!.data, Number)).toEqual([...batch.indices]);
          batch.indices.forEach((example, r) => {
            for (let j = 0; j < row; j++) {
              const v = 100 * example + j + 1 / 3;
              expect(x.data[r * row + j]).toBe(dtype === 'float32' ? Math.fround(v) : v);
            }
            expect(tokens.data[2 * r + 1]).toBe(BigInt(2 * example + 1));
          });
          visited.push(...batch.indices);
        }
        expect(visited.sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, i) => i));
      }
    });
  }

  it('makes the same visit whatever the batch size, the last batch smaller, buffers used again', () => {
    const data = numbered(10, 3);
    const visit = (batch: number) => {
      const sizes: number[] = [];
      const indices: number[] = [];
      const buffers = new Set<ArrayBufferLike>();
      for (const b of batches(data, { batch, dtype: 'float32', seed: 5 })) {
        sizes.push(b.n);
        indices.push(...b.indices);
        buffers.add(b.inputs.get('x')!.data.buffer);
      }
      expect(buffers.size).toBe(1);
      return { sizes, indices };
    };
    expect(visit(4).sizes).toEqual([4, 4, 2]);
    expect(visit(5).sizes).toEqual([5, 5]);
    expect(visit(99).sizes).toEqual([10]);
    expect(visit(4).indices).toEqual(visit(99).indices);
    const stream = batches(data, { batch: 4, dtype: 'float32', seed: 5 });
    expect([stream.n, stream.count]).toEqual([10, 3]);
    expect([...stream].length).toBe(3);
    expect([...stream].length).toBe(3);
  });

  it('casts float32 data to float64 exactly, and leaves the data set alone', () => {
    const values = Float32Array.of(0.1, 1 / 3, 1e-40);
    const data = makeDataset({
      source: 'a',
      inputs: new Map([['x', { dtype: 'float32', shape: [3], data: values }]]),
    });
    for (const batch of batches(data, { batch: 3, dtype: 'float64', order: 'file' })) {
      const x = batch.inputs.get('x')!;
      expect([...(x.data as Float64Array)]).toEqual([...values]);
      expect(batch.targets).toBeNull();
      (x.data as Float64Array).fill(9);
    }
    expect(values[1]).toBe(Math.fround(1 / 3));
  });

  it('carries occurrences of draws with replacement', () => {
    const data = numbered(4, 3);
    const seen = [0, 0, 0, 0];
    for (const batch of batches(data, { batch: 7, dtype: 'float32', replacement: true, examples: 50 })) {
      batch.indices.forEach((example, r) => expect(batch.occurrence[r]).toBe(seen[example]++));
    }
    expect(seen.reduce((a, b) => a + b)).toBe(50);
  });

  it('continues where another part of the visit ended', () => {
    const data = numbered(10, 3);
    const take = (from: number, examples: number) =>
      [...batches(data, { batch: 3, dtype: 'float32', seed: 2, from, examples })].flatMap((b) => [
        ...b.indices,
      ]);
    expect([...take(0, 4), ...take(4, 10)]).toEqual(take(0, 10));
    expect(take(10, 10)).toEqual([]);
    expect(complaintOf(() => take(11, 10)).code).toBe('batch/from');
  });

  it('refuses a finite number that float32 cannot hold, and a batch size that is none', () => {
    const data = makeDataset({
      source: 'a.npz',
      inputs: new Map([['x', tensor('float64', [2], [1, 1e300])]]),
    });
    const run = (dtype: 'float32' | 'float64') => [...batches(data, { batch: 2, dtype })];
    const error = complaintOf(() => run('float32'));
    expect(error.code).toBe('data/overflow');
    expect(error.complaint.where).toBe('a.npz: x');
    expect(error.complaint.got).toBe('1e+300 in example 1, infinite in float32');
    expect(run('float64')).toHaveLength(1);
    for (const batch of [0, 1.5, -1, NaN]) {
      expect(complaintOf(() => batches(data, { batch, dtype: 'float64' })).code).toBe('batch/size');
    }
  });

  it('knows the memory that a batch takes', () => {
    expect(batchBytes(numbered(9, 3), 4, 'float32')).toBe(4 * (3 * 4 + 2 * 8 + 4));
    expect(batchBytes(numbered(9, 3), 4, 'float64')).toBe(4 * (3 * 8 + 2 * 8 + 4));
  });
});
