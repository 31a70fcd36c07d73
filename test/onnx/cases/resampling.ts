/**
 * @module test/onnx/cases/resampling
 *
 * Images at another resolution or padded by themselves: every mode of Pad, Resize and Upsample.
 */
import { f32, float, floats, i64, int, ints, node, text } from '../builder.js';
import { ALL, type Case, from, one } from './case.js';

const scales = (...s: number[]) => f32([s.length], s);

const pad = (name: string, mode: string, pads: number[], shape: number[], opsets = from(13)): Case => ({
  name: `Pad ${name}`,
  opsets,
  nodes: one('Pad', { mode: text(mode) }, 'p'),
  shape,
  weights: { p: i64(...pads) },
});

const resize = (
  name: string,
  shape: number[],
  sc: number[],
  attributes: Case['nodes'][0]['attributes'],
): Case => ({
  name: `Resize ${name}`,
  opsets: from(13).filter((o) => o < 18 || [18, 19, 22].includes(o)),
  nodes: one('Resize', attributes, '', 's'),
  shape,
  weights: { s: scales(1, 1, ...sc) },
});

const toSizes = (
  name: string,
  shape: number[],
  sizes: number[],
  attributes: Case['nodes'][0]['attributes'],
  opsets = [18, 19, 22],
): Case => ({
  name: `Resize to sizes, ${name}`,
  opsets,
  nodes: one('Resize', { axes: ints(2, 3), ...attributes }, '', '', 's'),
  shape,
  weights: { s: i64(...sizes) },
});

const WHERE = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];
const NEAREST = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'];

export const RESAMPLING: Case[] = [
  pad('reflect', 'reflect', [0, 0, 2, 1, 0, 0, 1, 3], [2, 4, 5]),
  pad('reflect, every element in turn', 'reflect', [0, 0, 8, 0, 0, 7], [2, 9]),
  pad('edge', 'edge', [0, 1, 2, 0, 0, 2], [2, 3]),
  pad('wrap', 'wrap', [0, 0, 2, 1, 0, 0, 1, 3], [2, 4, 5], [19, 21, 22]),
  pad('taking away', 'constant', [0, -1, 2, 0, 0, -1], [4, 3]),
  {
    name: 'Pad with a number',
    opsets: from(13),
    nodes: one('Pad', {}, 'p', 'v'),
    shape: [2, 3],
    weights: { p: i64(0, 1, 0, 0, 0, 2), v: f32([], [1.5]) },
  },
  {
    name: 'Pad along an axis, with a computed number',
    opsets: from(18),
    nodes: [node('Exp', ['v'], 'e'), node('Pad', ['x', 'p', 'e', 'a'], 'h')],
    shape: [2, 3],
    weights: { p: i64(1, 2), v: f32([], [0.25]), a: i64(-1) },
  },
  ...['nearest', 'linear', 'cubic'].flatMap((mode) =>
    WHERE.map((where) =>
      resize(`${mode}, ${where}`, [1, 4, 5], [1.5, 0.6], {
        mode: text(mode),
        coordinate_transformation_mode: text(where),
      }),
    ),
  ),
  ...NEAREST.map((nearest) =>
    resize(`nearest, ${nearest}`, [1, 4, 6], [0.5, 1.75], {
      coordinate_transformation_mode: text('half_pixel'),
      nearest_mode: text(nearest),
    }),
  ),
  resize('nearest, twice and thrice', [2, 3, 4], [2, 3], {
    coordinate_transformation_mode: text('asymmetric'),
    nearest_mode: text('floor'),
  }),
  resize('of sequences', [2, 5], [1.6], { mode: text('linear') }),
  resize('cubic, nothing outside', [1, 4, 5], [1.5, 2], {
    mode: text('cubic'),
    exclude_outside: int(1),
    cubic_coeff_a: float(-0.5),
  }),
  toSizes('linear', [2, 4, 6], [7, 3], { mode: text('linear') }),
  toSizes('cubic with antialiasing', [1, 7, 8], [3, 5], { mode: text('cubic'), antialias: int(1) }),
  toSizes('linear with antialiasing', [1, 7, 8], [3, 5], { mode: text('linear'), antialias: int(1) }),
  toSizes('not larger', [1, 4, 6], [8, 3], {
    mode: text('linear'),
    keep_aspect_ratio_policy: text('not_larger'),
  }),
  toSizes(
    'symmetric',
    [1, 4, 5],
    [6, 8],
    {
      mode: text('linear'),
      coordinate_transformation_mode: text('half_pixel_symmetric'),
    },
    [19, 22],
  ),
  {
    name: 'Resize of a region',
    opsets: [13, 18, 22],
    nodes: one(
      'Resize',
      {
        mode: text('linear'),
        coordinate_transformation_mode: text('tf_crop_and_resize'),
        extrapolation_value: float(0.5),
      },
      'r',
      's',
    ),
    shape: [2, 4, 5],
    weights: { r: scales(0, 0, 0.2, -0.3, 1, 1, 0.7, 1.2), s: scales(1, 1, 0.75, 0.8) },
  },
  {
    name: 'Upsample by operand',
    opsets: [9],
    nodes: one('Upsample', { mode: text('linear') }, 's'),
    shape: [2, 3, 4],
    weights: { s: scales(1, 1, 2, 1.5) },
  },
  {
    name: 'Upsample by attribute',
    opsets: [7, 8],
    nodes: one('Upsample', { mode: text('nearest'), scales: floats(1, 1, 2, 3) }),
    shape: [2, 3, 4],
  },
  {
    name: 'Resize by scales alone',
    opsets: [10],
    nodes: one('Resize', { mode: text('linear') }, 's'),
    shape: [2, 3, 4],
    weights: { s: scales(1, 1, 2, 2) },
  },
].map((c) => ({ ...c, opsets: c.opsets.filter((o) => o < 13 || ALL.includes(o)) }));
