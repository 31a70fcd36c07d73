/** What mixes examples cannot be given a shape, what does not can, and what has no shape at all says where and which. */
import { describe, expect, it } from 'vitest';
import { thrown } from '../../test/graph/thrown.js';
import { tensor } from '../core/tensor.js';
import * as b from './build.js';
import { vjp } from './derive.js';
import { N, type Shape, showShape } from './dims.js';
import { apply } from './registry.js';
import { constant, input, type Value, withOrigin } from './value.js';

const leaf = (...shape: Shape): Value => input('x', 'float64', shape);
const flag = (...shape: Shape): Value => input('c', 'bool', shape);
const whole = (...shape: Shape): Value => input('i', 'int64', shape);
const D = (batch: number) => ({ batch });

const COUPLED: Record<string, () => Value> = {
  'x·xᵀ': () => b.matmul(leaf(N, 3), b.swapLast(leaf(N, 3))),
  'x·xᵀ without the help of the builder': () => apply('MatMul', [leaf(N, 3), leaf(3, N)]),
  'a contraction of examples with something else': () => b.matmul(leaf(3, N), leaf(4, 2)),
  'a contraction of one row with two for each example': () => b.matmul(leaf(3, N), leaf(D(2), 2)),
  'a contraction of examples for each row of them': () => apply('MatMul', [leaf(N, 2), leaf(N, 3)]),
  'rows of examples times a stack of examples': () => b.matmul(leaf(N, 3), leaf(N, 3, 2)),
  'a stack of examples against another axis': () => b.matmul(leaf(N, 2, 3), leaf(4, 3, 2)),
  'Softmax over examples': () => b.softmax(leaf(N, 3), 0),
  'LogSoftmax over examples': () => b.logSoftmax(leaf(3, N), 1),
  'mean over examples': () => b.reduceMean(leaf(N, 3), [0]),
  'Concat along examples': () => b.concat([leaf(N, 3), leaf(N, 3)], 0),
  'Concat of fixed rows before the examples': () => b.concat([leaf(1, 3), leaf(N, 3)], 0),
  'first example': () => b.slice(leaf(N, 3), 0, 0, 1),
  'every other example': () => b.slice(leaf(3, N), 1, 0, 2, 2),
  'zeros between examples': () => b.pad(leaf(N, 3), 0, 1, 0),
  'Reshape [N, 4] to [4, N]': () => b.reshape(leaf(N, 4), [4, N]),
  'Reshape [4, N] to [N, 4]': () => b.reshape(leaf(4, N), [N, 4]),
  'Reshape [4, N] to [4N]': () => b.reshape(leaf(4, N), [D(4)]),
  'Reshape [2N, 3] to [2, N, 3]': () => b.reshape(leaf(D(2), 3), [2, N, 3]),
  'Reshape [2, N, 3] to [N, 6]': () => b.reshape(leaf(2, N, 3), [N, 6]),
  '[N] with [N, 4]': () => b.add(leaf(N), leaf(N, 4)),
  '[N] with [N, 1]': () => b.mul(leaf(N), leaf(N, 1)),
  '[N, 1] with [1, N]': () => b.sub(leaf(N, 1), leaf(1, N)),
  '[N] with [4]': () => b.maximum(leaf(N), leaf(4)),
  '[N, 3] with [2N, 3]': () => b.div(leaf(N, 3), leaf(D(2), 3)),
  'a comparison of examples with examples': () => b.greater(leaf(N, 1), leaf(1, N)),
  'a condition on one example for another': () => b.where(flag(N, 1), leaf(1, N), leaf(1, 1)),
  'a condition on other rows': () => b.where(flag(N, 3), leaf(D(2), 3), b.scalar(0, 'float64')),
};

