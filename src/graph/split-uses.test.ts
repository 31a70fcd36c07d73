import { describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import * as b from './build.js';
import { gradient } from './derive.js';
import { N } from './dims.js';
import { input, withOrigin } from './index.js';
import { operandUses, rewireUses, splitUses } from './split-uses.js';

/** h = tanh(tanh(x Wᵀ) Wᵀ) W: W read transposed by two nodes, and as it is by a third. */
function network() {
  const x = input('x', 'float64', [N, 2]);
  const w = input('w', 'float64', [2, 2]);
  const turned = withOrigin('Transpose "/t"', () => b.transpose(w, [1, 0]));
  const first = withOrigin('Gemm "/a/Gemm"', () => b.tanh(b.matmul(x, turned)));
  const second = withOrigin('Gemm "/b/Gemm"', () => b.tanh(b.matmul(first, turned)));
  const h = withOrigin('MatMul (output "h")', () => b.matmul(second, w));
  return { x, w, h };
}

describe('uses of a value', () => {
  it('are the operands that read it, movers followed', () => {
    const { w, h } = network();
    const uses = operandUses([h], w);
    expect(uses.map((u) => [u.nodeName, u.node.op, u.inputIndex, u.movers.length])).toEqual([
      ['/a/Gemm', 'MatMul', 1, 1],
      ['/b/Gemm', 'MatMul', 1, 1],
      ['h', 'MatMul', 1, 0],
    ]);
  });

  it('one operand that is read twice by a node is two uses', () => {
    const w = input('w', 'float64', [2]);
    const h = b.add(input('x', 'float64', [N, 2]), b.mul(w, w));
    expect(operandUses([h], w).map((u) => u.inputIndex)).toEqual([0, 1]);
  });

  it('split, they have derivatives that add up to that of the one', () => {
    const { x, w, h } = network();
    const { outputs, uses } = splitUses([h], w);
    expect(new Set(uses.map((u) => u.replacement)).size).toBe(3);
    expect(operandUses(outputs, w)).toEqual([]);
    const data = tensor('float64', [3, 2], [0.3, -1, 0.5, 2, -0.2, 0.7]);
    const weight = tensor('float64', [2, 2], [0.4, -0.3, 0.9, 0.1]);
    const [whole] = gradient(h, [w]);
    const parts = gradient(
      outputs[0],
      uses.map((u) => u.replacement),
    );
    const numbers = new Map([[x, data], [w, weight], ...uses.map((u) => [u.replacement, weight] as const)]);
    const [one, before] = evaluate([whole!, h], numbers, 3);
    const [after, ...three] = evaluate([outputs[0], ...parts.map((p) => p!)], numbers, 3);
    expect([...after.data]).toEqual([...before.data]);
    for (let i = 0; i < 4; i++) {
      const sum = three.reduce((s, t) => s + t.data[i], 0);
      expect(sum).toBeCloseTo(one.data[i], 12);
    }
  });

  it('chosen ones alone read another value', () => {
    const { w, h } = network();
    const other = input('other', 'float64', [2, 2]);
    const [, second] = operandUses([h], w);
    const outputs = rewireUses([h], new Map([[second, other]]));
    expect(operandUses(outputs, other).map((u) => u.nodeName)).toEqual(['/b/Gemm']);
    expect(operandUses(outputs, w).map((u) => u.nodeName)).toEqual(['/a/Gemm', 'h']);
  });
});
