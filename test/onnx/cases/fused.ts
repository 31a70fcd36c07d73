/**
 * @module test/onnx/cases/fused
 *
 * Operators of com.microsoft, which ONNX Runtime has itself.
 */
import { tensor } from '../../../src/core/tensor.js';
import type { OnnxNode } from '../../../src/graph/onnx/proto/index.js';
import { float, floats, i64, int, node, text } from '../builder.js';
import { drawn } from '../exporters.js';
import type { Case } from './case.js';

const OPSETS = [17];
const row = (name: string, n = 4) => drawn(name, [n]);
const ids = (...values: number[]) => tensor('int32', [1, values.length], values);

const one = (
  name: string,
  nodes: readonly OnnxNode[],
  weights: Case['weights'] = {},
  shape: readonly number[] = [4],
): Case => ({ name, opsets: OPSETS, nodes, weights, shape });

const QKV = {
  wq: drawn('wq', [4, 8]),
  wk: drawn('wk', [4, 8]),
  wv: drawn('wv', [4, 8]),
  wk1: drawn('wk1', [4, 4]),
  wv1: drawn('wv1', [4, 4]),
  all: drawn('all', [4, 24]),
  bias: drawn('bias', [24]),
};

const project = (keys = 'wk', values = 'wv'): OnnxNode[] => [
  node('MatMul', ['x', 'wq'], 'q'),
  node('MatMul', ['x', keys], 'k'),
  node('MatMul', ['x', values], 'v'),
];

const two = { num_heads: int(2) };

/** Gives each example's row of a table that every example has alike. */
const forEach = (from: string, to: string): OnnxNode[] => [
  node('Shape', ['x'], `${to}_s`, { end: int(1) }),
  node('Concat', [`${to}_s`, 'wide'], `${to}_t`, { axis: int(0) }),
  node('Expand', [from, `${to}_t`], to),
];

