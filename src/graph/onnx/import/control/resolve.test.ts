/** Control flow that is known when the file is read: values by ONNX Runtime, weights by name and once. */
import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../../../../test/fixtures/data/index.js';
import { bytesOf, f32, i64, info, int, ints, node } from '../../../../../test/onnx/builder.js';
import { runImported, worstError } from '../../../../../test/onnx/evaluate.js';
import { drawn } from '../../../../../test/onnx/exporters.js';
import { runOrt } from '../../../../../test/onnx/runtime.js';
import { type Tensor, tensor } from '../../../../core/tensor.js';
import type { OnnxAttribute, OnnxNode } from '../../proto/index.js';
import { importModel } from '../../index.js';

type Weights = Record<string, Tensor>;

interface Network {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly weights?: Weights;
  /** Names of the tensors that may be parameters. */
  readonly candidates: readonly string[];
  readonly opset?: number;
  /** ONNX Runtime runs one example at a time. */
  readonly single?: boolean;
}

/** A body: its inputs, nodes and outputs. */
function body(
  inputs: readonly string[],
  nodes: readonly OnnxNode[],
  outputs: readonly string[],
  weights: Weights = {},
): OnnxAttribute {
  return {
    type: 'graph',
    value: {
      name: 'body',
      inputs: inputs.map((name) => info(name, null, null)),
      outputs: outputs.map((name) => info(name, null, null)),
      nodes,
      initializers: Object.entries(weights).map(([name, t]) => ({ ...t, name })),
      valueInfo: [],
    },
  };
}

/** Loops need types of their body's inputs in ONNX Runtime. */
function typed(a: OnnxAttribute, types: Record<string, ReturnType<typeof info>['elemType']>): OnnxAttribute {
  if (a.type !== 'graph') return a;
  const inputs = a.value.inputs.map((v) =>
    info(v.name, types[v.name] ?? 'float32', types[v.name] ? [] : v.shape),
  );
  const outputs = a.value.outputs.map((v) => info(v.name, types[v.name] ?? 'float32', v.shape));
  return { ...a, value: { ...a.value, inputs, outputs } };
}

const dense = (w: string, to: string, from = 'x'): OnnxNode[] => [
  node('MatMul', [from, w], `${to}_z`),
  node('Tanh', [`${to}_z`], to),
];

const bool = (value: boolean): Tensor => tensor('bool', [], [Number(value)]);
const one = (value: number): Tensor => tensor('int64', [], [value]);
const square = drawn('square', [4, 4]);

const counted = (weights: Weights, inner: OnnxNode[], end: string): OnnxAttribute =>
  typed(
    body(['i', 'c', 's'], [node('Less', ['i', 'two'], 'goes'), ...inner], ['goes', end, 'row'], weights),
    { i: 'int64', c: 'bool', goes: 'bool' },
  );

