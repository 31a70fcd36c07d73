/**
 * @module test/onnx/cases/attention
 *
 * Attention and rotary embedding of ONNX (opset 23), each beside the same in operators that ONNX Runtime has.
 */
import { tensor } from '../../../src/core/tensor.js';
import type { OnnxNode } from '../../../src/graph/onnx/proto/index.js';
import { f32, float, i64, int, ints, node } from '../builder.js';
import { drawn } from '../exporters.js';
import type { Case } from './case.js';

const WEIGHTS = {
  wq: drawn('wq', [4, 8]),
  wk: drawn('wk', [4, 8]),
  wv: drawn('wv', [4, 8]),
  wk1: drawn('wk1', [4, 4]),
  wv1: drawn('wv1', [4, 4]),
};

const project = (keys = 'wk', values = 'wv'): OnnxNode[] => [
  node('MatMul', ['x', 'wq'], 'q'),
  node('MatMul', ['x', keys], 'k'),
  node('MatMul', ['x', values], 'v'),
];

/** [N, 3, H·4] as heads [N, H, 3, 4]. */
const split = (from: string, to: string, shape: string): OnnxNode[] => [
  node('Reshape', [from, shape], `${to}_r`),
  node('Transpose', [`${to}_r`], to, { perm: ints(0, 2, 1, 3) }),
];

/** Attention written out: `middle` turns the scores z0 into z. */
const plain = (middle: OnnxNode[], shared = false): OnnxNode[] => [
  ...(shared ? project('wk1', 'wv1') : project()),
  ...split('q', 'qh', 'two'),
  ...split('k', 'kh', shared ? 'single' : 'two'),
  ...split('v', 'vh', shared ? 'single' : 'two'),
  node('Transpose', ['kh'], 'kt', { perm: ints(0, 1, 3, 2) }),
  node('MatMul', ['qh', 'kt'], 'raw'),
  node('Mul', ['raw', 'half'], 'z0'),
  ...middle,
  node('Softmax', ['z'], 'p', { axis: int(-1) }),
  node('MatMul', ['p', 'vh'], 'y'),
  node('Transpose', ['y'], 'yt', { perm: ints(0, 2, 1, 3) }),
  node('Reshape', ['yt', 'flat'], 'h'),
];

const SHAPES = {
  two: i64(0, 0, 2, 4),
  single: i64(0, 0, 1, 4),
  flat: i64(0, 0, 8),
  half: f32([], [0.5]),
};

const heads = { q_num_heads: int(2), kv_num_heads: int(2) };
const same = node('Identity', ['z0'], 'z');
const causal = f32([3, 3], [0, -Infinity, -Infinity, 0, 0, -Infinity, 0, 0, 0]);

const half = f32([3, 2], [1, 1, 0.5, 0.75, -0.25, 0.125]);
const rotated = (even: string, odd: string): OnnxNode[] => [
  node('Mul', [even, 'cos'], 'ec'),
  node('Mul', [odd, 'sin'], 'os'),
  node('Sub', ['ec', 'os'], 'real'),
  node('Mul', [even, 'sin'], 'es'),
  node('Mul', [odd, 'cos'], 'oc'),
  node('Add', ['es', 'oc'], 'other'),
];
const ANGLES = {
  cos: half,
  sin: f32([3, 2], [0, 0.5, -0.5, 0.25, 1, 0.75]),
  ids: tensor('int64', [1, 3], [0, 1, 2]),
};

export const ATTENTION: Case[] = [
  {
    name: 'Attention of [N, S, H·D]',
    opsets: [23, 24],
    shape: [3, 4],
    nodes: [...project(), node('Attention', ['q', 'k', 'v'], 'h', heads)],
    weights: { ...WEIGHTS, ...SHAPES },
    instead: plain([same]),
  },
  {
    name: 'Attention, causal, with a cap',
    opsets: [23, 24],
    shape: [3, 4],
    nodes: [
      ...project(),
      node('Attention', ['q', 'k', 'v'], 'h', { ...heads, is_causal: int(1), softcap: float(2) }),
    ],
    weights: { ...WEIGHTS, ...SHAPES, causal, cap: f32([], [2]) },
    instead: plain([
      node('Div', ['z0', 'cap'], 'z1'),
      node('Tanh', ['z1'], 'z2'),
      node('Mul', ['z2', 'cap'], 'z3'),
      node('Add', ['z3', 'causal'], 'z'),
    ]),
  },
  {
    name: 'Attention whose keys two heads share, with a mask of booleans and a scale',
    opsets: [23, 24],
    shape: [3, 4],
    nodes: [
      ...project('wk1', 'wv1'),
      node('Attention', ['q', 'k', 'v', 'mask'], 'h', {
        q_num_heads: int(2),
        kv_num_heads: int(1),
        scale: float(0.5),
      }),
    ],
    weights: { ...WEIGHTS, ...SHAPES, causal, mask: tensor('bool', [3, 3], [1, 0, 0, 1, 1, 0, 1, 1, 1]) },
    instead: plain([node('Add', ['z0', 'causal'], 'z')], true),
  },
  {
    name: 'RotaryEmbedding',
    opsets: [23, 24],
    shape: [2, 3, 4],
    nodes: [node('RotaryEmbedding', ['x', 'cos', 'sin', 'ids'], 'h')],
    weights: ANGLES,
    instead: [
      node('Split', ['x'], ['a', 'b'], { axis: int(3), num_outputs: int(2) }),
      ...rotated('a', 'b'),
      node('Concat', ['real', 'other'], 'h', { axis: int(3) }),
    ],
  },
  {
    name: 'RotaryEmbedding of neighbours, of [N, S, H·D]',
    opsets: [23, 24],
    shape: [3, 8],
    nodes: [
      node('RotaryEmbedding', ['x', 'cos', 'sin', 'ids'], 'h', { interleaved: int(1), num_heads: int(2) }),
    ],
    weights: { ...ANGLES, ...SHAPES, last: i64(-1), pairs: i64(0, 0, 0, 2, 2) },
    instead: [
      ...split('x', 'heads', 'two'),
      node('Reshape', ['heads', 'pairs'], 'p'),
      node('Split', ['p'], ['a1', 'b1'], { axis: int(4), num_outputs: int(2) }),
      node('Squeeze', ['a1', 'last'], 'a'),
      node('Squeeze', ['b1', 'last'], 'b'),
      ...rotated('a', 'b'),
      node('Unsqueeze', ['real', 'last'], 'r1'),
      node('Unsqueeze', ['other', 'last'], 'o1'),
      node('Concat', ['r1', 'o1'], 'both', { axis: int(4) }),
      node('Transpose', ['both'], 'order', { perm: ints(0, 2, 1, 3, 4) }),
      node('Reshape', ['order', 'flat'], 'h'),
    ],
  },
];
