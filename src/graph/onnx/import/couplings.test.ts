/** Operators that would lead from one example to another, or read rows of another order: refused, with the node's name. */
import { describe, expect, it } from 'vitest';
import { bindings } from '../../../../test/onnx/evaluate.js';
import {
  bytesOf,
  f32,
  float,
  held,
  i64,
  info,
  int,
  ints,
  type ModelParts,
  node,
  text,
} from '../../../../test/onnx/builder.js';
import { thrown } from '../../../../test/graph/thrown.js';
import { evaluate } from '../../../engine/oracle/evaluate.js';
import { importModel } from './model.js';

const valueOf = (model: ModelParts) => importModel(bytesOf(model), { dtype: 'float64' }).value('h');
const x43 = info('x', 'float32', ['n', 4]);

describe('examples stay apart', () => {
  it('in Einsum: a matrix of all pairs of examples', () => {
    const model: ModelParts = {
      inputs: [x43],
      outputs: ['h'],
      nodes: [node('Einsum', ['x', 'x'], 'h', { equation: text('ni,mi->nm') })],
    };
    expect(thrown(() => valueOf(model)).code).toBe('graph/examples-coupled');
  });

  it('in GatherND: a table with a row for each example of a fixed batch', () => {
    const model: ModelParts = {
      inputs: [info('x', 'float32', [2, 2, 1])],
      outputs: ['h'],
      nodes: [
        node('Cast', ['x'], 'i', { to: int(7) }),
        node('GatherND', ['w', 'i'], 'h', { batch_dims: int(1) }),
      ],
      weights: { w: f32([2, 3], [1, 2, 3, 4, 5, 6]) },
    };
    expect(thrown(() => valueOf(model)).code).toBe('graph/examples-coupled');
  });

  it('in GatherElements: rows of one order against rows of another', () => {
    const model: ModelParts = {
      inputs: [info('x', 'float32', ['n', 3, 4]), info('i', 'int64', ['n', 3, 1])],
      outputs: ['h'],
      nodes: [
        node('Transpose', ['x'], 't', { perm: ints(1, 0, 2) }),
        node('Reshape', ['t', 'flat'], 'rows'),
        node('Reshape', ['i', 'one'], 'indices'),
        node('GatherElements', ['rows', 'indices'], 'h', { axis: int(1) }),
      ],
      weights: { flat: i64(-1, 4), one: i64(-1, 1) },
    };
    expect(thrown(() => valueOf(model)).code).toBe('graph/examples-coupled');
  });
});

const run = (model: ModelParts, x: number[]): number[] => {
  const file = importModel(bytesOf(model), { dtype: 'float64' });
  const h = file.value('h');
  const width = x.length;
  const [{ data }] = evaluate([h], bindings(file, [h], { x: f32([1, width], x) }), 1);
  return Array.from(data);
};

it('log Σ exp of known numbers does not overflow', () => {
  const model: ModelParts = {
    opset: 17,
    inputs: [info('x', 'float32', ['n', 1])],
    outputs: ['h'],
    nodes: [
      node('ConstantOfShape', ['two'], 'k', { value: held(f32([1], [1000])) }),
      node('ReduceLogSumExp', ['k'], 'c', { keepdims: int(1) }),
      node('Add', ['x', 'c'], 'h'),
    ],
    weights: { two: i64(2) },
  };
  expect(run(model, [0])[0]).toBeCloseTo(1000 + Math.log(2), 4);
});

it('an activation of FusedGemm keeps its other default', () => {
  const gemm = (attributes: Parameters<typeof node>[3]): ModelParts => ({
    opset: 17,
    inputs: [info('x', 'float32', ['n', 1])],
    outputs: ['h'],
    nodes: [{ ...node('FusedGemm', ['x', 'w'], 'h', attributes), domain: 'com.microsoft' }],
    weights: { w: f32([1, 1], [1]) },
  });
  const [h] = run(gemm({ activation: text('HardSigmoid'), activation_beta: float(0.3) }), [1]);
  expect(h).toBeCloseTo(0.2 + 0.3, 6);
});
