import { describe, expect, it } from 'vitest';
import { bytesOf, f32, i64, info, int, ints, node } from '../../../../test/onnx/builder.js';
import { bindings, worstError } from '../../../../test/onnx/evaluate.js';
import { complaintOf } from '../../../../test/fixtures/data/index.js';
import { Sequence } from '../../../core/random.js';
import { type Tensor, tensor } from '../../../core/tensor.js';
import { evaluate } from '../../../engine/oracle/evaluate.js';
import { nodesOf } from '../../derive.js';
import { showShape } from '../../dims.js';
import type { OnnxNode } from '../proto/index.js';
import { importModel } from '../index.js';
import { FIRST_AXIS } from './readings.js';

const EXAMPLES = 5;
type Batch = number | string | null;

interface Network {
  readonly name: string;
  readonly shape: readonly number[];
  /** Nodes as an exporter writes them for this batch; a dynamic one is written with −1 or computed. */
  readonly nodes: (batch: number | null) => readonly OnnxNode[];
  readonly weights: (batch: number | null) => Record<string, Tensor>;
}

const draw = (name: string, shape: readonly number[]): Tensor => {
  const s = new Sequence(3, name);
  return f32(
    shape,
    Array.from({ length: shape.reduce((p, d) => p * d, 1) }, () => Math.fround(2 * s.next() - 1)),
  );
};

const NETWORKS: Network[] = [
  {
    name: 'an image flattened by view',
    shape: [1, 2, 3],
    nodes: () => [
      node('Reshape', ['x', 's'], 'f'),
      node('Gemm', ['f', 'w', 'b'], 'z', { transB: int(1) }),
      node('Tanh', ['z'], 'a'),
      node('Gemm', ['a', 'v'], 'h'),
    ],
    weights: (batch) => ({
      s: i64(batch ?? -1, batch === null ? 6 : -1),
      w: draw('w', [4, 6]),
      b: draw('b', [4]),
      v: draw('v', [4, 2]),
    }),
  },
  {
    name: 'a dense layer on tokens between two reshapes',
    shape: [3, 4],
    nodes: () => [
      node('Reshape', ['x', 's'], 'r'),
      node('MatMul', ['r', 'w'], 'y'),
      node('Add', ['y', 'b'], 'z'),
      node('Reshape', ['z', 't'], 'u'),
      node('Relu', ['u'], 'a'),
      node('ReduceSum', ['a', 'ax'], 'h', { keepdims: int(0) }),
    ],
    weights: (batch) => ({
      s: batch === null ? i64(-1, 4) : i64(batch * 3, 4),
      t: batch === null ? i64(-1, 3, 2) : i64(batch, 3, 2),
      ax: i64(1),
      w: draw('w', [4, 2]),
      b: draw('b', [2]),
    }),
  },
  {
    name: 'heads split and joined',
    shape: [3, 4],
    nodes: () => [
      node('Reshape', ['x', 's'], 'r'),
      node('Transpose', ['r'], 't', { perm: ints(0, 2, 1, 3) }),
      node('Tanh', ['t'], 'a'),
      node('Transpose', ['a'], 'q', { perm: ints(0, 2, 1, 3) }),
      node('Reshape', ['q', 'u'], 'f'),
      node('MatMul', ['f', 'w'], 'h'),
    ],
    weights: (batch) => ({
      s: i64(batch ?? 0, 3, 2, 2),
      u: i64(batch ?? -1, 12),
      w: draw('w', [12, 2]),
    }),
  },
  {
    name: 'an Expand and a Slice over the whole batch',
    shape: [1, 3],
    nodes: () => [
      node('Expand', ['x', 's'], 'e'),
      node('Slice', ['e', 'st', 'en'], 'c'),
      node('Flatten', ['c'], 'f'),
      node('MatMul', ['f', 'w'], 'h'),
    ],
    weights: (batch) => ({
      s: i64(batch ?? 1, 2, 3),
      st: i64(0, 0, 1),
      en: i64(batch ?? Infinity, 2, 3),
      w: draw('w', [4, 2]),
    }),
  },
];

function load(network: Network, batch: Batch) {
  const known = typeof batch === 'number' ? batch : null;
  const bytes = bytesOf({
    inputs: [info('x', 'float32', [batch, ...network.shape])],
    outputs: ['h'],
    nodes: network.nodes(known),
    weights: network.weights(known),
  });
  return importModel(bytes, { dtype: 'float64' });
}

