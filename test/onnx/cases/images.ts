/**
 * @module test/onnx/cases/images
 *
 * Convolutions, pools, normalisations of channels and moves of pixels: strides, dilations, groups, every padding.
 */
import { Sequence } from '../../../src/core/random.js';
import { sizeOf, type Tensor } from '../../../src/core/tensor.js';
import { type Attributes, f32, float, int, ints, text } from '../builder.js';
import { ALL, type Case, from, one } from './case.js';

/** Weights between −1 and 1. */
function weight(...shape: number[]): Tensor {
  const s = new Sequence(5, `weight ${shape.join()}`);
  return f32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => Math.fround(2 * s.next() - 1)),
  );
}

/** Opsets between which none of these changed. */
const FEW = [11, 13, 18, 22];

const image = (
  op: string,
  name: string,
  shape: readonly number[],
  attributes: Attributes = {},
  weights: Record<string, Tensor> = {},
  opsets: readonly number[] = FEW,
): Case => ({
  name: `${op} ${name}`,
  opsets,
  nodes: one(op, attributes, ...Object.keys(weights)),
  shape,
  weights,
});

const conv = (name: string, shape: number[], w: number[], attributes: Attributes = {}, bias = 0): Case =>
  image('Conv', name, shape, attributes, { w: weight(...w), ...(bias && { c: weight(bias) }) });

const transposed = (
  name: string,
  shape: number[],
  w: number[],
  attributes: Attributes = {},
  bias = 0,
): Case =>
  image('ConvTranspose', name, shape, attributes, { w: weight(...w), ...(bias && { c: weight(bias) }) });

const pool = (op: string, name: string, shape: number[], attributes: Attributes): Case =>
  image(op, name, shape, { kernel_shape: ints(...shape.slice(1).map(() => 3)), ...attributes });

const SAME = ['SAME_UPPER', 'SAME_LOWER', 'VALID'];

export const IMAGES: Case[] = [
  conv('of images', [2, 5, 4], [3, 2, 3, 2], { kernel_shape: ints(3, 2) }, 3),
  conv('1 × 1', [3, 2, 2], [4, 3, 1, 1]),
  conv('stride, padding, dilation', [2, 7, 6], [3, 2, 3, 2], {
    strides: ints(2, 1),
    pads: ints(1, 0, 2, 3),
    dilations: ints(1, 2),
  }),
  conv('groups', [4, 4, 4], [6, 2, 2, 2], { group: int(2) }, 6),
  conv('depthwise', [3, 5, 5], [3, 1, 3, 3], { group: int(3), pads: ints(1, 1, 1, 1) }),
  conv('of sequences', [2, 9], [3, 2, 3], { strides: ints(2), pads: ints(2, 1) }, 3),
  conv('of volumes', [2, 3, 4, 3], [2, 2, 2, 2, 2], { pads: ints(1, 0, 0, 0, 1, 1) }),
  ...SAME.map((auto) =>
    conv(`auto_pad ${auto}`, [1, 6, 5], [2, 1, 3, 2], {
      auto_pad: text(auto),
      strides: ints(2, 2),
    }),
  ),
  transposed('of images', [2, 3, 3], [2, 3, 3, 2], {}, 3),
  transposed('stride and output padding', [2, 3, 4], [2, 3, 3, 2], {
    strides: ints(2, 3),
    output_padding: ints(1, 1),
    pads: ints(1, 0, 1, 1),
  }),
  transposed('padding beyond the kernel', [1, 6], [1, 2, 2], { pads: ints(2, 3), strides: ints(2) }),
  transposed('groups and dilation', [4, 3, 3], [4, 2, 2, 2], { group: int(2), dilations: ints(2, 1) }, 4),
  transposed('output_shape', [1, 3, 3], [1, 2, 3, 3], { strides: ints(3, 2), output_shape: ints(10, 8) }),
  transposed('of sequences', [2, 4], [2, 3, 4], { strides: ints(2), pads: ints(1, 1) }),
  ...['MaxPool', 'AveragePool', 'LpPool'].flatMap((op) => [
    pool(op, 'of images', [2, 5, 6], {}),
    pool(op, 'stride and padding', [2, 5, 6], { strides: ints(2, 2), pads: ints(1, 0, 2, 1) }),
    pool(op, 'of sequences', [2, 9], { strides: ints(2) }),
    ...SAME.map((auto) =>
      pool(op, `auto_pad ${auto}`, [1, 6, 5], { auto_pad: text(auto), strides: ints(2, 2) }),
    ),
  ]),
  ...['MaxPool', 'AveragePool'].flatMap((op) => [
    pool(op, 'ceil_mode', [1, 6, 8], { strides: ints(2, 2), ceil_mode: int(1) }),
    pool(op, 'ceil_mode and padding', [1, 6, 7], {
      strides: ints(3, 2),
      ceil_mode: int(1),
      pads: ints(1, 1, 1, 1),
    }),
  ]),
  pool('MaxPool', 'dilation', [1, 7, 8], { dilations: ints(2, 3) }),
  pool('AveragePool', 'with the padding', [1, 5, 6], { pads: ints(1, 1, 1, 1), count_include_pad: int(1) }),
  pool('LpPool', 'p = 3', [1, 5, 6], { p: int(3) }),
  image('GlobalMaxPool', 'of images', [2, 3, 4]),
  image('GlobalLpPool', 'of images', [2, 3, 4], { p: int(2) }, {}, [11, 13, 18]),
  image(
    'InstanceNormalization',
    'of images',
    [3, 4, 2],
    { epsilon: float(1e-3) },
    {
      s: weight(3),
      t: f32([3], [0.5, 0, -1]),
    },
  ),
  image(
    'GroupNormalization',
    'by group',
    [4, 3, 2],
    { num_groups: int(2) },
    { s: weight(2), t: weight(2) },
    [18, 20],
  ),
  image(
    'GroupNormalization',
    'by channel',
    [4, 3, 2],
    { num_groups: int(2) },
    { s: weight(4), t: weight(4) },
    [21, 22],
  ),
  image('RMSNormalization', 'of rows', [3, 4], {}, { s: weight(4) }, from(23)),
  image('RMSNormalization', 'of matrices', [3, 4], { axis: int(1) }, { s: weight(3, 4) }, from(23)),
  image('LpNormalization', 'Euclidean', [3, 4], { axis: int(2) }),
  image('LpNormalization', 'of absolute values', [3, 4], { axis: int(1), p: int(1) }),
  image('LRN', 'over five channels', [6, 2, 2], { size: int(5), alpha: float(0.5), bias: float(2) }),
  image('MeanVarianceNormalization', 'within images', [2, 3, 4], { axes: ints(2, 3) }),
  image('DepthToSpace', 'DCR', [8, 2, 3], { blocksize: int(2) }),
  image('DepthToSpace', 'CRD', [8, 2, 3], { blocksize: int(2), mode: text('CRD') }),
  image('SpaceToDepth', 'of images', [2, 4, 6], { blocksize: int(2) }),
].map((c) => ({ ...c, opsets: c.opsets.filter((o) => ALL.includes(o) || o === 11) }));