const INDEPENDENT: Record<string, [() => Value, Shape]> = {
  'a dense layer': [() => b.add(b.matmul(leaf(N, 3), leaf(3, 2)), leaf(2)), [N, 2]],
  'a dense layer on columns': [() => b.matmul(leaf(2, 3), leaf(3, N)), [2, N]],
  tokens: [() => b.matmul(leaf(N, 5, 3), leaf(3, 2)), [N, 5, 2]],
  attention: [() => b.matmul(leaf(N, 2, 5, 3), b.swapLast(leaf(N, 2, 5, 3))), [N, 2, 5, 5]],
  'a stack of weights': [() => b.matmul(leaf(N, 3), leaf(4, 3, 2)), [4, N, 2]],
  'a sum over examples, in which derived graphs end': [() => b.reduceSum(leaf(N, 3), [0]), [3]],
  'a maximum over examples, likewise': [() => b.reduceMax(leaf(N, 3), [0]), [3]],
  'a maximum over examples and features': [() => b.reduceMax(leaf(N, 3), [0, 1], true), [1, 1]],
  'a product over examples, likewise': [() => b.matmul(b.swapLast(leaf(N, 3)), leaf(N, 2)), [3, 2]],
  'Softmax beside the examples': [() => b.softmax(leaf(3, N, 2), 0), [3, N, 2]],
  'Reshape behind the examples': [() => b.reshape(leaf(N, 4, 3), [N, 2, 6]), [N, 2, 6]],
  'rows of each example, joined and parted': [
    () => b.reshape(b.reshape(leaf(N, 4, 3), [D(4), 3]), [N, 12]),
    [N, 12],
  ],
  'Reshape on both sides of the examples': [() => b.reshape(leaf(4, N, 6), [2, 2, D(3), 2]), [2, 2, D(3), 2]],
  'one for all examples': [() => b.add(leaf(1, 3), leaf(N, 1)), [N, 3]],
  'examples behind other axes': [() => b.add(leaf(N), leaf(4, N)), [4, N]],
  'Expand beside the examples': [() => b.expand(leaf(N, 1), [2, N, 3]), [2, N, 3]],
  'a copy for each example': [() => b.expandLike(leaf(1, 3), leaf(N, 1)), [N, 3]],
  'Concat beside the examples': [() => b.concat([leaf(N, 2), leaf(N, 3)], 1), [N, 5]],
  'a mean beside the examples': [() => b.reduceMean(leaf(N, 3), [1]), [N]],
};

