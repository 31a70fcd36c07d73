/** Cases of the oracle, one or more for each operator: inputs, what is computed, and the numbers that come out, worked out by hand. */
import { MAPS } from './maps.js';
import { apply } from '../../src/graph/registry.js';
import { type DType } from '../../src/core/tensor.js';
import { N, ops as b, type Shape, type Value } from '../../src/graph/index.js';

/** Examples of N. */
export const EXAMPLES = 2;
/** An input: shape, numbers, type; float64 where none is said. */
export type Data = readonly [shape: Shape, data: readonly number[], dtype?: DType];

/** One case. */
export interface Case {
  readonly op: string;
  readonly of: readonly Data[];
  readonly f: (...xs: Value[]) => Value;
  readonly shape: readonly number[];
  readonly want: readonly number[];
}

const E = Math.E;
const vector = (op: string, f: (x: Value) => Value, data: number[], want: number[]): Case => ({
  op,
  of: [[[data.length], data]],
  f,
  shape: [data.length],
  want,
});
/** a [2, 1] with c [3]: rows against columns. */
const table = (op: string, f: (a: Value, c: Value) => Value, want: number[]): Case => ({
  op,
  of: [
    [
      [2, 1],
      [2, -3],
    ],
    [[3], [-3, 1, 2]],
  ],
  f,
  shape: [2, 3],
  want,
});

const X: Data = [
  [N, 3],
  [1, 2, 3, 4, 5, 6],
];

/** Two windows of two elements along an axis of three. */
const PAIRS = { kernel: [2], stride: [2], dilation: [1], count: [2], length: [3] };

