import { describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../core/tensor.js';
import { makeDataset } from '../data/dataset.js';
import { denseNetwork } from '../model/dense.js';
import { perPosition } from './per-position.js';

const plain = denseNetwork({ widths: [2, 6] });
const positions = {
  shape: [3],
  count: 3,
  channelsFirst: false,
  classesFirst: false,
  mask: null,
  labels: null,
};
const x = tensor('float32', [2, 2], [1, 2, 3, 4]);
const trace = { value: 12, standardError: 3 };

describe('the trace per position', () => {
  it('is the trace over the positions, where all count', () => {
    const data = makeDataset({ source: 'two', inputs: new Map([['x', x]]) });
    expect(perPosition(plain, data, trace, 'distribution')).toBeNull();
    expect(perPosition({ ...plain, positions }, data, trace, 'distribution')).toEqual({
      value: 4,
      standardError: 1,
      atMost: false,
      positions: 3,
    });
  });

  it('counts what both masks leave, with at most the error of a ratio', () => {
    const mask = tensor('int64', [2, 3], [1, 1, 0, 1, 1, 1]);
    const own = tensor('float32', [2, 3], [1, 0, 1, 1, 1, 1]);
    const inputs = new Map<string, Tensor>([
      ['x', x],
      ['m', mask],
      ['labels', own],
    ]);
    const data = makeDataset({ source: 'two', inputs });
    const labels = { input: 'labels', ignore: -100 };
    const masked = { ...plain, positions: { ...positions, mask: 'm', labels } };
    const got = perPosition(masked, data, trace, 'distribution');
    // M = 1, 3: mean 2, standard error 1.
    expect(got).toEqual({ value: 6, standardError: (3 + 6) / 2, atMost: true, positions: 2 });
    // The positions of the data at hand are known.
    const known = { value: 6, standardError: 1.5, atMost: false, positions: 2 };
    expect(perPosition(masked, data, trace, 'data')).toEqual(known);
    expect(perPosition(masked, data, { value: 12, standardError: 0 }, 'data')?.standardError).toBe(0);
  });
});
