import { describe, expect, it } from 'vitest';
import { batchAxis, concrete, isBatch, mulDim, N, sameDim, sameDims, showShape, volume } from './dims.js';

const two = { batch: 2 };

describe('dimensions with one symbol', () => {
  it('are equal by what they say', () => {
    expect(sameDim(N, { batch: 1 })).toBe(true);
    expect(sameDim(N, two)).toBe(false);
    expect(sameDim(1, N)).toBe(false);
    expect(sameDim(3, 3)).toBe(true);
    expect(sameDims([N, 3], [N, 3])).toBe(true);
    expect(sameDims([N, 3], [N])).toBe(false);
    expect(isBatch(two)).toBe(true);
    expect(isBatch(1)).toBe(false);
  });

  it('multiply up to one N', () => {
    expect(mulDim(2, 3)).toBe(6);
    expect(mulDim(two, 3)).toEqual({ batch: 6 });
    expect(mulDim(3, N)).toEqual({ batch: 3 });
    expect(mulDim(0, N)).toBe(0);
    expect(mulDim(N, 0)).toBe(0);
    expect(mulDim(N, two)).toBeNull();
  });

  it('count elements', () => {
    expect(volume([])).toEqual({ size: 1, power: 0 });
    expect(volume([4, two, 3])).toEqual({ size: 24, power: 1 });
    expect(volume([N, N])).toEqual({ size: 1, power: 2 });
  });

  it('find the examples, and take a number of them', () => {
    expect(batchAxis([3, two, 4])).toBe(1);
    expect(batchAxis([3, 4])).toBe(-1);
    expect(concrete([3, two, N, 4], 5)).toEqual([3, 10, 5, 4]);
  });

  it('are written as one reads them', () => {
    expect(showShape([N, 10])).toBe('[N, 10]');
    expect(showShape([3, two])).toBe('[3, 2N]');
    expect(showShape([])).toBe('[]');
  });
});
