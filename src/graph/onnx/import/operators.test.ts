import { describe, expect, it } from 'vitest';
import { bytesOf, info } from '../../../../test/onnx/builder.js';
import type { Case } from '../../../../test/onnx/cases/case.js';
import { OPERATORS } from '../../../../test/onnx/cases/index.js';
import { runImported, worstError } from '../../../../test/onnx/evaluate.js';
import { runOrt } from '../../../../test/onnx/runtime.js';
import { Sequence } from '../../../core/random.js';
import { sizeOf, type Tensor, tensor } from '../../../core/tensor.js';
import { COVERED } from '../index.js';
import type { OnnxNode } from '../proto/index.js';

const EXAMPLES = 3;
function draw(c: Case): Tensor {
  const shape = [EXAMPLES, ...(c.shape ?? [4])];
  const s = new Sequence(11, c.name);
  const [lo, hi] = c.range ?? [-2, 2];
  return tensor(
    'float32',
    shape,
    Array.from({ length: sizeOf(shape) }, () => Math.fround(lo + (hi - lo) * s.next())),
  );
}

describe('ONNX operators as the core reads them', () => {
  for (const c of OPERATORS) {
    it(c.name, async () => {
      const x = draw(c);
      for (const opset of c.opsets) {
        const written = (nodes: readonly OnnxNode[], version: number) =>
          bytesOf({
            opset: version,
            inputs: [info('x', 'float32', ['n', ...(c.shape ?? [4])])],
            outputs: ['h'],
            nodes,
            weights: c.weights ?? {},
          });
        const bytes = written(c.nodes, opset);
        const [got] = runImported(bytes, { x }, ['h'], EXAMPLES);
        if (c.closed) {
          const want = Float64Array.from(x.data as Float32Array, c.closed);
          expect(worstError(got.data, want), `opset ${opset}, closed form`).toBeLessThanOrEqual(1e-14);
        }
        const { h } = await runOrt(c.instead ? written(c.instead, 21) : bytes, { x });
        expect(got.shape, `opset ${opset}`).toEqual(h.shape);
        expect(
          worstError(got.data, h.data as Float32Array),
          `opset ${opset}, ONNX Runtime`,
        ).toBeLessThanOrEqual(1e-6);
      }
    });
  }

  it('covers every operator of its table here', () => {
    const seen = new Set(OPERATORS.flatMap((c) => c.nodes.map((n) => n.opType)));
    expect(COVERED.filter((op) => !seen.has(op))).toEqual([]);
  });
});
