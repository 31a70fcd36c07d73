import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { tensor } from '../core/tensor.js';
import { makeDataset, withTargets } from './dataset.js';
import { split, subset } from './split.js';

const N = 50;
const data = makeDataset({
  source: 'data.npz',
  inputs: new Map([
    [
      'x',
      tensor(
        'float32',
        [N, 2],
        Array.from({ length: 2 * N }, (_, k) => k),
      ),
    ],
  ]),
  targets: tensor(
    'int64',
    [N],
    Array.from({ length: N }, (_, i) => i),
  ),
  hash: 'abc',
});
const examples = (part: typeof data): number[] => Array.from(part.targets!.data, Number);

describe('split', () => {
  it('cuts one fixed shuffle: disjoint, complete, rows with their targets', () => {
    const { train, test } = split(data, { train: 40 });
    expect([train.n, test.n]).toEqual([40, 10]);
    const all = [...examples(train), ...examples(test)];
    expect(all).not.toEqual([...all].sort((a, b) => a - b));
    expect([...all].sort((a, b) => a - b)).toEqual(examples(data));
    for (const part of [train, test]) {
      examples(part).forEach((i, r) => expect(part.inputs.get('x')!.data[2 * r + 1]).toBe(2 * i + 1));
    }
    expect(split(data, { train: 40 })).toEqual({ train, test });
    expect(examples(split(data, { train: 40, seed: 1 }).train)).not.toEqual(examples(train));
  });

  it('keeps what stood first when a part is smaller', () => {
    const { train } = split(data, { train: 40 });
    const smaller = split(data, { train: 10, test: 5 });
    expect(examples(smaller.train)).toEqual(examples(train).slice(0, 10));
    expect(examples(smaller.test)).toEqual(examples(train).slice(10, 15));
  });

  it('says in source and hash what was taken', () => {
    const { test } = split(data, { train: 40 });
    expect(test.source).toBe('data.npz (shuffled by seed 0, 40 to 50)');
    expect(test.hash).toBe('abc (shuffled by seed 0, 40 to 50)');
    expect(split(withTargets({ ...data, hash: null }, null), { train: 40 }).test.hash).toBeNull();
  });

  it('refuses empty parts and more than there is', () => {
    for (const options of [{ train: 50 }, { train: 0 }, { train: 45, test: 6 }, { train: 1.5 }]) {
      const error = complaintOf(() => split(data, options));
      expect(error.code).toBe('split/size');
      expect(error.exitCode).toBe(2);
    }
  });
});

describe('subset', () => {
  it('is the same each time, and a larger one contains a smaller', () => {
    const small = examples(subset(data, 5));
    expect(examples(subset(data, 20)).slice(0, 5)).toEqual(small);
    expect(new Set(small).size).toBe(5);
    expect(examples(subset(data, 5, 1))).not.toEqual(small);
    expect(complaintOf(() => subset(data, 51)).code).toBe('subset/size');
  });
});