describe('a batch of 1, of 8, or dynamic', () => {
  for (const network of NETWORKS) {
    it(`${network.name}: one graph, one function`, () => {
      const x = draw('x', [EXAMPLES, ...network.shape]);
      const results = (['n', null, 1, 8] as const).map((batch) => {
        const model = load(network, batch);
        const h = model.value('h');
        expect(model.fixedBatch).toBe(typeof batch === 'number' ? batch : null);
        expect(model.notes.some((s) => s.includes('symbolic'))).toBe(typeof batch === 'number');
        const [{ data }] = evaluate([h], bindings(model, [h], { x }), EXAMPLES);
        return { data, shapes: nodesOf([h]).map((n) => `${n.op} ${showShape(n.output.shape)}`) };
      });
      for (const r of results.slice(1)) {
        expect(r.shapes).toEqual(results[0].shapes);
        expect(worstError(r.data, results[0].data)).toBe(0);
      }
    });
  }

  it('refuses a node that a fixed batch went into, and says how to export', () => {
    const model = importModel(
      bytesOf({
        inputs: [info('x', 'float32', [8, 3])],
        outputs: ['h'],
        nodes: [node('Add', ['x', 'c'], 'h', {}, '/mask/Add')],
        weights: { c: draw('c', [8, 3]) },
      }),
    );
    const e = complaintOf(() => model.value('h'));
    expect(e.kind).toBe('unsupported');
    expect(e.message).toMatch(/Add "\/mask\/Add"/);
    expect(e.message).toMatch(/batch of exactly 8/);
    expect(e.message).toMatch(/dynamic_axes/);
  });

  it('names a fixed batch as the cause of a shape that does not fit', () => {
    const model = importModel(
      bytesOf({
        inputs: [info('x', 'float32', [4, 3])],
        outputs: ['h'],
        nodes: [node('Reshape', ['x', 's'], 'h')],
        weights: { s: i64(2, 6) },
      }),
    );
    expect(complaintOf(() => model.value('h')).code).toBe('onnx/fixed-batch');
  });
});

describe('what would mix examples', () => {
  const cases: [string, readonly OnnxNode[], Record<string, Tensor>, RegExp][] = [
    [
      'a sum over the batch',
      [node('ReduceSum', ['x', 'a'], 's'), node('Add', ['x', 's'], 'h')],
      { a: i64(0) },
      /ReduceSum_s/,
    ],
    [
      'a mean over everything',
      [node('ReduceMean', ['x'], 's'), node('Sub', ['x', 's'], 'h')],
      {},
      /ReduceMean_s/,
    ],
    [
      'a maximum over the batch',
      [node('ReduceMax', ['x'], 's', { axes: ints(0) }), node('Sub', ['x', 's'], 'h')],
      {},
      /ReduceMax_s/,
    ],
    ['x xᵀ', [node('Transpose', ['x'], 't'), node('MatMul', ['x', 't'], 'h')], {}, /MatMul_h/],
    [
      'xᵀ x',
      [node('Transpose', ['x'], 't'), node('MatMul', ['t', 'x'], 'c'), node('MatMul', ['x', 'c'], 'h')],
      {},
      /MatMul_c/,
    ],
    ['a Softmax over the batch', [node('Softmax', ['x'], 'h', { axis: int(0) })], {}, /Softmax_h/],
    [
      'one example picked',
      [node('Gather', ['x', 'i'], 'r'), node('Add', ['x', 'r'], 'h')],
      { i: tensor('int64', [], [0]) },
      /Gather_r/,
    ],
    [
      'some examples picked',
      [node('Slice', ['x', 's', 'e'], 'h')],
      { s: i64(1), e: i64(Infinity) },
      /Slice_h/,
    ],
    [
      'the batch split',
      [node('Split', ['x'], ['p', 'q'], { axis: int(0) }), node('Concat', ['p', 'q'], 'h', { axis: int(1) })],
      {},
      /Split_p/,
    ],
    ['examples joined', [node('Concat', ['x', 'x'], 'h', { axis: int(0) })], {}, /Concat_h/],
    [
      'elements handed on',
      [node('Transpose', ['x'], 't'), node('Reshape', ['t', 's'], 'h')],
      { s: i64(-1, 4) },
      /Reshape_h/,
    ],
    [
      'BatchNormalization in training',
      [node('BatchNormalization', ['x', 'g', 'g', 'g', 'g'], 'h', { training_mode: int(1) })],
      { g: f32([4], [1, 1, 1, 1]) },
      /BatchNormalization_h/,
    ],
    [
      'the number of examples as a value',
      [
        node('Shape', ['x'], 's'),
        node('Gather', ['s', 'i'], 'n'),
        node('Cast', ['n'], 'f', { to: int(1) }),
        node('Div', ['x', 'f'], 'h'),
      ],
      { i: tensor('int64', [], [0]) },
      /number of examples/,
    ],
    [
      'one over the number of examples',
      [
        node('Shape', ['x'], 's'),
        node('Gather', ['s', 'i'], 'n'),
        node('Cast', ['n'], 'f', { to: int(1) }),
        node('Reciprocal', ['f'], 'r'),
        node('Mul', ['x', 'r'], 'h'),
      ],
      { i: tensor('int64', [], [0]) },
      /Reciprocal_r/,
    ],
    [
      'N + 1',
      [node('Shape', ['x'], 's'), node('Add', ['s', 'one'], 't'), node('Expand', ['x', 't'], 'h')],
      { one: i64(1) },
      /Add_t/,
    ],
  ];
  for (const [name, nodes, weights, where] of cases) {
    it(`${name} is refused, naming the node`, () => {
      const model = importModel(
        bytesOf({ inputs: [info('x', 'float32', ['n', 4])], outputs: ['h'], nodes, weights }),
      );
      const e = complaintOf(() => model.value('h'));
      expect(e.code).toBe('graph/examples-coupled');
      expect(e.message).toMatch(where);
      expect(e.exitCode).toBe(3);
    });
  }
});

