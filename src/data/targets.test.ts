import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../test/fixtures/data/index.js';
import { tensor } from '../core/tensor.js';
import type { Tensor } from '../core/tensor.js';
import { readTargets } from './targets.js';
import type { TargetDomain } from './targets.js';

const read = (t: Tensor, domain: TargetDomain, outputs: number, soft?: 'expectation') =>
  readTargets(t, { domain, outputs, soft, where: 'data.npz: array y' });
const refuse = (...args: Parameters<typeof read>) => {
  const error = complaintOf(() => read(...args));
  expect(error.exitCode).toBe(3);
  expect(error.complaint.where).toBe('data.npz: array y');
  expect(error.complaint.next).toBeTruthy();
  return error;
};

describe('classes', () => {
  it('takes integers of any type, [n] or [n, 1]', () => {
    const classes = { kind: 'classes', tensor: tensor('int32', [3], [0, 2, 1]) };
    for (const dtype of ['int64', 'int32', 'uint8', 'int8'] as const) {
      expect(read(tensor(dtype, [3], [0, 2, 1]), 'classes', 3)).toEqual(classes);
      expect(read(tensor(dtype, [3, 1], [0, 2, 1]), 'classes', 3)).toEqual(classes);
    }
  });

  it('takes one-hot rows', () => {
    const rows = [0, 0, 1, 1, 0, 0];
    for (const dtype of ['float32', 'float64', 'bool', 'uint8'] as const) {
      expect(read(tensor(dtype, [2, 3], rows), 'classes', 3)).toEqual({
        kind: 'classes',
        tensor: tensor('int32', [2], [2, 0]),
      });
    }
  });

  it('refuses soft rows unless their expectation is asked for', () => {
    const soft = tensor('float64', [2, 2], [1, 0, 0.25, 0.75]);
    const error = refuse(soft, 'classes', 2);
    expect(error.code).toBe('targets/soft');
    expect(error.complaint.got).toBe('example 1 has [0.25, 0.75]');
    expect(error.complaint.next).toContain('--soft-targets expectation');
    expect(read(soft, 'classes', 2, 'expectation')).toEqual({ kind: 'distribution', tensor: soft });
  });

  it('accepts float32 rows whose sum is 1 to rounding', () => {
    const T = 10;
    const row = Float32Array.from({ length: T }, () => 0.1);
    const t = { dtype: 'float32', shape: [1, T], data: row } as const;
    expect(read(t, 'classes', T, 'expectation').kind).toBe('distribution');
  });

  it('refuses rows that are no distribution, soft or not', () => {
    for (const rows of [
      [1, 1],
      [0, 0],
      [2, -1],
    ]) {
      expect(refuse(tensor('float64', [1, 2], rows), 'classes', 2, 'expectation').code).toBe('targets/soft');
    }
  });

  it('refuses labels out of range, and knows the two usual reasons', () => {
    const error = refuse(tensor('int64', [4], [1, 2, 3, 2]), 'classes', 3);
    expect(error.code).toBe('targets/class');
    expect(error.complaint.got).toBe('3 in example 2 (all lie from 1 to 3)');
    expect(error.complaint.cause).toBe('classes counted from 1');
    expect(error.complaint.next).toBe('y - 1 before saving');
    expect(refuse(tensor('int64', [2], [0, -1]), 'classes', 3).complaint.cause).toContain('other data');
    expect(refuse(tensor('uint8', [1], [10]), 'classes', 10).code).toBe('targets/class');
  });

  it('refuses floating-point class indices', () => {
    expect(refuse(tensor('float64', [2], [0, 1]), 'classes', 2).code).toBe('targets/float-classes');
  });

  it('refuses rows of another width', () => {
    const error = refuse(tensor('float32', [1, 4], [1, 0, 0, 0]), 'classes', 3);
    expect(error.code).toBe('targets/shape');
    expect(error.complaint.rule).toBe(
      'the network has 3 outputs, so targets are [1, 3] or class indices [1]',
    );
  });
});

describe('binary', () => {
  it('takes 0 and 1 of any type; [n] where there is one output', () => {
    const values = { kind: 'values', tensor: tensor('float64', [2, 2], [0, 1, 1, 0]) };
    for (const dtype of ['float32', 'int64', 'bool'] as const) {
      expect(read(tensor(dtype, [2, 2], [0, 1, 1, 0]), 'binary', 2)).toEqual(values);
    }
    expect(read(tensor('int64', [2], [1, 0]), 'binary', 1)).toEqual({
      kind: 'values',
      tensor: tensor('float64', [2, 1], [1, 0]),
    });
  });

  it('refuses other values, signs by name', () => {
    const error = refuse(tensor('float64', [2, 2], [0, 1, 0.5, 0]), 'binary', 2);
    expect(error.code).toBe('targets/binary');
    expect(error.complaint.got).toBe('0.5 in example 1');
    expect(refuse(tensor('int64', [2], [-1, 1]), 'binary', 1).complaint.next).toBe(
      '(y + 1) / 2 before saving',
    );
  });

  it('sees class indices in the place of labels', () => {
    const error = refuse(tensor('int64', [3], [0, 1, 2]), 'binary', 3);
    expect(error.code).toBe('targets/shape');
    expect(error.complaint.next).toBe('--likelihood categorical');
  });
});

describe('real', () => {
  it('takes any number, in float64', () => {
    expect(read(tensor('float32', [2], [0.5, -3]), 'real', 1)).toEqual({
      kind: 'values',
      tensor: tensor('float64', [2, 1], [0.5, -3]),
    });
    expect(read(tensor('int64', [1, 2], [7, -7]), 'real', 2).tensor.data).toEqual(Float64Array.of(7, -7));
  });

  it('refuses another shape', () => {
    expect(refuse(tensor('float64', [2], [1, 2]), 'real', 2).code).toBe('targets/shape');
    expect(refuse(tensor('float64', [1, 2, 1], [1, 2]), 'real', 2).code).toBe('targets/shape');
  });
});
