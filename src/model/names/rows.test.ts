import { describe, expect, it } from 'vitest';
import { bytesOf, f32, info, node } from '../../../test/onnx/builder.js';
import { namesFile, openNamed } from '../../../test/onnx/named.js';
import { type Tensor, toFloat64 } from '../../core/tensor.js';

const wave = (shape: readonly number[], phase: number): Tensor =>
  f32(
    shape,
    Array.from({ length: shape.reduce((p, d) => p * d, 1) }, (_, i) => Math.sin(1.3 * i + phase)),
  );

/** Rows [from, to) of [rows, columns], transposed as an exporter folds it. */
function turnedRows(t: Tensor, from: number, to: number): Tensor {
  const [, columns] = t.shape;
  return f32(
    [columns, to - from],
    Array.from({ length: columns * (to - from) }, (_, i) =>
      Number(t.data[(from + (i % (to - from))) * columns + Math.floor(i / (to - from))]),
    ),
  );
}

const weight = wave([6, 4], 1);
const bias = f32([6], [0, 0, 0, 0, 0, 0]);

/** Queries by the first two rows, keys and values by the other four: the tensors stand in the file in another order. */
const bytes = (): Uint8Array =>
  bytesOf({
    inputs: [info('x', 'float32', ['n', 4])],
    outputs: ['h'],
    weights: {
      'onnx::Add_7': f32([4], [0, 0, 0, 0]),
      'onnx::MatMul_8': turnedRows(weight, 0, 2),
      'onnx::MatMul_9': turnedRows(weight, 2, 6),
      'onnx::Add_6': f32([2], [0, 0]),
    },
    nodes: [
      node('MatMul', ['x', 'onnx::MatMul_9'], 'p', {}, '/a/MatMul_1'),
      node('Add', ['onnx::Add_7', 'p'], 'kv', {}, '/a/Add_1'),
      node('MatMul', ['x', 'onnx::MatMul_8'], 'r', {}, '/a/MatMul'),
      node('Add', ['onnx::Add_6', 'r'], 'q', {}, '/a/Add'),
      node('Concat', ['q', 'kv'], 'h', { axis: { type: 'int', value: 1 } }),
    ],
    producer: 'pytorch',
  });

const open = (values: Readonly<Record<string, Tensor>>) => openNamed(bytes(), namesFile(values));

describe('parameters whose rows are tensors of their own', () => {
  it('are put together, by numbers and where these are all equal by the order of the nodes', () => {
    const { network } = open({ 'a.in_proj_weight': weight, 'a.in_proj_bias': bias });
    expect([...network.parameters].map(([name, v]) => [name, v.shape])).toEqual([
      ['a.in_proj_weight', [6, 4]],
      ['a.in_proj_bias', [6]],
    ]);
    const own = toFloat64(network.weights.get('a.in_proj_weight') as Tensor);
    expect([...own].map(Math.fround)).toEqual([...weight.data]);
  });

  it('are refused where a row is missing, and numbers do not say which', () => {
    const longer = f32([7], [0, 0, 0, 0, 0, 0, 0]);
    expect(() => open({ 'a.in_proj_weight': weight, 'a.in_proj_bias': longer })).toThrow(/in_proj_bias/);
  });
});
