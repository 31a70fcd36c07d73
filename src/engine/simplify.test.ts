import { describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { evaluate } from './oracle/evaluate.js';
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

describe('a sum of operands with zeros around', () => {
  const parts = [1, 2, 3].map((width, i) => input(`x${i}`, 'float64', [N, width]));
  const [x, y, z] = parts;
  const data = new Map(
    parts.map((v, i) => [
      v,
      tensor(
        'float64',
        [2, i + 1],
        Array.from({ length: 2 * (i + 1) }, (_, j) => 10 * i + j + 1),
      ),
    ]),
  );
  const numbers = (v: Value) => Array.from(evaluate([v], data, 2)[0].data);

  it('is the operands joined, in whatever order they are added', () => {
    for (const sum of [
      ops.add(ops.add(ops.pad(x, 1, 0, 5), ops.pad(y, 1, 1, 3)), ops.pad(z, 1, 3, 0)),
      ops.add(ops.add(ops.pad(z, 1, 3, 0), ops.pad(y, 1, 1, 3)), ops.pad(x, 1, 0, 5)),
    ]) {
      const [joined] = simplify([sum]);
      expect(opsOf([joined])).toEqual(['Concat']);
      expect(joined.node!.inputs).toEqual([x, y, z]);
      expect(numbers(joined)).toEqual(numbers(sum));
    }
  });

  it('keeps the zeros around all, and stays where operands overlap or leave a gap', () => {
    const around = ops.add(ops.pad(x, 1, 1, 4), ops.pad(y, 1, 2, 2));
    expect(opsOf(simplify([around]))).toEqual(['Concat', 'Pad']);
    expect(numbers(simplify([around])[0])).toEqual(numbers(around));
    for (const other of [
      ops.add(ops.pad(x, 1, 0, 2), ops.pad(y, 1, 0, 1)),
      ops.add(ops.pad(x, 1, 0, 3), ops.pad(y, 1, 2, 0)),
      ops.add(ops.pad(y, 1, 0, 2, 2), ops.pad(y, 1, 2, 1)),
    ])
      expect(opsOf(simplify([other]))).toEqual(['Pad', 'Pad', 'Add']);
  });
});