export const FUSED: Case[] = [
  one('FusedMatMul', [node('ms.FusedMatMul', ['x', 'w'], 'h', { alpha: float(0.5), transB: int(1) })], {
    w: drawn('w', [3, 4]),
  }),
  one(
    'FusedMatMul, both transposed',
    [node('ms.FusedMatMul', ['x', 'w'], 'h', { transA: int(1), transB: int(1) })],
    { w: drawn('w', [2, 3]) },
    [3, 5],
  ),
  one(
    'FusedGemm',
    [
      node('ms.FusedGemm', ['x', 'w', 'b'], 'h', {
        transB: int(1),
        activation: text('LeakyRelu'),
        activation_alpha: float(0.25),
      }),
    ],
    { w: drawn('w', [3, 4]), b: row('b', 3) },
  ),
  one(
    'FusedConv',
    [
      node('ms.FusedConv', ['x', 'w', 'b'], 'h', {
        activation: text('Clip'),
        activation_params: floats(-0.5, 1),
      }),
    ],
    { w: drawn('w', [3, 2, 2, 2]), b: row('b', 3) },
    [2, 4, 3],
  ),
  one(
    'FusedConv with a summand',
    [
      node('Conv', ['x', 'v'], 'z'),
      node('ms.FusedConv', ['x', 'w', 'b', 'z'], 'h', { activation: text('Relu') }),
    ],
    { v: drawn('v', [3, 2, 2, 2]), w: drawn('w', [3, 2, 2, 2]), b: row('b', 3) },
    [2, 4, 3],
  ),
  one('Gelu of com.microsoft', [node('ms.Gelu', ['x'], 'h')]),
  one('BiasGelu', [node('ms.BiasGelu', ['x', 'b'], 'h')], { b: row('b') }),
  one('FastGelu', [node('ms.FastGelu', ['x', 'b'], 'h')], { b: row('b') }),
  one('FastGelu without bias', [node('ms.FastGelu', ['x'], 'h')]),
  one('QuickGelu', [node('ms.QuickGelu', ['x'], 'h')]),
  one('QuickGelu with α', [node('ms.QuickGelu', ['x'], 'h', { alpha: float(1.25) })]),
  one(
    'SkipLayerNormalization',
    [
      node('Sin', ['x'], 's'),
      node('ms.SkipLayerNormalization', ['x', 's', 'g', 'b', 'c'], ['y', '', '', 'sum'], {
        epsilon: float(0.01),
      }),
      node('Mul', ['y', 'sum'], 'h'),
    ],
    { g: row('g'), b: row('b'), c: row('c') },
    [3, 4],
  ),
  one(
    'SkipSimplifiedLayerNormalization',
    [
      node('Sin', ['x'], 's'),
      node('ms.SkipSimplifiedLayerNormalization', ['x', 's', 'g'], ['y', '', '', 'sum'], {
        epsilon: float(0.01),
      }),
      node('Mul', ['y', 'sum'], 'h'),
    ],
    { g: row('g') },
    [3, 4],
  ),
  one(
    'SimplifiedLayerNormalization',
    [node('SimplifiedLayerNormalization', ['x', 'g'], 'h', { axis: int(-1), epsilon: float(0.01) })],
    { g: row('g') },
    [3, 4],
  ),
  {
    ...one(
      'EmbedLayerNormalization',
      [
        node('Cast', ['x'], 'tokens', { to: int(6) }),
        node('ms.EmbedLayerNormalization', ['tokens', '', 'words', 'places', '', 'g', 'b'], ['e', ''], {
          epsilon: float(0.01),
        }),
        node('Flatten', ['e'], 'h'),
      ],
      { words: drawn('words', [6, 4]), places: drawn('places', [5, 4]), g: row('g'), b: row('b') },
      [3],
    ),
    range: [0, 4.9],
  },
  {
    ...one('Attention of com.microsoft', [node('ms.Attention', ['x', 'all', 'bias'], 'h', two)], QKV, [3, 4]),
  },
  one(
    'Attention of com.microsoft, causal, values of another size',
    [
      node('ms.Attention', ['x', 'narrow', 'short'], 'h', {
        ...two,
        unidirectional: int(1),
        qkv_hidden_sizes: { type: 'ints', value: [8, 8, 4] },
      }),
    ],
    { narrow: drawn('narrow', [4, 20]), short: row('short', 20) },
    [3, 4],
  ),
  one(
    'Attention of com.microsoft with a mask',
    [...forEach('seen', 'mask'), node('ms.Attention', ['x', 'all', 'bias', 'mask'], 'h', two)],
    { ...QKV, seen: ids(1, 1, 0), wide: i64(3) },
    [3, 4],
  ),
  one(
    'MultiHeadAttention',
    [
      ...project(),
      node('ms.MultiHeadAttention', ['q', 'k', 'v', 'bias'], 'h', { ...two, scale: float(0.25) }),
    ],
    QKV,
    [3, 4],
  ),
  one(
    'MultiHeadAttention with a mask and a bias of the scores',
    [
      ...project(),
      ...forEach('seen', 'mask'),
      node('ms.MultiHeadAttention', ['q', 'k', 'v', '', 'mask', 'relative'], 'h', two),
    ],
    { ...QKV, seen: ids(1, 0, 1), wide: i64(3), relative: drawn('relative', [1, 2, 3, 3]) },
    [3, 4],
  ),
  one(
    'MultiHeadAttention, causal',
    [...project(), node('ms.MultiHeadAttention', ['q', 'k', 'v'], 'h', { ...two, unidirectional: int(1) })],
    QKV,
    [3, 4],
  ),
  one(
    'GroupQueryAttention',
    [
      node('MatMul', ['x', 'gq'], 'q'),
      node('MatMul', ['x', 'gk'], 'k'),
      node('MatMul', ['x', 'gv'], 'v'),
      node('Shape', ['x'], 'n', { end: int(1) }),
      node('Expand', ['last', 'n'], 'lengths'),
      node('ms.GroupQueryAttention', ['q', 'k', 'v', '', '', 'lengths', 'total'], ['h', 'pk', 'pv'], {
        num_heads: int(2),
        kv_num_heads: int(1),
      }),
    ],
    {
      gq: drawn('gq', [4, 16]),
      gk: drawn('gk', [4, 8]),
      gv: drawn('gv', [4, 8]),
      last: tensor('int32', [1], [2]),
      total: tensor('int32', [1], [3]),
    },
    [3, 4],
  ),
  one(
    'GroupQueryAttention with angles and a window',
    [
      node('MatMul', ['x', 'gq'], 'q'),
      node('MatMul', ['x', 'gk'], 'k'),
      node('MatMul', ['x', 'gv'], 'v'),
      node('Shape', ['x'], 'n', { end: int(1) }),
      node('Expand', ['last', 'n'], 'lengths'),
      node(
        'ms.GroupQueryAttention',
        ['q', 'k', 'v', '', '', 'lengths', 'total', 'cos', 'sin'],
        ['h', 'pk', 'pv'],
        {
          num_heads: int(2),
          kv_num_heads: int(1),
          do_rotary: int(1),
          local_window_size: int(2),
        },
      ),
    ],
    {
      gq: drawn('gq', [4, 32]),
      gk: drawn('gk', [4, 16]),
      gv: drawn('gv', [4, 16]),
      last: tensor('int32', [1], [2]),
      total: tensor('int32', [1], [3]),
      cos: drawn('cos', [6, 8]),
      sin: drawn('sin', [6, 8]),
    },
    [3, 4],
  ),
  one(
    'RotaryEmbedding of com.microsoft',
    [node('ms.RotaryEmbedding', ['x', 'first', 'cos', 'sin'], 'h')],
    { first: i64(1), cos: drawn('cos', [6, 4]), sin: drawn('sin', [6, 4]) },
    [3, 16],
  ),
  one('Trilu of com.microsoft', [node('ms.Trilu', ['x'], 'h', { upper: int(0) })], {}, [3, 3]),
  {
    ...one(
      'BiasAdd',
      [node('Sin', ['x'], 's'), node('ms.BiasAdd', ['x', 'b', 's'], 'h')],
      { b: row('b', 320) },
      [2, 320],
    ),
    instead: [node('Sin', ['x'], 's'), node('Add', ['x', 'b'], 'y'), node('Add', ['y', 's'], 'h')],
  },
];
