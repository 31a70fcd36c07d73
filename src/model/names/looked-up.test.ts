import { describe, expect, it } from 'vitest';
import { bytesOf, f32, info, int, node } from '../../../test/onnx/builder.js';
import { loadNetwork } from '../load.js';
import type { Tensor } from '../../core/tensor.js';
import type { NamesFile } from './types.js';

const wave = (shape: number[], phase: number): Tensor =>
  f32(
    shape,
    Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.fround(Math.sin(1.7 * i * i + phase))),
  );
const turned = (t: Tensor): Tensor => {
  const [rows, columns] = t.shape;
  return f32(
    [columns, rows],
    Array.from({ length: rows * columns }, (_, i) =>
      Number(t.data[(i % rows) * columns + Math.floor(i / rows)]),
    ),
  );
};

const WORDS = wave([5, 3], 0.2);
const PLACES = wave([6, 3], 1);
/** Rows 0, 1, 4 of the table of positions. */
const ROWS = f32([1, 3, 3], [...PLACES.data.slice(0, 6), ...PLACES.data.slice(12, 15)].map(Number));

/** An embedding, the rows of a table of positions added, and the embedding again as the head, as PyTorch's exporter folds them. */
function open(names?: NamesFile, head = turned(WORDS)) {
  const bytes = bytesOf({
    producer: 'pytorch',
    inputs: [info('x', 'int64', ['n', 3])],
    outputs: ['h'],
    nodes: [
      node('Gather', ['wte.weight', 'x'], 'e', {}, '/wte/Gather'),
      node('Add', ['e', 'onnx::Add_7'], 'a', {}, '/Add'),
      node('Tanh', ['a'], 't', {}, '/Tanh'),
      node('ReduceMean', ['t', 'one'], 'm', { keepdims: int(0) }, '/ReduceMean'),
      node('MatMul', ['m', 'onnx::MatMul_9'], 'h', {}, '/MatMul'),
    ],
    weights: {
      'wte.weight': WORDS,
      'onnx::Add_7': ROWS,
      'onnx::MatMul_9': head,
      one: { dtype: 'int64', shape: [1], data: BigInt64Array.of(1n) },
    },
    opset: 18,
  });
  return loadNetwork(bytes, {
    file: 'm.onnx',
    likelihood: 'categorical',
    dtype: 'float64',
    ...(names && { names }),
  });
}

const shapes = (loaded: ReturnType<typeof open>) =>
  Object.fromEntries([...loaded.network.parameters].map(([name, v]) => [name, v.shape]));

describe('tables that the exporter looked up, and copies that it transposed', () => {
  it('by names alone: the one tensor that is left', () => {
    const entries = ['wte.weight', 'wpe.weight'].map((name) => ({ name, shape: null, values: null }));
    const loaded = open({ where: 'names.txt', entries, aside: [] });
    expect(shapes(loaded)).toEqual({ 'wte.weight': [5, 3], 'wpe.weight': [3, 3] });
    expect(loaded.notes.join()).toMatch(/rows of wpe.weight/);
  });

  it('by numbers: rows of the whole table, in their order', () => {
    const entries = Object.entries({ 'wte.weight': WORDS, 'wpe.weight': PLACES }).map(([name, values]) => ({
      name,
      shape: values.shape,
      values,
    }));
    const loaded = open({ where: 'names.npz', entries, aside: [] });
    expect(shapes(loaded)).toEqual({ 'wte.weight': [5, 3], 'wpe.weight': [6, 3] });
  });

  it('without names: the copy is its original, the rows count', () => {
    const loaded = open();
    expect(shapes(loaded)).toEqual({ 'wte.weight': [5, 3], 'onnx::Add_7': [1, 3, 3] });
    expect(loaded.notes.join()).toMatch(/MatMul_9 is wte.weight transposed/);
  });

  it('a head with other numbers is a parameter of its own', () => {
    expect(Object.keys(shapes(open(undefined, wave([3, 5], 2))))).toContain('onnx::MatMul_9');
  });
});
