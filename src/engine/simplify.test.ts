import { describe, expect, it } from 'vitest';
import { input, N, nodesOf, ops, type Value } from '../graph/index.js';
import { simplify } from './simplify.js';

const opsOf = (outputs: readonly Value[]): string[] => nodesOf(outputs).map((n) => n.op);

describe('the transpose of a product', () => {
  const x = input('x', 'float32', [N, 3]);
  const g = input('g', 'float32', [N, 2]);
  const swap = (v: Value): Value => ops.transpose(v, [1, 0]);
  const product = ops.matmul(swap(x), g);

  it('is the product of the transposes where one of them is already there', () => {
    const [w] = simplify([swap(product)]);
    expect(opsOf([w])).toEqual(['Transpose', 'MatMul']);
    expect(w.node!.inputs[1]).toBe(x);
    expect(w.node!.inputs[0].node!.inputs[0]).toBe(g);
    expect(w.shape).toEqual([2, 3]);
  });

  it('stays where the product is read elsewhere, where no transpose would go, and where other axes move', () => {
    expect(opsOf(simplify([swap(product), product]))).toEqual(['Transpose', 'MatMul', 'Transpose']);
    const plain = ops.matmul(x, input('w', 'float32', [3, 4]));
    expect(opsOf(simplify([swap(plain)]))).toEqual(['MatMul', 'Transpose']);
    const stacked = ops.matmul(
      ops.transpose(input('a', 'float32', [2, N, 3]), [0, 2, 1]),
      input('b', 'float32', [2, N, 4]),
    );
    expect(opsOf(simplify([ops.transpose(stacked, [1, 0, 2])]))).toEqual([
      'Transpose',
      'MatMul',
      'Transpose',
    ]);
    expect(opsOf(simplify([ops.transpose(stacked, [0, 2, 1])]))).toEqual(['Transpose', 'MatMul']);
  });
});
