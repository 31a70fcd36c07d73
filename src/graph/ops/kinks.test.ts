/** Derivatives at points where there is a choice, or where a branch that is not taken is not finite. */
import { describe, expect, it } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { evaluate } from '../../engine/oracle/evaluate.js';
import * as b from '../build.js';
import { gradient, jvp } from '../derive.js';
import { input, type Value } from '../value.js';

const x = input('x', 'float64', [3]);
const y = input('y', 'float64', [3]);

/** Gradient of the sum of f by x, equal to the tangent for a direction of ones. */
function slope(f: Value, at: number[], other: number[] = [0, 0, 0], by = x): number[] {
  const [d] = gradient(f, [by]) as Value[];
  const ones = input('t', 'float64', [3]);
  const [t] = jvp([f], [by], [ones]) as Value[];
  const bind = new Map([
    [x, tensor('float64', [3], at)],
    [y, tensor('float64', [3], other)],
    [ones, tensor('float64', [3], [1, 1, 1])],
  ]);
  const [reverse, forward] = evaluate([d, t], bind, 1);
  const elementwise = f.shape[0] === 3;
  const sum = reverse.data.reduce((s, v) => s + v, 0);
  // + 0: a zero has no sign here.
  const plain = Array.from(reverse.data, (v) => v + 0);
  expect(Array.from(forward.data, (v) => v + 0)).toEqual(elementwise ? plain : [sum]);
  return plain;
}

describe('at a kink', () => {
  it('|x| and ReLU are flat at 0', () => {
    expect(slope(b.abs(x), [-2, 0, 3])).toEqual([-1, 0, 1]);
    expect(slope(b.relu(x), [-2, 0, 3])).toEqual([0, 0, 1]);
    expect(slope(b.relu(x), [-0, 5e-324, -5e-324])).toEqual([0, 1, 0]);
  });

  it('at a tie of max or min the second operand has the derivative, so the two sum to 1', () => {
    for (const f of [b.maximum, b.minimum]) {
      expect(slope(f(x, y), [1, 2, 3], [1, 2, 3])).toEqual([0, 0, 0]);
      expect(slope(f(x, y), [1, 2, 3], [1, 2, 3], y)).toEqual([1, 1, 1]);
    }
    expect(slope(b.maximum(x, y), [1, 5, 3], [2, 2, 2])).toEqual([0, 1, 1]);
    expect(slope(b.minimum(x, y), [1, 5, 3], [2, 2, 2])).toEqual([1, 0, 0]);
    expect(slope(b.maximum(x, b.scalar(0, 'float64')), [-1, 0, 1])).toEqual([0, 0, 1]);
  });

  it('a maximum that is attained twice is shared equally', () => {
    expect(slope(b.reduceMax(x, [0]), [4, 1, 4])).toEqual([0.5, 0, 0.5]);
    expect(slope(b.reduceMax(x, [0]), [4, 4, 4])).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(slope(b.reduceMax(x, [0], true), [4, 5, 4])).toEqual([0, 1, 0]);
  });

  it('the branch that a condition does not take adds an exact zero', () => {
    const safe = b.where(b.greater(x, b.scalar(0, 'float64')), x, b.scalar(1, 'float64'));
    const log = b.where(b.greater(x, b.scalar(0, 'float64')), b.log(safe), x);
    expect(slope(log, [0, 2, -3])).toEqual([1, 0.5, 1]);
    const picked = b.where(b.less(x, y), b.scale(x, 2), b.scale(x, 3));
    expect(slope(picked, [1, 2, 3], [2, 2, 2])).toEqual([2, 3, 3]);
  });

  it('whole powers are exact for negative bases', () => {
    const power = (e: number) => b.pow(x, b.scalar(e, 'float64'));
    expect(slope(power(2), [-3, 0, 2])).toEqual([-6, 0, 4]);
    expect(slope(power(3), [-3, 0, 2])).toEqual([27, 0, 12]);
    expect(slope(power(1), [-3, 0, 2])).toEqual([1, 1, 1]);
    expect(slope(power(0), [-3, 0, 2])).toEqual([0, 0, 0]);
    const second = (e: number) => gradient(b.mul(gradient(power(e), [x])[0] as Value, x), [x])[0] as Value;
    const at = new Map([[x, tensor('float64', [3], [-3, 0, 2])]]);
    // (e x^(e−1) · x)′ = e² x^(e−1)
    expect([...evaluate([second(3)], at, 1)[0].data]).toEqual([81, 0, 36]);
    expect([...evaluate([second(2)], at, 1)[0].data]).toEqual([-12, 0, 8]);
    expect([...evaluate([second(1)], at, 1)[0].data]).toEqual([1, 1, 1]);
  });

  it('saturated functions have derivative 0, never NaN', () => {
    const far = [-800, 800, 0];
    for (const f of [b.tanh, b.sigmoid, b.erf, b.softplus]) {
      const d = slope(f(x), far);
      expect(d[0]).toBeCloseTo(0, 15);
      expect(d[1]).toBe(f === b.softplus ? 1 : 0);
    }
    expect(slope(b.reduceSum(b.softmax(x, 0), [0]), far).every((v) => v === 0)).toBe(true);
    expect(slope(b.slice(b.logSoftmax(x, 0), 0, 1, 2), far).every(Number.isFinite)).toBe(true);
  });
});
