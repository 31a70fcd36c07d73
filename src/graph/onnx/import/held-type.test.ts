/** Lengths that are computed in floating point are those of ONNX Runtime, whatever type fim computes in. */
import { describe, expect, it } from 'vitest';
import { bytesOf, f32, f64, i64, info, int, node, text } from '../../../../test/onnx/builder.js';
import { runImported } from '../../../../test/onnx/evaluate.js';
import { runOrt } from '../../../../test/onnx/runtime.js';
import type { Tensor } from '../../../core/tensor.js';
import type { OnnxNode } from '../proto/index.js';

/** The first floor(factor · length) of the elements of x, the factor a vector or a single number; `steps` makes k of m. */
function cut(factor: Tensor, length: number, steps: readonly OnnxNode[]): Uint8Array {
  return bytesOf({
    inputs: [info('x', 'float32', ['n', length])],
    outputs: ['h'],
    nodes: [
      node('Shape', ['x'], 'shape'),
      node('Gather', ['shape', 'one'], 'length'),
      node('Cast', ['length'], 'l', { to: int(factor.dtype === 'float64' ? 11 : 1) }),
      node('Mul', ['l', 'factor'], 'm'),
      ...steps,
      node('Slice', ['x', 'zero', 'k', 'one'], 'h'),
    ],
    weights: { factor, one: i64(1), zero: i64(0) },
  });
}

const WHOLE = node('Cast', ['m'], 'k', { to: int(7) });
const FLOORED = [node('Floor', ['m'], 'f'), node('Cast', ['f'], 'k', { to: int(7) })];

const CASES: readonly (readonly [string, Uint8Array, number])[] = [
  ['a cast', cut(f32([1], [0.7]), 10, [WHOLE]), 10],
  ['a cast of a single number', cut(f32([], [0.7]), 10, [WHOLE]), 10],
  ['Floor', cut(f32([1], [0.29]), 100, FLOORED), 100],
  ['Floor of a single number', cut(f32([], [0.29]), 100, FLOORED), 100],
  // 0.29 · 100 is below 29 in float64.
  ['Floor of doubles', cut(f64([1], [0.29]), 100, FLOORED), 100],
  ['Floor of one double', cut(f64([], [0.29]), 100, FLOORED), 100],
];

describe('a length that a file computes in floating point', () => {
  it.each(CASES)('is that of ONNX Runtime: %s', async (_, bytes, length) => {
    const x = f32([2, length], Float32Array.from({ length: 2 * length }, (_, i) => i) as never);
    const { h } = await runOrt(bytes, { x });
    for (const dtype of ['float32', 'float64'] as const) {
      const [got] = runImported(bytes, { x }, ['h'], 2, dtype);
      expect(got.shape).toEqual(h.shape);
      expect([...got.data]).toEqual([...h.data].map(Number));
    }
  });

  it.each([
    [0.7, 10],
    [0.29, 100],
  ])('is that of ONNX Runtime: Resize by %d of %d elements', async (scale, length) => {
    const bytes = bytesOf({
      inputs: [info('x', 'float32', ['n', 1, length])],
      outputs: ['h'],
      nodes: [
        node('Resize', ['x', '', 'scales'], 'h', {
          mode: text('nearest'),
          coordinate_transformation_mode: text('asymmetric'),
          nearest_mode: text('floor'),
        }),
      ],
      weights: { scales: f32([3], [1, 1, scale]) },
    });
    const x = f32([2, 1, length], Float32Array.from({ length: 2 * length }, (_, i) => i) as never);
    const { h } = await runOrt(bytes, { x });
    const [got] = runImported(bytes, { x }, ['h'], 2);
    expect(got.shape).toEqual(h.shape);
    expect([...got.data]).toEqual([...h.data].map(Number));
  });
});
