/**
 * @module test/onnx/cases/indexed
 *
 * Elements picked, put and ordered by positions that are known or computed of the data, and sums by letters.
 */
import { Sequence } from '../../../src/core/random.js';
import { sizeOf, type Tensor, tensor } from '../../../src/core/tensor.js';
import { type Attributes, f32, i64, int, ints, node, text } from '../builder.js';
import { ALL, type Case, from, one } from './case.js';

function weight(...shape: number[]): Tensor {
  const s = new Sequence(8, `weight ${shape.join()}`);
  return f32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => Math.fround(2 * s.next() - 1)),
  );
}

/** Ids −3 … 3 of x [4, 3]. */
const ids = node('Cast', ['x'], 'i', { to: int(7) });
const few = { shape: [4, 3], range: [-3.9, 3.9] as const };

const scatter = (name: string, reduction: string | null, nodes = [ids]): Case => ({
  name: `ScatterElements ${name}`,
  opsets: reduction === null ? from(13) : from(18),
  nodes: [
    ...nodes,
    node('Sin', ['x'], 'y'),
    node('Slice', ['i', 'from', 'to', 'axes'], 'j'),
    node('Slice', ['x', 'from', 'to', 'axes'], 'u'),
    node('ScatterElements', ['y', 'j', 'u'], 'h', {
      axis: int(1),
      ...(reduction && { reduction: text(reduction) }),
    }),
  ],
  ...few,
  weights: { from: i64(0), to: i64(2), axes: i64(1) },
});

const rows = (name: string, indices: Tensor, reduction: string | null): Case => ({
  name: `ScatterND ${name}`,
  opsets: from(18),
  nodes: [
    node('ScatterND', ['w', 'k', 'u'], 'v', reduction ? { reduction: text(reduction) } : {}),
    node('MatMul', ['x', 'v'], 'h'),
  ],
  shape: [4],
  weights: { w: weight(4, 3), k: indices, u: weight(indices.shape[0], 3) },
});

const tuples = (...t: number[][]): Tensor => tensor('int64', [t.length, t[0].length], t.flat());

const sum = (equation: string, shape: number[], w?: number[], opsets = ALL): Case => ({
  name: `Einsum ${equation}`,
  opsets,
  nodes: one('Einsum', { equation: text(equation) }, ...(w ? ['w'] : [])),
  shape,
  ...(w && { weights: { w: weight(...w) } }),
});

/** The same with other operands. */
const withOperands = (c: Case, ...inputs: string[]): Case => ({
  ...c,
  nodes: c.nodes.map((n) => ({ ...n, inputs })),
});

const best = (op: string, name: string, attributes: Attributes): Case => ({
  name: `${op} ${name}`,
  opsets: ALL,
  nodes: [
    ...one(op, attributes).map((n) => ({ ...n, outputs: ['p'] })),
    node('Cast', ['p'], 'f', { to: int(1) }),
    node('Mul', ['f', 'half'], 'h'),
  ],
  shape: [3, 5],
  weights: { half: f32([], [0.5]) },
});

const loss = (name: string, nodes: Case['nodes'], weights: Record<string, Tensor>): Case => ({
  name,
  opsets: ALL,
  nodes: [
    node('Slice', ['x', 'from', 'to', 'axes'], 'first'),
    node('Squeeze', ['first', 'axes'], 'one'),
    node('Abs', ['one'], 'size'),
    node('Cast', ['size'], 'y', { to: int(7) }),
    ...nodes,
  ],
  shape: [4, 3],
  range: [-3.9, 3.9],
  weights: { from: i64(0), to: i64(1), axes: i64(1), ...weights },
});

