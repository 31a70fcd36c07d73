import { describe, expect, it } from 'vitest';
import type { FloatArray, TypedArray } from '../core/tensor.js';
import { type Forward, requireIndependent } from './independence.js';

const OUTPUTS = 2;

/** Outputs x² and x + others(x) of n rows of one number. */
const forward =
  (others: (x: TypedArray, e: number) => number): Forward =>
  async (inputs, n) => {
    const x = inputs.get('x') as Float64Array;
    const out = new Float64Array(n * OUTPUTS);
    for (let e = 0; e < n; e++) out.set([Number(x[e]) ** 2, Number(x[e]) + others(x, e)], e * OUTPUTS);
    return Promise.resolve(out as FloatArray);
  };

const x = (...values: number[]) => new Map([['x', Float64Array.from(values)]]);

describe('requireIndependent', () => {
  it('passes what sees only itself, and leaves the last run on the data itself', async () => {
    const seen: number[][] = [];
    const inner = forward(() => 0);
    const spy: Forward = (inputs, n) => {
      seen.push(Array.from(inputs.get('x') as Float64Array));
      return inner(inputs, n);
    };
    await requireIndependent(spy, x(1, 2, 3), 3, OUTPUTS);
    expect(seen).toHaveLength(3);
    expect(seen[1][0]).not.toBe(1);
    expect(seen[1].slice(1)).toEqual([2, 3]);
    expect(seen[2]).toEqual([1, 2, 3]);
  });

  it.each([
    ['the mean of the batch', (v: TypedArray) => (v as Float64Array).reduce((s, a) => s + a, 0) / v.length],
    ['the row before', (v: TypedArray, e: number) => (e > 0 ? 0.01 * Number(v[e - 1]) : 0)],
    ['the first row, a little', (v: TypedArray) => 0.02 * Number(v[0])],
  ])('refuses %s', async (_, others) => {
    const run = requireIndependent(forward(others), x(1, 2, 3), 3, OUTPUTS);
    await expect(run).rejects.toThrow('examples must be independent');
    await expect(run).rejects.toMatchObject({ code: 'model/examples-coupled' });
    await expect(run).rejects.toThrow(/output of example 1/);
  });

  it('sees coupling through a first row of zeros, and through integers', async () => {
    const first = (v: TypedArray) => Number(v[0]);
    await expect(requireIndependent(forward(first), x(0, 2), 2, OUTPUTS)).rejects.toThrow('independent');
    const integers = new Map([['x', Int32Array.from([8, 2])]]);
    await expect(requireIndependent(forward(first), integers, 2, OUTPUTS)).rejects.toThrow('independent');
  });

  it('has nothing to ask of one example', async () => {
    const never: Forward = () => Promise.reject(new Error('was run'));
    await requireIndependent(never, x(1), 1, OUTPUTS);
  });
});
