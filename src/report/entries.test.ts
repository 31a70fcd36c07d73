import { describe, expect, it } from 'vitest';
import { summariseEntries, type TensorEntries } from './entries.js';

function entriesOf(
  name: string,
  shape: number[],
  values: number[],
  relative: number[] | null,
): TensorEntries {
  const errors = relative && values.map((v, i) => v * relative[i]);
  return {
    name,
    shape,
    value: values,
    standardError: errors,
    labelError: errors && errors.map((e) => e * 0.6),
    dataError: errors && errors.map((e) => e * 0.8),
  };
}

const weight = entriesOf('w', [2, 3], [5, 0, 1, 3, 7, 2], [0.1, 0, 0.3, 0.2, 0.4, 0.5]);
const bias = entriesOf('b', [2], [6, 0.5], [0.05, 0.9]);

describe('summariseEntries', () => {
  const summary = summariseEntries([weight, bias], { bins: 4, extremes: 3 });

  it('names the most and the least informed by tensor and index, zeros apart', () => {
    expect(summary.mostInformed.map((e) => [e.tensor, e.index, e.value])).toEqual([
      ['w', [1, 1], 7],
      ['b', [0], 6],
      ['w', [0, 0], 5],
    ]);
    expect(summary.leastInformed.map((e) => [e.tensor, e.index, e.value])).toEqual([
      ['b', [1], 0.5],
      ['w', [0, 2], 1],
      ['w', [1, 2], 2],
    ]);
    expect(summary.mostInformed[0].standardError).toBeCloseTo(2.8, 12);
    expect(summary.zeros).toBe(1);
  });

  it('calls an entry least informed by the upper end of its interval', () => {
    const { leastInformed, mostInformed } = summariseEntries([
      entriesOf('w', [3], [0.1, 1, 2], [50, 0.1, 0.2]),
    ]);
    expect(leastInformed.map((e) => e.value)).toEqual([1, 2, 0.1]);
    expect(mostInformed.map((e) => e.value)).toEqual([2, 1, 0.1]);
    expect(leastInformed[2].interval?.[0]).toBe(0);
    expect(leastInformed[2].interval?.[1]).toBeCloseTo(0.1 + 1.96 * 5, 12);
  });

  it('counts every entry that is not 0 once, with its quantiles', () => {
    const found = summary.relativeErrors;
    // Sorted: .05 .1 .2 .3 .4 .5 .9
    expect(found?.median).toBeCloseTo(0.3, 12);
    expect(found?.ninetieth).toBeCloseTo(0.66, 12);
    expect(found?.entries).toBe(7);
    expect(found?.counts.reduce((a, b) => a + b)).toBe(7);
    expect(found?.edges).toHaveLength(5);
  });

  it('summarises each tensor', () => {
    expect(summary.tensors[0]).toMatchObject({
      name: 'w',
      zeros: 1,
      value: { least: 0, median: 2.5, most: 7 },
    });
    expect(summary.tensors[0].medianRelativeError).toBeCloseTo(0.3, 12);
    expect(summary.tensors[1].labelError?.most).toBeCloseTo(0.27, 12);
  });

  it('agrees with a full sort on many entries', () => {
    const values = Array.from({ length: 500 }, (_, i) => ((i * 7919) % 503) + 1);
    const sorted = [...values].sort((a, b) => b - a);
    const { mostInformed, leastInformed } = summariseEntries([entriesOf('x', [20, 25], values, null)], {
      extremes: 5,
    });
    expect(mostInformed.map((e) => e.value)).toEqual(sorted.slice(0, 5));
    expect(leastInformed.map((e) => e.value)).toEqual(sorted.slice(-5).reverse());
    for (const e of mostInformed) expect(values[e.index[0] * 25 + e.index[1]]).toBe(e.value);
  });

  it('says nothing about errors that are unknown, and nothing of zeros alone', () => {
    const unknown = summariseEntries([entriesOf('w', [2], [1, 2], null), bias]);
    expect(unknown.relativeErrors).toBeNull();
    expect(unknown.tensors[0].medianRelativeError).toBeNull();
    expect(unknown.leastInformed[0].standardError).toBeNull();
    expect(unknown.leastInformed[1].standardError).toBeCloseTo(0.45, 12);
    const zeros = summariseEntries([entriesOf('w', [2], [0, 0], [0, 0])]);
    expect([zeros.relativeErrors, zeros.leastInformed]).toEqual([null, []]);
  });

  it('refuses arrays that are not of the size of their tensor', () => {
    expect(() => summariseEntries([{ ...bias, shape: [3] }])).toThrow(/tensor's size, 3/);
  });
});
