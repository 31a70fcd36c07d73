/**
 * Masks of −∞ before a Softmax: the Fisher is that of the mask of −1e9, by every estimator, on both engines; a row with everything
 * masked is refused with its node, and −∞ in a weight is still a weight that is not finite.
 */
import { expect, test } from 'vitest';
import { tensor } from '../../src/core/tensor.js';
import { f32, i64, info, int, node } from '../onnx/builder.js';
import { expectComplaint, fim, fimJson, scratch, wave, writeModel, writeNpz } from './fim.js';

const { path } = scratch();
const numbers = (n: number, phase: number) => Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + phase));

/** softmax(x·w + mask)·v + c */
function masked(file: string, mask: readonly number[]): string {
  return writeModel(path(file), {
    nodes: [
      node('MatMul', ['x', 'w'], 'z'),
      node('Unsqueeze', ['mask', 'axes'], 'row'),
      node('Add', ['z', 'row'], 'm'),
      node('Softmax', ['m'], 'p', { axis: int(-1) }),
      node('MatMul', ['p', 'v'], 'u'),
      node('Add', ['u', 'c'], 'h'),
    ],
    weights: {
      w: f32([5, 4], numbers(20, 0.2)),
      mask: f32([4], mask),
      axes: i64(0),
      v: f32([4, 3], numbers(12, 1)),
      c: f32([3], numbers(3, 2)),
    },
    inputs: [info('x', 'float32', ['n', 5])],
    outputs: [info('h', 'float32', ['n', 3])],
  });
}

const y = tensor(
  'int64',
  [20],
  BigInt64Array.from({ length: 20 }, (_, i) => BigInt(i % 3)),
);
const data = writeNpz(path('d.npz'), { x: wave(20, 5), y });
const [open, shut] = [
  masked('inf.onnx', [0, -Infinity, 0, -Infinity]),
  masked('big.onnx', [0, -1e9, 0, -1e9]),
];

/** The mask of −1e9 is left out by hand; the other is known for what it is. */
const COUNTED = ['--parameters', 'w', '--parameters', 'v', '--parameters', 'c'];

test.each(['exact', 'type1', 'type2', 'mix', 'rademacher', 'empirical'])('%s', async (estimator) => {
  for (const engine of ['small', 'ort']) {
    const words = ['--likelihood', 'categorical', '--estimator', estimator, '--engine', engine];
    const of = (model: string) =>
      fimJson(['estimate', model, data, ...words, '--dtype', 'float64', ...COUNTED]);
    const [got, want] = [await of(open), await of(shut)];
    expect(Math.abs(got.trace.value / want.trace.value - 1), engine).toBeLessThan(1e-12);
    expect(Math.abs((got.trace.standardError ?? NaN) / (want.trace.standardError ?? NaN) - 1)).toBeLessThan(
      1e-9,
    );
  }
});

test('a row of which everything is masked is refused with its node', async () => {
  const all = masked('all.onnx', [-Infinity, -Infinity, -Infinity, -Infinity]);
  const ran = await fim(['estimate', all, data, '--likelihood', 'categorical']);
  expect(ran.code).toBe(3);
  expect(ran.err).toMatch(/Softmax/);
  expect(ran.err).toMatch(/example 0/);
});

test('−∞ in a weight is refused', async () => {
  const broken = writeModel(path('w.onnx'), {
    nodes: [node('MatMul', ['x', 'w'], 'h')],
    weights: { w: f32([5, 3], [...numbers(14, 0), -Infinity]) },
    inputs: [info('x', 'float32', ['n', 5])],
    outputs: [info('h', 'float32', ['n', 3])],
  });
  const ran = await fim(['estimate', broken, data, '--likelihood', 'categorical']);
  expectComplaint(ran, { code: 3, says: ['initialiser "w"', '-Infinity'] });
});