const NETWORKS: Network[] = [
  {
    name: 'an If whose condition is a number of the example, in both its branches',
    nodes: [
      node('ReduceSum', ['x', 'axes'], 'sum'),
      node('Greater', ['sum', 'zero'], 'positive'),
      node('If', ['positive'], ['h', 'unread'], {
        then_branch: typed(
          body([], [...dense('w', 'y'), node('Neg', ['y'], 'z')], ['y', 'z'], { w: square }),
          {},
        ),
        else_branch: typed(
          body([], [...dense('w', 'y'), node('Exp', ['y'], 'z')], ['z', 'y'], { w: drawn('other', [4, 4]) }),
          {},
        ),
      }),
    ],
    weights: { axes: i64(1), zero: f32([], [0]) },
    candidates: ['zero', 'w', 'h/w'],
    single: true,
  },
  {
    name: 'an If of the example inside another, one branch a constant row',
    nodes: [
      node('ReduceMax', ['x'], 'top', { axes: ints(1) }),
      node('Greater', ['top', 'half'], 'high'),
      node('Less', ['top', 'most'], 'low'),
      node('If', ['high'], 'h', {
        then_branch: typed(
          body(
            [],
            [
              node('If', ['low'], 'inner', {
                then_branch: typed(body([], dense('w', 'u'), ['u'], { w: square }), {}),
                else_branch: typed(body([], [node('Sin', ['x'], 'v')], ['v']), {}),
              }),
            ],
            ['inner'],
          ),
          {},
        ),
        else_branch: typed(body([], [node('Identity', ['row'], 'r')], ['r']), {}),
      }),
    ],
    weights: { half: f32([1], [0.5]), most: f32([1], [0.9]), row: f32([1, 4], [1, 2, 3, 4]) },
    candidates: ['half', 'most', 'row', 'w'],
    single: true,
  },
  {
    name: 'a whole network inside one If',
    nodes: [
      node('Shape', ['x'], 'shape'),
      node('Gather', ['shape', 'last'], 'width'),
      node('Equal', ['width', 'four'], 'known'),
      node('If', ['known'], 'h', {
        then_branch: typed(body([], dense('w', 'y'), ['y'], { w: square }), {}),
        else_branch: typed(body([], [node('Identity', ['x'], 'y')], ['y']), {}),
      }),
    ],
    weights: { last: one(-1), four: one(4) },
    candidates: ['w'],
  },
  {
    name: 'two Ifs whose bodies have the same names',
    nodes: [
      node('If', ['yes'], 'a', {
        then_branch: typed(body([], dense('w', 'y'), ['y'], { w: square }), {}),
        else_branch: typed(body([], [node('Identity', ['x'], 'y')], ['y']), {}),
      }),
      node('If', ['no'], 'h', {
        then_branch: typed(body([], [node('Identity', ['a'], 'y')], ['y']), {}),
        else_branch: typed(body([], dense('w', 'y', 'a'), ['y'], { w: drawn('other', [4, 4]) }), {}),
      }),
    ],
    weights: { yes: bool(true), no: bool(false) },
    candidates: ['w', 'h/w'],
  },
  {
    name: 'a Loop of a known count, its weight inside, with a stack of its rows',
    nodes: [
      node('Loop', ['count', '', 'x'], ['last', 'rows'], {
        body: counted({ w: square }, [...dense('w', 'y', 's'), node('Identity', ['y'], 'row')], 'y'),
      }),
      node('ReduceSum', ['rows', 'axes'], 'sum', { keepdims: int(0) }),
      node('Add', ['sum', 'last'], 'h'),
    ],
    weights: { count: one(3), two: one(2), axes: i64(0) },
    candidates: ['w'],
  },
  {
    name: 'a Loop that ends by its condition, an If inside it',
    nodes: [
      node('Loop', ['', 'yes', 'x'], ['last', 'rows'], {
        body: counted(
          {},
          [
            node('Equal', ['i', 'one'], 'second'),
            node('If', ['second'], 'y', {
              then_branch: typed(body([], [node('Sin', ['s'], 'u')], ['u']), {}),
              else_branch: typed(body([], dense('w', 'u', 's'), ['u']), {}),
            }),
            node('Mul', ['y', 'x'], 'row'),
          ],
          'y',
        ),
      }),
      node('ReduceMax', ['rows', 'axes'], 'top', { keepdims: int(0) }),
      node('Mul', ['top', 'last'], 'h'),
    ],
    weights: { yes: bool(true), one: one(1), two: one(2), axes: i64(0), w: square },
    candidates: ['w'],
    opset: 18,
  },
  ...[true, false].map((known) => ({
    name: `a weight of a branch inside a Loop, ${known ? 'taken at once' : 'chosen by the data'}`,
    nodes: [
      node('ReduceMax', ['x'], 'top', { axes: ints(1), keepdims: int(0) }),
      node('Greater', ['top', 'zero'], 'positive'),
      node('Loop', ['three', '', 'x'], ['h'], {
        body: typed(
          body(
            ['i', 'c', 's'],
            [
              node('If', [known ? 'yes' : 'positive'], 'next', {
                then_branch: body([], dense('w', 'y', 's'), ['y'], { w: drawn('w', [4, 4]) }),
                else_branch: body([], [node('Identity', ['s'], 'y')], ['y']),
              }),
              node('Identity', ['c'], 'on'),
            ],
            ['on', 'next'],
          ),
          { i: 'int64', c: 'bool', on: 'bool' },
        ),
      }),
    ],
    weights: { three: tensor('int64', [], [3]), zero: f32([], [0]), yes: bool(true) },
    candidates: known ? ['w'] : ['zero', 'w'],
    single: !known,
  })),
  {
    name: 'a Scan backwards along the second axis',
    nodes: [
      node('MatMul', ['x', 'in'], 'state'),
      node('Scan', ['state', 'x'], ['last', 'rows'], {
        num_scan_inputs: int(1),
        scan_input_axes: ints(1),
        scan_input_directions: ints(1),
        scan_output_axes: ints(1),
        scan_output_directions: ints(1),
        body: typed(
          body(
            ['s', 'e'],
            [
              node('Unsqueeze', ['e', 'second'], 'column'),
              node('Add', ['s', 'column'], 'moved'),
              node('MatMul', ['moved', 'w'], 'z'),
              node('Tanh', ['z'], 'next'),
              node('ReduceSum', ['next', 'second'], 'row', { keepdims: int(0) }),
            ],
            ['next', 'row'],
          ),
          {},
        ),
      }),
      node('Concat', ['last', 'rows'], 'h', { axis: int(1) }),
    ],
    weights: { in: drawn('in', [4, 3]), w: drawn('w', [3, 3]), second: i64(1) },
    candidates: ['in', 'w'],
  },
];

