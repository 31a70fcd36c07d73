/**
 * @module graph/onnx/import/operators/conv-transpose
 *
 * ConvTranspose spreads each element over a window, the transpose of Conv: y[n, o, i s + t d − p] += W[c, o, t] x[n, c, i]. It is the
 * product with Wᵀ, [O/g·k, C/g] for each group, of which each window's elements are added where they belong. Padding takes elements
 * away: length = s(L − 1) + (k − 1)d + 1 − p − q + output_padding. Source: onnx/onnx, Operators.md (ConvTranspose, opset 1, 11, 22).
 */
import { sizeOf } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import type { Normaliser, OpContext } from '../context.js';
import { kernelOf, withBias } from './conv.js';
import { fold, perAxis, spatial, type Window } from './windows.js';

/** Padding before, and the number of elements of the result, along each axis. */
interface Extent {
  readonly before: number;
  readonly length: number;
}

function extents(c: OpContext, lengths: readonly number[], kernels: readonly number[]): Extent[] {
  const n = lengths.length;
  const [strides, dilations] = ['strides', 'dilations'].map((name) => perAxis(c, name, n, 1));
  const pads = perAxis(c, 'pads', 2 * n, 0);
  const auto = c.text('auto_pad', 'NOTSET');
  const same = auto === 'SAME_UPPER' || auto === 'SAME_LOWER';
  const wished = c.ints('output_shape') ? perAxis(c, 'output_shape', n, 1) : null;
  const more = c.ints('output_padding') ?? lengths.map(() => 0);
  return lengths.map((length, i) => {
    const full = strides[i] * (length - 1) + (kernels[i] - 1) * dilations[i] + 1 + (more[i] ?? 0);
    if (!wished && !same) {
      const [before, after] = auto === 'VALID' ? [0, 0] : [pads[i], pads[i + n]];
      return { before, length: full - before - after };
    }
    const target = wished ? wished[i] : length * strides[i];
    const total = Math.max(0, full - target);
    return {
      before: auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2),
      length: target,
    };
  });
}

/** ConvTranspose of one node. Throws `graph/shape`, `onnx/form`. */
export const convTranspose: Normaliser = (c) => {
  const [x, weight] = [c.real(0), c.real(1)];
  const lengths = spatial(c, x);
  const n = lengths.length;
  const kernels = kernelOf(c, weight, n);
  const groups = c.int('group', 1);
  const [channels, from, to] = [x.shape[1], weight.shape[0], weight.shape[1]] as number[];
  if (!(groups >= 1) || channels !== from || channels % groups !== 0)
    throw c.refuse(`${channels} channels in ${groups} groups do not meet a weight of ${from}`, 'graph/shape');
  const [strides, dilations] = ['strides', 'dilations'].map((name) => perAxis(c, name, n, 1));
  const wanted = extents(c, lengths, kernels);
  const windows = lengths.map((count, i): Window => {
    const { before, length } = wanted[i];
    if (length < 1) throw c.refuse(`padding takes all of axis ${i + 2}`, 'graph/shape');
    return {
      kernel: kernels[i],
      stride: strides[i],
      dilation: dilations[i],
      before,
      after: 0,
      length,
      count,
    };
  });
  const size = to * sizeOf(kernels);
  const rows = b.reshape(weight, groups === 1 ? [from, size] : [groups, from / groups, size]);
  const lead = groups === 1 ? [x.shape[0]] : [x.shape[0], groups];
  const flat = b.reshape(x, [...lead, channels / groups, sizeOf(lengths)]);
  const spread = b.matmul(b.swapLast(rows), flat);
  const apart = b.reshape(spread, [x.shape[0], groups * to, ...kernels, ...lengths]);
  return withBias(c, fold(apart, windows));
};
