import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { hashString } from '../core/random.js';
import { visits } from './order.js';

const sorted = (a: Uint32Array): number[] => [...a].sort((p, q) => p - q);

describe('visits', () => {
  it('visits every example once, in an order that the seed alone decides', () => {
    const { indices, occurrence } = visits(100, { seed: 3 });
    expect(sorted(indices)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(occurrence.every((o) => o === 0)).toBe(true);
    expect(visits(100, { seed: 3 }).indices).toEqual(indices);
    expect(visits(100, { seed: 4 }).indices).not.toEqual(indices);
    expect([...visits(5, { order: 'file' }).indices]).toEqual([0, 1, 2, 3, 4]);
  });

  it('takes the first n of the same order', () => {
    const all = visits(100, { seed: 3 }).indices;
    expect(visits(100, { seed: 3, examples: 17 }).indices).toEqual(all.slice(0, 17));
    expect([...visits(9, { order: 'file', examples: 4 }).indices]).toEqual([0, 1, 2, 3]);
  });

  it('makes every prefix a random sample: each example is among the first n with probability n/N', () => {
    const [N, n, R] = [10, 3, 4000];
    const seed = hashString('prefix is a random sample') % 1e9;
    const counts = new Float64Array(N);
    for (let r = 0; r < R; r++)
      for (const i of visits(N, { seed: seed + r, examples: n }).indices) counts[i]++;
    const p = n / N;
    for (const c of counts) expect(Math.abs(c - R * p) / Math.sqrt(R * p * (1 - p))).toBeLessThan(4.5);
  });

  it('draws with replacement uniformly and counts repeats', () => {
    const [N, n] = [128, 5000];
    const { indices, occurrence } = visits(N, {
      seed: hashString('replacement'),
      examples: n,
      replacement: true,
    });
    const seen = new Array<number>(N).fill(0);
    for (let i = 0; i < n; i++) expect(occurrence[i]).toBe(seen[indices[i]]++);
    const p = 1 / N;
    const variance = n * p * (1 - p);
    for (const c of seen) expect(Math.abs(c - n * p) / Math.sqrt(variance)).toBeLessThan(4.5);
    const chi2 = seen.reduce((s, c) => s + (c - n * p) ** 2 / (n * p), 0);
    expect(Math.abs(chi2 - (N - 1)) / Math.sqrt(2 * (N - 1))).toBeLessThan(4.5);
  });

  it('is the bootstrap’s n = N by default with replacement: repeats happen', () => {
    const { indices } = visits(50, { seed: 1, replacement: true });
    expect(indices).toHaveLength(50);
    expect(new Set(indices).size).toBeLessThan(50);
  });

  it('refuses counts that make no sense, with the count that does', () => {
    const error = complaintOf(() => visits(100, { examples: 101 }));
    expect(error.code).toBe('order/examples');
    expect(error.exitCode).toBe(2);
    expect(error.complaint.next).toBe('`examples: 100`');
    for (const examples of [0, -1, 1.5, NaN]) {
      expect(complaintOf(() => visits(100, { examples })).code).toBe('order/examples');
    }
    expect(complaintOf(() => visits(9, { order: 'file', replacement: true })).code).toBe('order/replacement');
  });
});