describe('control flow that is known when the file is read', () => {
  for (const c of NETWORKS) {
    it(c.name, async () => {
      const bytes = bytesOf({
        opset: c.opset ?? 17,
        inputs: [info('x', 'float32', ['n', 4])],
        outputs: ['h'],
        nodes: c.nodes,
        weights: c.weights ?? {},
      });
      const x = f32([2, 4], [0.5, -0.25, 1, 0.75, -1, 0.125, 0.3125, -0.5]);
      const [got] = runImported(bytes, { x }, ['h'], 2);
      const want: number[] = [];
      for (const rows of c.single ? [x.data.subarray(0, 4), x.data.subarray(4)] : [x.data]) {
        const { h } = await runOrt(bytes, {
          x: tensor('float32', [rows.length / 4, 4], rows as Float32Array),
        });
        want.push(...(h.data as Float32Array));
        if (!c.single) expect(got.shape).toEqual(h.shape);
      }
      expect(worstError(got.data, want)).toBeLessThanOrEqual(1e-6);
      const model = importModel(bytes, { dtype: 'float64' });
      expect(model.candidates([model.value('h')]).map((w) => w.name)).toEqual(c.candidates);
      expect(model.coverage()).toEqual([]);
    });
  }

  const branches = (then: readonly OnnxNode[], condition: readonly OnnxNode[]): Uint8Array =>
    bytesOf({
      inputs: [info('x', 'float32', ['n', 4])],
      outputs: ['h'],
      nodes: [
        ...condition,
        node('Greater', ['top', 'zero'], 'positive'),
        node('If', ['positive'], 'h', {
          then_branch: body([], then, ['y']),
          else_branch: body([], [node('Identity', ['x'], 'y')], ['y']),
        }),
      ],
      weights: { zero: f32([], [0]) },
    });
  const highest = node('ReduceMax', ['x'], 'top', { axes: ints(1), keepdims: int(0) });

  it('a condition of several numbers is refused, with what its bodies have besides', () => {
    const model = importModel(branches([node('Unheard', ['x'], 'y')], [node('Identity', ['x'], 'top')]));
    expect(model.coverage().map((u) => u.operator)).toEqual(['If', 'Unheard']);
    const error = complaintOf(() => model.value('h'));
    expect(error.code).toBe('onnx/operators');
    expect(String(error.complaint.cause)).toMatch(/depends on the data/);
  });

  it('a condition for each example needs branches of one shape, and says what is done', () => {
    const other = importModel(branches([node('Concat', ['x', 'x'], 'y', { axis: int(1) })], [highest]));
    expect(complaintOf(() => other.value('h')).complaint.rule).toMatch(/branches have other shapes/);
    const same = importModel(branches([node('Sin', ['x'], 'y')], [highest]));
    same.value('h');
    expect(same.notes.join()).toMatch(/both branches are computed for every example/);
    const constant = importModel(
      branches([node('Sin', ['x'], 'y')], [node('ReduceMax', ['zero'], 'top', { keepdims: int(0) })]),
    );
    expect(constant.value('h').shape).toEqual(same.value('h').shape);
  });

  it('a Loop without an end is left alone', () => {
    const model = importModel(
      bytesOf({
        inputs: [info('x', 'float32', ['n', 4])],
        outputs: ['h'],
        nodes: [
          node('Loop', ['', 'yes', 'x'], ['h'], {
            body: body(['i', 'c', 's'], [node('Sin', ['s'], 'y')], ['c', 'y']),
          }),
        ],
        weights: { yes: bool(true) },
      }),
    );
    expect(model.coverage().map((u) => u.operator)).toEqual(['Loop']);
  });
});
