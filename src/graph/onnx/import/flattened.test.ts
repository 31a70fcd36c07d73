/** Files for a batch of one that flatten everything and read it by positions, as PyTorch writes `as_strided`. */
import { expect, it } from 'vitest';
import { complaintOf } from '../../../../test/fixtures/data/index.js';
import { bytesOf, f32, i64, info, int, node } from '../../../../test/onnx/builder.js';
import { runImported } from '../../../../test/onnx/evaluate.js';
import { runOrt } from '../../../../test/onnx/runtime.js';
import { type Tensor, tensor } from '../../../core/tensor.js';
import { importModel } from '../index.js';

const strided = (shape: Tensor, indices: Tensor): Uint8Array =>
  bytesOf({
    inputs: [info('x', 'float32', [1, 3, 2])],
    outputs: ['h'],
    nodes: [
      node('Reshape', ['x', 'flat'], 'elements'),
      node('Cast', ['lengths'], 'first', { to: int(1) }),
      node('Concat', ['first', 'tmp'], 'both', { axis: int(0) }),
      node('Cast', ['both'], 'shape', { to: int(7) }),
      node('Reshape', ['indices', 'shape'], 'placed'),
      node('Gather', ['elements', 'placed'], 'h'),
    ],
    weights: { flat: i64(-1), lengths: shape, tmp: f32([1], [1]), indices },
  });

it('reads each example at the positions of the one', async () => {
  const bytes = strided(i64(1, 4), i64(5, 0, -3, 5));
  const rows = [
    [0.5, -1, 2, 0.25, 3, -2],
    [1, 2, 3, 4, 5, 6],
  ];
  const x = f32([2, 3, 2], rows.flat());
  const [got] = runImported(bytes, { x }, ['h'], 2);
  expect(got.shape).toEqual([2, 4, 1]);
  for (const [i, row] of rows.entries()) {
    const { h } = await runOrt(bytes, { x: f32([1, 3, 2], row) });
    expect([...got.data.slice(4 * i, 4 * i + 4)]).toEqual([...(h.data as Float32Array)]);
  }
  const model = importModel(bytes);
  model.value('h');
  expect(model.notes.join()).toMatch(/reads the flattened batch of one/);
});

it('refuses positions without an axis for the examples, and those that are none', () => {
  const flat = importModel(strided(i64(4), i64(5, 0, 1, 2)));
  expect(complaintOf(() => flat.value('h')).code).toBe('graph/examples-coupled');
  const outside = importModel(strided(i64(1, 1), tensor('int64', [1], [6])));
  expect(complaintOf(() => outside.value('h')).code).toBe('onnx/fixed-batch');
});