describe('axes that are not the batch', () => {
  const refuse = (inputs: Parameters<typeof bytesOf>[0]['inputs']) =>
    complaintOf(() => importModel(bytesOf({ inputs, outputs: ['h'], nodes: [node('Relu', ['x'], 'h')] })));

  it('must have a known length', () => {
    const e = refuse([info('x', 'float32', ['n', 'sequence', 4])]);
    expect(e.code).toBe('onnx/dynamic-axis');
    expect(e.message).toMatch(/axis 1 is "sequence"/);
    expect(refuse([info('x', 'float32', [null, null])]).message).toMatch(/axis 1 is unknown/);
  });

  it('must exist', () => {
    expect(refuse([info('x', 'float32', [])]).code).toBe('onnx/input-shape');
    expect(refuse([info('x', 'float32', null)]).code).toBe('onnx/input-shape');
  });

  it('are the same first axis in all inputs', () => {
    expect(refuse([info('x', 'float32', [4, 2]), info('y', 'float32', [3, 2])]).code).toBe(
      'onnx/batch-sizes',
    );
    expect(refuse([info('x', 'float32', ['n', 2]), info('y', 'float32', [3, 2])]).code).toBe(
      'onnx/batch-sizes',
    );
    expect(refuse([info('x', 'string', ['n', 2])]).code).toBe('onnx/input-type');
  });
});

it('matrices of a fixed batch that are all alike are one, in a product with those of the examples', () => {
  const product = (w: Tensor) =>
    importModel(
      bytesOf({
        inputs: [info('x', 'float32', [2, 3, 4])],
        outputs: ['h'],
        nodes: [node('MatMul', ['w', 'x'], 'h')],
        weights: { w },
      }),
    ).value('h');
  const one = [1, 2, 3, 4, 5, 6];
  expect(showShape(product(f32([2, 2, 3], [...one, ...one])).shape)).toBe('[N, 2, 4]');
  expect(() => product(f32([2, 2, 3], [...one, ...one.slice(1), 7]))).toThrow();
});

describe('rows of a fixed batch that lies along the second axis', () => {
  const steps = (nodes: OnnxNode[], weights: Record<string, Tensor>) =>
    importModel(bytesOf({ inputs: [info('x', 'float32', [5, 3, 2])], outputs: ['h'], nodes, weights }), {
      reading: { ...FIRST_AXIS, axes: new Map([['x', 1]]) },
    }).value('h');

  it('an initial state that is expanded, or written out, is one for all', () => {
    const shape = i64(1, 3, 2);
    const expanded = [node('Expand', ['s', 'to'], 'e'), node('Concat', ['x', 'e'], 'h', { axis: int(0) })];
    const learned = { s: f32([1, 1, 2], [0.5, -1]), to: shape };
    expect(showShape(steps(expanded, learned).shape)).toContain('N');
    const written = [node('Concat', ['x', 's'], 'h', { axis: int(0) })];
    expect(showShape(steps(written, { s: f32([1, 3, 2], [1, 2, 1, 2, 1, 2]) }).shape)).toContain('N');
    expect(() => steps(written, { s: f32([1, 3, 2], [1, 2, 1, 2, 1, 3]) })).toThrow();
  });
});