const MALFORMED: Record<string, [() => Value, string]> = {
  'shapes that do not broadcast': [() => b.add(leaf(N, 3), leaf(4)), 'Add of float64[N, 3], float64[4]'],
  'two element types': [() => b.mul(leaf(3), input('y', 'float32', [3])), 'Mul of float64[3], float32[3]'],
  'whole numbers in an activation': [() => b.tanh(whole(N, 3)), 'Tanh of int64[N, 3]'],
  'whole numbers in a quotient': [() => b.div(whole(3), whole(3)), 'Div of int64[3], int64[3]'],
  'inner dimensions': [() => b.matmul(leaf(N, 3), leaf(4, 2)), 'MatMul of float64[N, 3], float64[4, 2]'],
  stacks: [() => b.matmul(leaf(2, 3, 4), leaf(3, 4, 2)), 'MatMul of float64[2, 3, 4], float64[3, 4, 2]'],
  'a vector in a matrix product': [
    () => b.matmul(leaf(N, 3), leaf(3)),
    'MatMul of float64[N, 3], float64[3]',
  ],
  'columns of examples, unless the builder turns them': [
    () => apply('MatMul', [leaf(2, 3), leaf(3, N)]),
    'MatMul of float64[2, 3], float64[3, N]',
  ],
  'an axis that is not there': [() => b.softmax(leaf(N, 3), 2), 'Softmax of float64[N, 3]'],
  'a negative axis': [() => b.reduceSum(leaf(N, 3), [-1]), 'ReduceSum of float64[N, 3]'],
  'the mean over no axis of it': [() => b.reduceMean(leaf(N, 3), [2]), 'ReduceMean of float64[N, 3]'],
  'an order of other axes': [() => b.transpose(leaf(N, 3), [0, 2]), 'Transpose of float64[N, 3]'],
  'an order of some axes': [() => b.transpose(leaf(N, 3), [0]), 'Transpose of float64[N, 3]'],
  'a transpose of a vector': [() => b.swapLast(leaf(N)), 'Transpose of float64[N]'],
  'another number of elements': [() => b.reshape(leaf(N, 6), [N, 5]), 'Reshape of float64[N, 6]'],
  'examples out of nothing': [() => b.reshape(leaf(6), [N, 6]), 'Reshape of float64[6]'],
  'Expand of what is there': [() => b.expand(leaf(N, 3), [N, 4]), 'Expand to [N, 4] of float64[N, 3]'],
  'Expand to examples': [() => b.expand(leaf(1, 3), [N, 3]), 'Expand of float64[1, 3]'],
  'Concat of other ranks': [() => b.concat([leaf(N, 3), leaf(3)], 1), 'Concat of float64[N, 3], float64[3]'],
  'Concat along no axis': [() => b.concat([leaf(N, 3), leaf(N, 3)], 2), 'Concat of float64[N, 3]'],
  'Concat of other lengths': [
    () => b.concat([leaf(2, 3), leaf(4, 2)], 1),
    'Concat of float64[2, 3], float64[4, 2]',
  ],
  'a slice beyond the end': [() => b.slice(leaf(N, 3), 1, 1, 4), 'Slice of float64[N, 3]'],
  'a slice backwards': [() => b.slice(leaf(N, 3), 1, 2, 0, -1), 'Slice of float64[N, 3]'],
  'negative padding': [() => b.pad(leaf(N, 3), 1, -1, 0), 'Pad of float64[N, 3]'],
  'a condition that is a number': [
    () => b.where(leaf(3), leaf(3), leaf(3)),
    'Where of float64[3], float64[3], float64[3]',
  ],
  'the negation of a number': [() => b.not(leaf(3)), 'Not of float64[3]'],
};

describe('examples are independent', () => {
  for (const [name, f] of Object.entries(COUPLED)) {
    it(`refused: ${name}`, () => {
      const e = thrown(() => withOrigin('Node "/fc1"', f));
      expect(e.code).toBe('graph/examples-coupled');
      expect(e.message).toContain('Node "/fc1"');
      expect(e.complaint.next).toContain('eval');
    });
  }
  for (const [name, [f, shape]] of Object.entries(INDEPENDENT)) {
    it(`allowed: ${name}`, () => {
      expect(showShape(f().shape)).toBe(showShape(shape));
    });
  }
  it.each(['reduceSum', 'reduceMax'] as const)(
    'refused: a per-example derivative through %s over examples',
    (op) => {
      const x = leaf(N, 3);
      const w = leaf(3);
      const y = b[op](b.mul(x, w), [0]);
      expect(thrown(() => vjp([y], [leaf(N, 3)], [w], { perExample: true })).code).toBe(
        'graph/examples-coupled',
      );
    },
  );
});

describe('errors of shape and type', () => {
  for (const [name, [f, where]] of Object.entries(MALFORMED)) {
    it(name, () => {
      const e = thrown(f);
      expect(e.code).toBe('graph/shape');
      expect(e.complaint.where).toContain(where);
      expect(thrown(() => withOrigin('Gemm "/head"', f)).complaint.where).toBe(
        `Gemm "/head" (${e.complaint.where})`,
      );
    });
  }
  it('a value with two axes of examples', () => {
    const e = thrown(() => input('pairs', 'float32', [N, 3, N]));
    expect(e.code).toBe('graph/shape');
    expect(e.complaint.where).toContain('"pairs"');
    expect(e.complaint.got).toBe('[N, 3, N]');
  });
  it('an operator that is not registered is our own fault', () => {
    expect(thrown(() => apply('Conv', [constant(tensor('float64', [], [1]))])).code).toBe(
      'internal/invariant',
    );
  });
});
