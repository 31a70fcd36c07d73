import { describe, expect, it } from 'vitest';
import { bytesOf, f32, i64, info, int, ints, node } from '../../../../test/onnx/builder.js';
import { bindings, worstError } from '../../../../test/onnx/evaluate.js';
import { runOrt } from '../../../../test/onnx/runtime.js';
import { complaintOf } from '../../../../test/fixtures/data/index.js';
import { Sequence } from '../../../core/random.js';
import type { Tensor } from '../../../core/tensor.js';
import { evaluate } from '../../../engine/oracle/evaluate.js';
import { N, showShape } from '../../dims.js';
import type { OnnxNode } from '../proto/index.js';
import { importModel } from '../index.js';
import { placed } from './arrange.js';

const EXAMPLES = 5;

const draw = (name: string, shape: readonly number[]): Tensor => {
  const s = new Sequence(7, name);
  return f32(
    shape,
    Array.from({ length: shape.reduce((p, d) => p * d, 1) }, () => Math.fround(2 * s.next() - 1)),
  );
};

interface Rows {
  readonly name: string;
  readonly shape: readonly number[];
  readonly nodes: readonly OnnxNode[];
  readonly weights: Readonly<Record<string, Tensor>>;
  /** How the file's flattened axis is written here. */
  readonly axis: string;
}

const back = (perm: readonly number[]): OnnxNode => node('Transpose', ['u'], 'h', { perm: ints(...perm) });

const NETWORKS: Rows[] = [
  {
    name: 'tokens first, a dense layer on the rows, split by −1',
    shape: [3, 4],
    axis: '3·N',
    nodes: [
      node('Transpose', ['x'], 't', { perm: ints(1, 0, 2) }),
      node('Reshape', ['t', 's'], 'r'),
      node('Gemm', ['r', 'w', 'b'], 'z'),
      node('Softmax', ['z'], 'a', { axis: int(-1) }),
      node('Reshape', ['a', 'k'], 'u'),
      back([1, 0, 2, 3]),
    ],
    weights: { s: i64(-1, 4), w: draw('w', [4, 6]), b: draw('b', [6]), k: i64(3, -1, 2, 3) },
  },
  {
    name: 'examples in the middle, row-wise normalisation, Flatten',
    shape: [2, 3, 4],
    axis: '2·N·3',
    nodes: [
      node('Transpose', ['x'], 't', { perm: ints(1, 0, 2, 3) }),
      node('Flatten', ['t'], 'r', { axis: int(3) }),
      node('LayerNormalization', ['r', 'g', 'c'], 'y'),
      node('MatMul', ['y', 'w'], 'z'),
      node('Add', ['z', 'r'], 'q'),
      node('Reshape', ['q', 'k'], 'u'),
      back([1, 0, 2, 3]),
    ],
    weights: { g: draw('g', [4]), c: draw('c', [4]), w: draw('w', [4, 4]), k: i64(2, -1, 3, 4) },
  },
  {
    name: 'the flattened axis split elsewhere than it was joined',
    shape: [4, 2, 3],
    axis: '8·N·3',
    nodes: [
      node('Transpose', ['x'], 't', { perm: ints(1, 2, 0, 3) }),
      node('Reshape', ['t', 's'], 'r'),
      node('Mul', ['r', 'r'], 'y'),
      node('Reshape', ['y', 'k'], 'v'),
      node('ReduceSum', ['v', 'ax'], 'u', { keepdims: int(0) }),
      back([1, 0, 2]),
    ],
    weights: { s: i64(-1), k: i64(2, 4, -1, 3), ax: i64(1) },
  },
  {
    name: 'a shape computed from the number of examples',
    shape: [3, 4],
    axis: '3·N',
    nodes: [
      node('Shape', ['x'], 'd'),
      node('Gather', ['d', 'zero'], 'n'),
      node('Mul', ['n', 'three'], 'tn'),
      node('Concat', ['tn', 'four'], 's', { axis: int(0) }),
      node('Transpose', ['x'], 't', { perm: ints(1, 0, 2) }),
      node('Reshape', ['t', 's'], 'r'),
      node('MatMul', ['r', 'w'], 'z'),
      node('Concat', ['three', 'n', 'two'], 'k', { axis: int(0) }),
      node('Reshape', ['z', 'k'], 'u'),
      back([1, 0, 2]),
    ],
    weights: { zero: i64(0), three: i64(3), four: i64(4), two: i64(2), w: draw('w', [4, 2]) },
  },
];

