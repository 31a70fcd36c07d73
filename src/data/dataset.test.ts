import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { tensor, zeros } from '../core/tensor.js';
import { makeDataset, takeExamples, withTargets } from './dataset.js';

const x = tensor('float32', [3, 2], [1, 2, 3, 4, 5, 6]);

describe('makeDataset', () => {
  it('counts the examples and defaults to no targets and no hash', () => {
    const data = makeDataset({ source: 'a', inputs: new Map([['x', x]]) });
    expect(data).toMatchObject({ source: 'a', n: 3, targets: null, hash: null });
  });

  it('refuses arrays that disagree, listing them', () => {
    const error = complaintOf(() =>
      makeDataset({ source: 'a.npz', inputs: new Map([['x', x]]), targets: zeros('int64', [4]) }),
    );
    expect(error.code).toBe('data/lengths');
    expect(error.complaint.got).toBe('x float32 [3, 2], targets int64 [4]');
    const data = makeDataset({ source: 'a', inputs: new Map([['x', x]]) });
    expect(complaintOf(() => withTargets(data, zeros('float64', [2, 1]))).code).toBe('data/lengths');
  });

  it('refuses nothing, no examples, and arrays without an axis', () => {
    expect(complaintOf(() => makeDataset({ source: 'a', inputs: new Map() })).code).toBe('data/no-inputs');
    const empty = new Map([['x', zeros('float32', [0, 2])]]);
    expect(complaintOf(() => makeDataset({ source: 'a', inputs: empty })).code).toBe('data/no-examples');
    const scalar = new Map([['x', zeros('float32', [])]]);
    expect(complaintOf(() => makeDataset({ source: 'a', inputs: scalar })).code).toBe('data/no-axis');
  });
});

describe('takeExamples', () => {
  it('takes rows in the order asked for, repeats included', () => {
    const data = makeDataset({ source: 'a', inputs: new Map([['x', x]]), hash: 'h' });
    const part = takeExamples(data, Uint32Array.of(2, 0, 2), 'chosen');
    expect(part.inputs.get('x')).toEqual(tensor('float32', [3, 2], [5, 6, 1, 2, 5, 6]));
    expect([part.source, part.hash]).toEqual(['a (chosen)', 'h (chosen)']);
    expect(complaintOf(() => takeExamples(data, Uint32Array.of(3), 'none')).code).toBe('data/index');
  });
});