/** All of them. */
export const CASES: readonly Case[] = [
  vector('Abs', b.abs, [-2, 0, 3], [2, 0, 3]),
  vector('Neg', b.neg, [-2, 0.5], [2, -0.5]),
  vector('Exp', b.exp, [0, 1, -Infinity], [1, E, 0]),
  vector('Log', b.log, [1, E, 0], [0, 1, -Infinity]),
  vector('Sqrt', b.sqrt, [0, 2.25], [0, 1.5]),
  vector('Sign', b.sign, [-0.1, 0, 7], [-1, 0, 1]),
  vector('Tanh', b.tanh, [0, Math.log(2), -100], [0, 0.6, -1]),
  ...Object.entries(MAPS).map(([op, { values }]) =>
    vector(
      op,
      (x) => apply(op, [x]),
      values.map(([x]) => x),
      values.map(([, y]) => y),
    ),
  ),
  vector('Sigmoid', b.sigmoid, [0, Math.log(3), -Math.log(3)], [0.5, 0.75, 0.25]),
  vector('Softplus', b.softplus, [0, Math.log(3), 1000], [Math.LN2, Math.log(4), 1000]),
  vector('Relu', b.relu, [-2, 0, 3, NaN], [0, 0, 3, NaN]),
  vector('Erf', b.erf, [0, 1, -10], [0, 0.8427007929497149, -1]),
  vector('Reciprocal', b.reciprocal, [4, -0.5], [0.25, -2]),
  vector('Not', (x) => b.not(b.greater(x, b.scalar(0, 'float64'))), [-1, 2], [1, 0]),
  vector('Cast', (x) => b.cast(x, 'int64'), [-1.9, 1.9, 7], [-1, 1, 7]),
  vector('Cast', (x) => b.cast(x, 'bool'), [0, 0.5, -2], [0, 1, 1]),
  vector('Cast', (x) => b.cast(x, 'float32'), [0.1], [0.1]), // always float64
  table('Add', b.add, [-1, 3, 4, -6, -2, -1]),
  table('Sub', b.sub, [5, 1, 0, 0, -4, -5]),
  table('Mul', b.mul, [-6, 2, 4, 9, -3, -6]),
  table('Div', b.div, [-2 / 3, 2, 1, 1, -3, -1.5]),
  table('Pow', b.pow, [1 / 8, 2, 4, -1 / 27, -3, 9]),
  table('Mod', (a, c) => apply('Mod', [a, c]), [2, 0, 0, -0, -0, -1]),
  table('Max', b.maximum, [2, 2, 2, -3, 1, 2]),
  table('Min', b.minimum, [-3, 1, 2, -3, -3, -3]),
  table('Greater', b.greater, [1, 1, 0, 0, 0, 0]),
  table('GreaterOrEqual', b.greaterOrEqual, [1, 1, 1, 1, 0, 0]),
  table('Less', b.less, [0, 0, 0, 0, 1, 1]),
  table('LessOrEqual', b.lessOrEqual, [0, 0, 1, 1, 1, 1]),
  table('Equal', b.equal, [0, 0, 1, 1, 0, 0]),
  {
    op: 'Where',
    of: [
      [[2, 1], [1, 0], 'bool'],
      [[3], [1, 2, 3]],
      [[], [9]],
    ],
    f: b.where,
    shape: [2, 3],
    want: [1, 2, 3, 9, 9, 9],
  },
  {
    op: 'MatMul',
    of: [
      X,
      [
        [3, 2],
        [1, 0, 0, 1, 10, 100],
      ],
    ],
    f: b.matmul,
    shape: [2, 2],
    want: [31, 302, 64, 605],
  },
  {
    // Two matrices [1, 2] against three [2, 1]: stacks of 2 × 1 and 3.
    op: 'MatMul',
    of: [
      [
        [2, 1, 1, 2],
        [1, 2, 3, 4],
      ],
      [
        [3, 2, 1],
        [1, 0, 0, 1, 1, 1],
      ],
    ],
    f: b.matmul,
    shape: [2, 3, 1, 1],
    want: [1, 2, 3, 3, 4, 7],
  },
  {
    op: 'MatMul',
    of: [X, X],
    f: (x, y) => b.matmul(b.swapLast(x), y),
    shape: [3, 3],
    want: [17, 22, 27, 22, 29, 36, 27, 36, 45],
  },
  { op: 'ReduceSum', of: [X], f: (x) => b.reduceSum(x, [0]), shape: [3], want: [5, 7, 9] },
  { op: 'ReduceSum', of: [X], f: (x) => b.reduceSum(x, [1], true), shape: [2, 1], want: [6, 15] },
  {
    op: 'ReduceSum',
    of: [
      [
        [2, 3, 2],
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      ],
    ],
    f: (x) => b.reduceSum(x, [0, 2]),
    shape: [3],
    want: [18, 26, 34],
  },
  {
    op: 'ReduceMax',
    of: [
      [
        [2, 3],
        [-1, -5, -2, 7, NaN, 1],
      ],
    ],
    f: (x) => b.reduceMax(x, [1]),
    shape: [2],
    want: [-1, NaN],
  },
  {
    op: 'ReduceMax',
    of: [
      [
        [2, 3],
        [1, 5, 2, 7, 0, 1],
      ],
    ],
    f: (x) => b.reduceMax(x, [0], true),
    shape: [1, 3],
    want: [7, 5, 2],
  },
  {
    op: 'Softmax',
    of: [
      [
        [2, 2],
        [0, Math.log(3), 1000, 1000],
      ],
    ],
    f: (x) => b.softmax(x, 1),
    shape: [2, 2],
    want: [0.25, 0.75, 0.5, 0.5],
  },
  {
    op: 'Softmax',
    of: [
      [
        [2, 2],
        [0, 5, 0, 5],
      ],
    ],
    f: (x) => b.softmax(x, 0),
    shape: [2, 2],
    want: [0.5, 0.5, 0.5, 0.5],
  },
  {
    op: 'LogSoftmax',
    of: [
      [
        [2, 2],
        [0, Math.log(3), 1000, 0],
      ],
    ],
    f: (x) => b.logSoftmax(x, 1),
    shape: [2, 2],
    want: [-Math.log(4), Math.log(0.75), 0, -1000],
  },
  { op: 'Reshape', of: [X], f: (x) => b.reshape(x, [{ batch: 3 }]), shape: [6], want: [1, 2, 3, 4, 5, 6] },
  { op: 'Transpose', of: [X], f: (x) => b.transpose(x, [1, 0]), shape: [3, 2], want: [1, 4, 2, 5, 3, 6] },
  {
    op: 'Transpose',
    of: [
      [
        [1, 2, 3],
        [1, 2, 3, 4, 5, 6],
      ],
    ],
    f: (x) => b.transpose(x, [2, 0, 1]),
    shape: [3, 1, 2],
    want: [1, 4, 2, 5, 3, 6],
  },
  {
    op: 'Expand',
    of: [
      [
        [N, 1],
        [1, 2],
      ],
    ],
    f: (x) => b.expand(x, [2, N, 2]),
    shape: [2, 2, 2],
    want: [1, 1, 2, 2, 1, 1, 2, 2],
  },
  {
    op: 'Concat',
    of: [
      X,
      [
        [N, 1],
        [8, 9],
      ],
    ],
    f: (x, y) => b.concat([y, x], 1),
    shape: [2, 4],
    want: [8, 1, 2, 3, 9, 4, 5, 6],
  },
  {
    op: 'Concat',
    of: [
      [
        [1, 2],
        [1, 2],
      ],
      [
        [2, 2],
        [3, 4, 5, 6],
      ],
    ],
    f: (x, y) => b.concat([x, y], 0),
    shape: [3, 2],
    want: [1, 2, 3, 4, 5, 6],
  },
  { op: 'Slice', of: [X], f: (x) => b.slice(x, 1, 1, 3), shape: [2, 2], want: [2, 3, 5, 6] },
  {
    op: 'Slice',
    of: [
      [
        [5, 1],
        [0, 1, 2, 3, 4],
      ],
    ],
    f: (x) => b.slice(x, 0, 1, 5, 2),
    shape: [2, 1],
    want: [1, 3],
  },
  { op: 'Slice', of: [X], f: (x) => b.slice(x, 1, 2, 2), shape: [2, 0], want: [] },
  {
    op: 'Pad',
    of: [
      [
        [N, 2],
        [1, 2, 3, 4],
      ],
    ],
    f: (x) => b.pad(x, 1, 1, 2),
    shape: [2, 5],
    want: [0, 1, 2, 0, 0, 0, 3, 4, 0, 0],
  },
  {
    op: 'Pad',
    of: [
      [
        [2, 2],
        [1, 2, 3, 4],
      ],
    ],
    f: (x) => b.pad(x, 0, 0, 1, 2),
    shape: [4, 2],
    want: [1, 2, 0, 0, 3, 4, 0, 0],
  },
  {
    op: 'Unfold',
    of: [
      [
        [2, 3],
        [1, 2, 3, 4, 5, 6],
      ],
    ],
    f: (x) => apply('Unfold', [x], { ...PAIRS, before: [1] }),
    shape: [2, 2, 2],
    want: [0, 2, 1, 3, 0, 5, 4, 6],
  },
  {
    op: 'Fold',
    of: [
      [
        [2, 2],
        [1, 2, 3, 4],
      ],
    ],
    f: (x) => apply('Fold', [x], { ...PAIRS, stride: [1], before: [0] }),
    shape: [3],
    want: [1, 5, 4],
  },
  {
    op: 'Gather',
    of: [
      [
        [3, 2],
        [1, 2, 3, 4, 5, 6],
      ],
      [[N, 2], [0, 2, -1, 0], 'int64'],
    ],
    f: (x, i) => b.gather(x, i, 0),
    shape: [2, 2, 2],
    want: [1, 2, 5, 6, 5, 6, 1, 2],
  },
  {
    op: 'ScatterAdd',
    of: [
      [
        [3, 2],
        [1, 2, 3, 4, 5, 6],
      ],
      [[3], [1, 1, -2], 'int64'],
    ],
    f: (u, i) => b.scatterAdd(u, i, { axis: 0, length: 3 }),
    shape: [3, 2],
    want: [0, 0, 9, 12, 0, 0],
  },
  {
    op: 'TopK',
    of: [
      [
        [2, 3],
        [1, 5, 5, -2, -7, 0],
      ],
    ],
    f: (x) => b.topK(x, 1, 2),
    shape: [2, 2],
    want: [1, 2, 2, 0],
  },
  { op: 'Pad', of: [[[0, 2], []]], f: (x) => b.pad(x, 0, 1, 0, 3), shape: [1, 2], want: [0, 0] },
];