describe('rows a·N·b', () => {
  for (const { name, shape, nodes, weights, axis } of NETWORKS) {
    it(`${name}: as ONNX Runtime has it`, async () => {
      const bytes = bytesOf({
        inputs: [info('x', 'float32', ['n', ...shape])],
        outputs: ['h'],
        nodes,
        weights,
      });
      const x = draw('x', [EXAMPLES, ...shape]);
      const model = importModel(bytes, { dtype: 'float64' });
      const h = model.value('h');
      const [{ data }] = evaluate([h], bindings(model, [h], { x }), EXAMPLES);
      const { h: want } = await runOrt(bytes, { x });
      expect(worstError(data, want.data as Float32Array)).toBeLessThan(1e-6);
      expect(showShape(model.value('r').shape)).toContain(axis);
    });
  }

  it('meet only rows in the same order', () => {
    const model = importModel(
      bytesOf({
        inputs: [info('x', 'float32', ['n', 3, 4])],
        outputs: ['h'],
        nodes: [
          node('Transpose', ['x'], 't', { perm: ints(1, 0, 2) }),
          node('Reshape', ['t', 's'], 'p'),
          node('Reshape', ['x', 's'], 'q'),
          node('Add', ['p', 'q'], 'h'),
        ],
        weights: { s: i64(-1, 4) },
      }),
    );
    const { code, message } = complaintOf(() => model.value('h'));
    expect(code).toBe('graph/examples-coupled');
    expect(message).toContain('[3·N, 4]');
  });

  it('are not split across examples', () => {
    expect(placed([3, N, 4], [{ batch: 3 }, 4])).toEqual([{ batch: 3, slow: 3 }, 4]);
    expect(placed([3, N, 4], [{ batch: 1 }, 12])).toBeNull();
    expect(placed([{ batch: 6, slow: 3 }, 4], [3, { batch: 2 }, 4])).toEqual([3, { batch: 2 }, 4]);
    expect(placed([{ batch: 6, slow: 3 }, 4], [2, { batch: 3 }, 4])).toBeNull();
    expect(placed([{ batch: 6, slow: 3 }, 4], [{ batch: 12, slow: 1 }, 2])).toEqual([
      { batch: 12, slow: 3 },
      2,
    ]);
  });
});

describe('a baked batch behind the tokens', () => {
  for (const batch of [1, 2]) {
    it(`of ${batch} becomes symbolic in the axis that held it`, async () => {
      const shapeOf = (n: number) => ({
        inputs: [info('x', 'float32', [n, 5, 4])],
        outputs: ['h'],
        nodes: [
          node('Transpose', ['x'], 't', { perm: ints(1, 0, 2) }),
          node('Reshape', ['t', 'heads'], 'q'),
          node('Tanh', ['q'], 'y'),
          node('Reshape', ['y', 'rows'], 'r'),
          node('MatMul', ['r', 'w'], 'z'),
          node('Reshape', ['z', 'tokens'], 'u'),
          node('Transpose', ['u'], 'h', { perm: ints(1, 0, 2) }),
        ],
        weights: { heads: i64(5, 2 * n, 2), rows: i64(5 * n, 4), tokens: i64(5, n, 4), w: draw('w', [4, 4]) },
      });
      const model = importModel(bytesOf(shapeOf(batch)), { dtype: 'float64' });
      const h = model.value('h');
      expect(showShape(model.value('q').shape)).toBe('[5, 2N, 2]');
      expect(showShape(model.value('r').shape)).toBe('[5·N, 4]');
      const x = draw('x', [EXAMPLES, 5, 4]);
      const [{ data }] = evaluate([h], bindings(model, [h], { x }), EXAMPLES);
      const { h: want } = await runOrt(bytesOf(shapeOf(EXAMPLES)), { x });
      expect(worstError(data, want.data as Float32Array)).toBeLessThan(1e-6);
    });
  }
});
