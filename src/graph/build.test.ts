import { describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import * as b from './build.js';
import { nodesOf, vjp } from './derive.js';
import { N, showShape } from './dims.js';
import { input, type Value } from './value.js';

const x = input('x', 'float64', [N, 2, 3]);
const one = b.scalar(1, 'float64');
const zero = b.scalar(0, 'float64');
const operators = (...values: Value[]) => nodesOf(values).map((n) => n.op);

describe('what changes nothing makes no node', () => {
  const same: Record<string, Value> = {
    'times 1': b.mul(x, one),
    '1 times': b.mul(one, x),
    'plus 0': b.add(x, zero),
    '0 plus': b.add(zero, x),
    'minus minus': b.neg(b.neg(x)),
    'cast to its own type': b.cast(x, 'float64'),
    'sum over no axis': b.reduceSum(x, []),
    'maximum over no axis': b.reduceMax(x, []),
    'its own shape': b.reshape(x, [N, 2, 3]),
    'there and back': b.reshape(b.reshape(x, [N, 6]), [N, 2, 3]),
    'its own order': b.transpose(x, [0, 1, 2]),
    'turned and turned back': b.swapLast(b.swapLast(x)),
    'round in three': b.transpose(b.transpose(b.transpose(x, [1, 2, 0]), [1, 2, 0]), [1, 2, 0]),
    'joined with nothing': b.concat([x], 1),
    'all of an axis': b.slice(x, 2, 0, 3),
    'no padding': b.pad(x, 1, 0, 0),
    'expanded to its shape': b.expand(x, [N, 2, 3]),
  };
  for (const [name, v] of Object.entries(same)) {
    it(name, () => expect(v).toBe(x));
  }
});

describe('what is one thing makes one node', () => {
  it('chains of movers', () => {
    const reshaped = b.reshape(b.reshape(x, [{ batch: 6 }]), [N, 3, 2]);
    expect(operators(reshaped)).toEqual(['Reshape']);
    const turned = b.transpose(b.transpose(x, [2, 0, 1]), [1, 0, 2]);
    expect(operators(turned)).toEqual(['Transpose']);
    expect(showShape(turned.shape)).toBe('[N, 3, 2]');
  });

  it('sums with negations are differences, to the same numbers', () => {
    const y = input('y', 'float64', [3]);
    const at = new Map([
      [x, tensor('float64', [1, 2, 3], [1, 2, 3, 4, 5, 6])],
      [y, tensor('float64', [3], [10, 20, 30])],
    ]);
    const cases: [Value, string, (p: number, q: number) => number][] = [
      [b.add(x, b.neg(y)), 'Sub', (p, q) => p - q],
      [b.add(b.neg(x), y), 'Sub', (p, q) => q - p],
      [b.sub(x, b.neg(y)), 'Add', (p, q) => p + q],
      [b.sub(b.neg(x), b.neg(y)), 'Sub', (p, q) => q - p],
    ];
    for (const [v, op, f] of cases) {
      expect(operators(v)).toEqual([op]);
      const want = [1, 2, 3, 4, 5, 6].map((p, i) => f(p, [10, 20, 30][i % 3]));
      expect([...evaluate([v], at, 1)[0].data]).toEqual(want);
    }
  });

  it('a transpose that only moves axes of length 1 is a reshape', () => {
    const column = input('column', 'float64', [N, 1, 3]);
    const turned = b.permute(column, [0, 2, 1]);
    expect(operators(turned)).toEqual(['Reshape']);
    expect(showShape(turned.shape)).toBe('[N, 3, 1]');
    expect(operators(b.permute(x, [0, 2, 1]))).toEqual(['Transpose']);
  });
});

describe('the builder sees to', () => {
  it('examples in columns: they are turned into rows and back', () => {
    const w = input('w', 'float64', [4, 3]);
    const columns = b.matmul(w, input('columns', 'float64', [3, N]));
    expect(showShape(columns.shape)).toBe('[4, N]');
    expect(operators(columns)).toEqual(['Transpose', 'Transpose', 'MatMul', 'Transpose']);
    const rows = input('rows', 'float64', [N, 3]);
    expect(operators(b.swapLast(b.matmul(w, b.swapLast(rows))))).toEqual(['Transpose', 'MatMul']);
  });

  it('one copy for each example, of numbers that are not finite too', () => {
    const like = input('like', 'float64', [N, 1]);
    const y = b.expandLike(input('v', 'float64', [2]), like);
    expect(showShape(y.shape)).toBe('[N, 2]');
    const [v] = nodesOf([y])
      .flatMap((n) => n.inputs)
      .filter((i) => i.name === 'v');
    const at = new Map([
      [like, tensor('float64', [3, 1], [NaN, Infinity, 0])],
      [v, tensor('float64', [2], [7, -Infinity])],
    ]);
    expect([...evaluate([y], at, 3)[0].data]).toEqual([7, -Infinity, 7, -Infinity, 7, -Infinity]);
  });

  it('axes put in, in the middle and at the ends', () => {
    expect(showShape(b.unsqueeze(x, [0, 2, 5]).shape)).toBe('[1, N, 1, 2, 3, 1]');
  });

  it('means', () => {
    const y = b.reduceMean(x, [1, 2]);
    const at = new Map([[x, tensor('float64', [1, 2, 3], [1, 2, 3, 4, 5, 9])]]);
    expect([...evaluate([y], at, 1)[0].data]).toEqual([4]);
  });
});

describe('the reverse graph of a dense network has nothing to spare', () => {
  const input0 = input('x', 'float64', [N, 4]);
  const sizes: [number, number][] = [
    [4, 5],
    [5, 6],
    [6, 3],
  ];
  const weights = sizes.map(([p, q], i) => input(`W${i}`, 'float64', [p, q]));
  const biases = sizes.map(([, q], i) => input(`b${i}`, 'float64', [q]));
  const h = weights.reduce((a, w, i) => b.add(b.matmul(i > 0 ? b.tanh(a) : a, w), biases[i]), input0);

  /** How many nodes of each kind the gradients take beyond the forward pass. */
  function count(lead: number[], perExample: boolean): Record<string, number> {
    const ct = input('ct', 'float64', [N, ...lead, 3]);
    const forward = new Set(nodesOf([h]));
    const counts: Record<string, number> = {};
    const gradients = vjp([h], [ct], [...weights, ...biases], { lead, perExample }) as Value[];
    for (const node of nodesOf(gradients))
      if (!forward.has(node)) counts[node.op] = (counts[node.op] ?? 0) + 1;
    return counts;
  }

  // Two hidden layers: 1 − y² and its product each; three products with aᵀ, two with Wᵀ; three sums for the biases.
  const hidden = { Mul: 4, Sub: 2 };

  it('plain', () => {
    expect(count([], false)).toEqual({ ...hidden, MatMul: 5, Transpose: 5, ReduceSum: 3 });
  });

  it('with a leading axis: each gradient is one product with K·n columns, brought to [K, in, out]', () => {
    // Reshapes (views): 1 − y² beside K, twice; columns joined and parted, three times.
    expect(count([7], false)).toEqual({
      ...hidden,
      MatMul: 5,
      Transpose: 5 + 3,
      ReduceSum: 3,
      Reshape: 2 + 6,
    });
  });

  it('per example: outer products, no sum, no transpose but of the weights', () => {
    expect(count([7], true)).toEqual({ Mul: 4 + 3, Sub: 2, MatMul: 2, Transpose: 2, Reshape: 2 + 6 });
  });
});
