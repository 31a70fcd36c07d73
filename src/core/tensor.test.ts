import { describe, expect, it } from 'vitest';
import { FimError } from './errors.js';
import {
  allocate,
  bytesOf,
  castTensor,
  type DType,
  isFloat,
  sameShape,
  sizeOf,
  stridesOf,
  tensor,
  toFloat64,
  zeros,
} from './tensor.js';

const DTYPES: Record<DType, number> = {
  float32: 4,
  float64: 8,
  int64: 8,
  int32: 4,
  uint8: 1,
  int8: 1,
  bool: 1,
};

describe('shapes', () => {
  it('have sizes and row-major strides', () => {
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([2, 3, 4])).toBe(24);
    expect(sizeOf([2, 0, 4])).toBe(0);
    expect(stridesOf([])).toEqual([]);
    expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
    expect(sameShape([2, 3], [2, 3])).toBe(true);
    expect(sameShape([2, 3], [3, 2])).toBe(false);
    expect(sameShape([2], [2, 1])).toBe(false);
  });
});

describe('element types', () => {
  for (const [dtype, bytes] of Object.entries(DTYPES) as [DType, number][]) {
    it(dtype, () => {
      expect(bytesOf(dtype)).toBe(bytes);
      expect(allocate(dtype, 3).byteLength).toBe(3 * bytes);
      const t = tensor(dtype, [2, 2], [0, 1, 1, 0]);
      expect(Array.from(t.data, Number)).toEqual([0, 1, 1, 0]);
      expect([...toFloat64(t)]).toEqual([0, 1, 1, 0]);
      expect(Array.from(zeros(dtype, [3]).data, Number)).toEqual([0, 0, 0]);
      expect(isFloat(dtype)).toBe(dtype === 'float32' || dtype === 'float64');
    });
  }
});

describe('tensor', () => {
  it('takes a typed array as it is and copies a list and a shape', () => {
    const data = Float32Array.of(1, 2);
    expect(tensor('float32', [2], data).data).toBe(data);
    const shape = [2];
    const t = tensor('float64', shape, [1, 2]);
    shape[0] = 7;
    expect(t.shape).toEqual([2]);
    expect(zeros('float64', t.shape).shape).not.toBe(t.shape);
  });

  it('is a scalar for the empty shape, and may hold nothing', () => {
    expect(tensor('float64', [], [3]).data[0]).toBe(3);
    expect(tensor('int64', [0, 5], []).data).toHaveLength(0);
  });

  it('refuses data of another size', () => {
    for (const f of [
      () => tensor('float64', [2, 3], [1, 2]),
      () => tensor('float32', [], new Float32Array(2)),
    ]) {
      let e: unknown;
      try {
        f();
      } catch (error) {
        e = error;
      }
      expect(e).toBeInstanceOf(FimError);
      expect((e as FimError).code).toBe('tensor/size');
    }
    expect(() => tensor('float64', [2, 3], [1, 2])).toThrow(
      /\[2, 3\].*needs 6 elements\n {2}got: {3}2 elements/,
    );
  });
});

describe('castTensor', () => {
  it('shares what already has the type', () => {
    const t = tensor('float64', [2], [1, 2]);
    expect(castTensor(t, 'float64')).toBe(t);
    expect(toFloat64(t)).toBe(t.data);
  });

  it('rounds to float32, truncates to integers, and makes booleans of what is not zero', () => {
    const t = tensor('float64', [2, 3], [0.1, -1.9, 2.9, 0, -0, 0.5]);
    expect([...castTensor(t, 'float32').data]).toEqual([0.1, -1.9, 2.9, 0, -0, 0.5].map(Math.fround));
    expect([...castTensor(t, 'int32').data]).toEqual([0, -1, 2, 0, 0, 0]);
    expect([...castTensor(t, 'int8').data]).toEqual([0, -1, 2, 0, 0, 0]);
    expect([...castTensor(t, 'int64').data]).toEqual([0n, -1n, 2n, 0n, 0n, 0n]);
    expect([...castTensor(t, 'bool').data]).toEqual([1, 1, 1, 0, 0, 1]);
    expect(castTensor(t, 'bool').shape).toEqual([2, 3]);
  });

  it('reads int64 and booleans back as numbers', () => {
    expect([...toFloat64(tensor('int64', [2], [2 ** 53, -7]))]).toEqual([2 ** 53, -7]);
    expect([...castTensor(tensor('bool', [2], [1, 0]), 'float32').data]).toEqual([1, 0]);
    expect([...castTensor(tensor('int64', [2], [3, 0]), 'bool').data]).toEqual([1, 0]);
  });
});
