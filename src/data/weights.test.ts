import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { tensor, zeros } from '../core/tensor.js';
import type { Tensor } from '../core/tensor.js';
import { openNpz, formatNpz } from './npz.js';
import { formatSafetensors, openSafetensors } from './safetensors.js';
import { matchWeights } from './weights.js';

const parameters = [
  { name: 'fc1.weight', shape: [3, 2] },
  { name: 'fc1.bias', shape: [3] },
];
const good = new Map<string, Tensor>([
  ['extra', zeros('int64', [])],
  ['fc1.bias', tensor('float64', [3], [1, 2, 1 / 3])],
  ['fc1.weight', tensor('float32', [3, 2], [1, 2, 3, 4, 5, 6])],
]);
const npz = (arrays: Map<string, Tensor>) => openNpz(formatNpz(arrays), 'w.npz');
const refuse = (arrays: Map<string, Tensor>) => complaintOf(() => matchWeights(npz(arrays), parameters));

describe('matchWeights', () => {
  it('takes the parameters in the graph’s order and the file’s precision, and reports the rest', () => {
    for (const file of [npz(good), openSafetensors(formatSafetensors(good), 'w.safetensors')]) {
      const { values, unused } = matchWeights(file, parameters);
      expect([...values.keys()]).toEqual(['fc1.weight', 'fc1.bias']);
      expect(values.get('fc1.bias')).toEqual(good.get('fc1.bias'));
      expect(values.get('fc1.weight')).toEqual(good.get('fc1.weight'));
      expect(unused).toEqual(['extra']);
    }
  });

  it('names what is missing and what there is', () => {
    const error = refuse(new Map([['fc1.bias', good.get('fc1.bias')!]]));
    expect(error.code).toBe('weights/missing');
    expect(error.complaint.rule).toContain('1 of 2 are missing: fc1.weight [3, 2]');
    expect(error.complaint.got).toBe('fc1.bias float64 [3]');
  });

  it('sees a prefix', () => {
    const error = refuse(new Map([...good].map(([name, t]) => [`module.${name}`, t])));
    expect(error.complaint.cause).toBe('the names in the file begin with "module."');
    expect(error.complaint.next).toContain("removeprefix('module.')");
  });

  it('refuses other shapes, a transposed one by name', () => {
    const error = refuse(new Map([...good, ['fc1.weight', zeros('float32', [2, 3])]]));
    expect(error.code).toBe('weights/shape');
    expect(error.complaint.cause).toContain('transposed');
    expect(refuse(new Map([...good, ['fc1.bias', zeros('float32', [4])]])).code).toBe('weights/shape');
  });

  it('refuses integers and what is not finite', () => {
    expect(refuse(new Map([...good, ['fc1.bias', zeros('int8', [3])]])).code).toBe('weights/dtype');
    const error = refuse(new Map([...good, ['fc1.bias', tensor('float32', [3], [0, NaN, Infinity])]]));
    expect(error.code).toBe('weights/not-finite');
    expect(error.complaint.got).toBe('NaN at element 1, 2 such of 3');
    expect(error.exitCode).toBe(3);
  });
});
