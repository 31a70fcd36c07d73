/** Batches that a Reshape fixes though the input is dynamic, and logits with axes of length 1: the Fisher of the plain [N, C] file. */
import { expect, test } from 'vitest';
import { tensor } from '../../src/core/tensor.js';
import { f32, i64, info, node } from '../onnx/builder.js';
import { fim, fimJson, scratch, wave, writeModel, writeNpz } from './fim.js';

const { path } = scratch();
const numbers = (n: number, phase: number) => Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + phase));
const y = tensor(
  'int64',
  [20],
  BigInt64Array.from({ length: 20 }, (_, i) => BigInt(i % 3)),
);
const data = writeNpz(path('d.npz'), { x: wave(20, 2, 3), y });

/** tanh(reshape(x, target)·w)·v, reshaped to `end` where given. */
function model(file: string, target: readonly number[], end?: readonly number[]): string {
  const last = end ? [node('Reshape', ['u', 'end'], 'h')] : [];
  return writeModel(path(file), {
    nodes: [
      node('Reshape', ['x', 'target'], 'r'),
      node('MatMul', ['r', 'w'], 'z'),
      node('Tanh', ['z'], 'a'),
      node('MatMul', ['a', 'v'], end ? 'u' : 'h'),
      ...last,
    ],
    weights: {
      target: i64(...target),
      w: f32([6, 4], numbers(24, 0.2)),
      v: f32([4, 3], numbers(12, 1)),
      ...(end ? { end: i64(...end) } : {}),
    },
    inputs: [info('x', 'float32', ['n', 2, 3])],
    outputs: [info('h', 'float32', null)],
  });
}

const words = [data, '--likelihood', 'categorical', '--estimator', 'exact', '--dtype', 'float64'];
const plain = fimJson(['estimate', model('plain.onnx', [0, -1]), ...words]);

test.each([[[1, 6]], [[2, 6]], [[7, 6]]])('a target of %j is read for any batch', async (target) => {
  const got = await fimJson(['estimate', model(`b${target.join('-')}.onnx`, target), ...words]);
  expect(got.trace).toEqual((await plain).trace);
  expect(got.notes.join()).toContain(`fixes the batch at ${target[0]}`);
});

test.each([[[0, 1, 3]], [[0, 3, 1, 1]], [[0, 1, 1, 3]]])('logits %j are one choice', async (end) => {
  const got = await fimJson(['estimate', model(`l${end.join('-')}.onnx`, [0, -1], end), ...words]);
  expect(got.trace).toEqual((await plain).trace);
  expect(got.notes.join()).toContain('one choice for each example');
});

test('a target that fits no number of examples is refused', async () => {
  const ran = await fim(['estimate', model('odd.onnx', [4, 4]), ...words]);
  expect(ran.code).toBe(3);
  expect(ran.err).toContain('another number of elements');
});
