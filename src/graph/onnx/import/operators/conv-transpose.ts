/**
 * @module graph/onnx/import/operators/conv-transpose
 *
 * ConvTranspose spreads each element over a window, the transpose of Conv: y[n, o, i s + t d − p] += W[c, o, t] x[n, c, i]. It is the
 * convolution, at stride 1, of x with s − 1 zeros between its elements, by the kernel turned round. Padding takes elements away:
 * length = s(L − 1) + (k − 1)d + 1 − p − q + output_padding. Source: onnx/onnx, Operators.md (ConvTranspose, opset 1, 11, 22).
 */
import * as b from '../../../build.js';
import type { Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import { convolve, kernelOf, withBias } from './conv.js';
import { perAxis, spatial, type Window } from './windows.js';

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

/** The elements of an axis in the other order. */
function turned(x: Value, axis: number): Value {
  const length = x.shape[axis] as number;
  return b.concat(
    Array.from({ length }, (_, i) => b.slice(x, axis, length - 1 - i, length - i)),
    axis,
  );
}

/** Weight [C, O/g, k…] as [g, O/g, (C/g), k…], every kernel turned round. */
function turnedWeight(weight: Value, groups: number): Value {
  const [channels, to, ...kernel] = weight.shape as number[];
  const flipped = kernel.reduce<Value>((w, _, i) => turned(w, i + 2), weight);
  const grouped = b.reshape(flipped, [groups, channels / groups, to, ...kernel]);
  return b.permute(grouped, [0, 2, 1, ...kernel.map((_, i) => i + 3)]);
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
  let spread = x;
  const windows = lengths.map((length, i): Window => {
    const reach = (kernels[i] - 1) * dilations[i];
    const size = strides[i] * (length - 1) + 1;
    const { before, length: count } = wanted[i];
    if (count < 1) throw c.refuse(`padding takes all of axis ${i + 2}`, 'graph/shape');
    spread = b.pad(spread, i + 2, 0, 0, strides[i]);
    // What padding takes away beyond the kernel's reach is cut.
    const cut = Math.max(0, before - reach);
    const end = Math.min(size, count + before);
    spread = b.slice(spread, i + 2, cut, end);
    return {
      kernel: kernels[i],
      stride: 1,
      dilation: dilations[i],
      before: Math.max(0, reach - before),
      after: 0,
      length: end - cut,
      count,
    };
  });
  const parts = { groups, from: channels / groups, to };
  return withBias(c, convolve(spread, turnedWeight(weight, groups), parts, windows));
};