export const INDEXED: Case[] = [
  {
    name: 'GatherElements along the last axis',
    opsets: ALL,
    nodes: [
      ids,
      node('Sin', ['x'], 'y'),
      node('Transpose', ['y'], 'z', { perm: ints(0, 2, 1) }),
      node('Transpose', ['i'], 'j', { perm: ints(0, 2, 1) }),
      node('GatherElements', ['z', 'j'], 'h', { axis: int(-1) }),
    ],
    ...few,
  },
  {
    name: 'GatherElements along the first axis of an example',
    opsets: ALL,
    nodes: [ids, node('Sin', ['x'], 'y'), node('GatherElements', ['y', 'i'], 'h', { axis: int(1) })],
    ...few,
  },
  {
    name: 'GatherElements of a weight by known indices',
    opsets: ALL,
    nodes: [node('GatherElements', ['w', 'k'], 'v', { axis: int(1) }), node('Mul', ['x', 'v'], 'h')],
    shape: [2, 3],
    weights: { w: weight(2, 4), k: tensor('int64', [2, 3], [3, 0, -1, 1, 1, 2]) },
  },
  {
    name: 'GatherND of a table by ids',
    opsets: ALL,
    nodes: [ids, node('Slice', ['i', 'from', 'to', 'axes'], 'j'), node('GatherND', ['w', 'j'], 'h')],
    ...few,
    weights: { w: weight(4, 4, 2), from: i64(0), to: i64(2), axes: i64(2) },
  },
  {
    name: 'GatherND of each example',
    opsets: ALL,
    nodes: [
      ids,
      node('Unsqueeze', ['i', 'last'], 'j'),
      node('Exp', ['x'], 'y'),
      node('GatherND', ['y', 'j'], 'h', { batch_dims: int(1) }),
    ],
    ...few,
    weights: { last: i64(-1) },
  },
  scatter('replacing, the last one counts', null),
  scatter('adding', 'add'),
  scatter('multiplying', 'mul'),
  scatter('the larger', 'max'),
  scatter('the smaller', 'min'),
  {
    ...scatter('under its old name', null),
    opsets: [10],
    nodes: [ids, node('Sin', ['x'], 'y'), node('Scatter', ['y', 'i', 'x'], 'h', { axis: int(1) })],
    weights: {},
  },
  rows('replacing rows', tuples([2], [0]), null),
  rows('replacing a row twice, the last one holds', tuples([2], [0], [-2]), null),
  rows('adding rows, one of them twice', tuples([2], [0], [2]), 'add'),
  rows('multiplying rows', tuples([2], [-1], [2]), 'mul'),
  {
    name: 'OneHot of ids',
    opsets: ALL,
    nodes: [ids, node('OneHot', ['i', 'depth', 'values'], 'h', { axis: int(1) })],
    ...few,
    weights: { depth: i64(4), values: f32([2], [-0.5, 1.5]) },
  },
  best('ArgMax', 'kept', { axis: int(2) }),
  best('ArgMax', 'the last of equal ones', { axis: int(1), select_last_index: int(1), keepdims: int(0) }),
  best('ArgMin', 'not kept', { axis: int(-1), keepdims: int(0) }),
  { name: 'Hardmax', opsets: ALL, nodes: one('Hardmax', { axis: int(1) }), shape: [4, 3] },
  { name: 'Hardmax that flattens', opsets: [11], nodes: one('Hardmax'), shape: [4, 3] },
  {
    name: 'TopK, its values',
    opsets: ALL,
    nodes: [node('TopK', ['x', 'k'], ['h', 'p'], { axis: int(1) })],
    shape: [5, 3],
    weights: { k: i64(2) },
  },
  {
    name: 'TopK, the smallest along the last axis',
    opsets: ALL,
    nodes: [node('TopK', ['x', 'k'], ['h', 'p'], { largest: int(0) })],
    shape: [2, 6],
    weights: { k: i64(3) },
  },
  loss(
    'NegativeLogLikelihoodLoss',
    [node('NegativeLogLikelihoodLoss', ['x', 'y', 'w'], 'h', { reduction: text('none') })],
    { w: f32([4], [1, 0.5, 2, 0.25]) },
  ),
  loss(
    'NegativeLogLikelihoodLoss that ignores a label',
    [node('NegativeLogLikelihoodLoss', ['x', 'y'], 'h', { reduction: text('none'), ignore_index: int(1) })],
    {},
  ),
  loss(
    'SoftmaxCrossEntropyLoss',
    [
      node('SoftmaxCrossEntropyLoss', ['x', 'y', 'w'], ['h', 'p'], {
        reduction: text('none'),
        ignore_index: int(2),
      }),
    ],
    { w: f32([4], [1, 0.5, 2, 0.25]) },
  ),
  sum('nij,jk->nik', [2, 3], [3, 4]),
  sum('nij->nji', [2, 3]),
  sum('nij->ni', [2, 3]),
  sum('nii->ni', [3, 3]),
  withOperands(sum('nij,nkj->nik', [2, 3]), 'x', 'x'),
  sum('bhqd,kd->bhqk', [2, 3, 4], [5, 4]),
  sum('...ij,jk->...ik', [2, 2, 3], [3, 2]),
  withOperands(sum('ij,n...j->ni...', [2, 3], [4, 3]), 'w', 'x'),
  {
    ...sum('nij,jk,nl->nlk', [2, 3], [3, 4]),
    nodes: [
      node('ReduceSum', ['x', 'one'], 's', { keepdims: int(0) }),
      node('Einsum', ['x', 'w', 's'], 'h', { equation: text('nij,jk,nl->nlk') }),
    ],
    weights: { w: weight(3, 4), one: i64(1) },
  },
];
