import { describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../core/tensor.js';
import { denseNetwork } from '../model/dense.js';
import type { OutputPositions } from '../model/network.js';
import { makeDataset } from './dataset.js';
import { atPositions } from './position-targets.js';

// Two pixels side by side, three classes, two examples.
const pixels: OutputPositions = {
  shape: [1, 2],
  count: 2,
  channelsFirst: false,
  classesFirst: true,
  mask: null,
  labels: null,
};
const network = denseNetwork({ widths: [1, 6] });
const rowsOf = (targets: Tensor, positions: OutputPositions): number[] => {
  const inputs = new Map([['x', tensor('float32', [2, 1], [1, 2])]]);
  const dataset = makeDataset({ source: 'two', inputs, targets });
  return Array.from((atPositions(dataset, { ...network, positions }).targets as Tensor).data, Number);
};

// Classes 1 and 2, then 0 and 1.
const byPosition = [0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0];
const asOutput = [0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0];

describe('one-hot targets', () => {
  it('of an output with the classes first have them there too', () => {
    expect(rowsOf(tensor('float32', [2, 3, 1, 2], asOutput), pixels)).toEqual(byPosition);
  });

  it('with the classes last are rows as they are', () => {
    expect(rowsOf(tensor('float32', [2, 1, 2, 3], byPosition), pixels)).toEqual(byPosition);
  });

  it('of other families follow the order of the file', () => {
    const own = { ...pixels, channelsFirst: true };
    expect(rowsOf(tensor('float32', [2, 3, 1, 2], asOutput), own)).toEqual(asOutput);
  });
});
