/**
 * @module graph/onnx/import/operators/conv
 *
 * Conv in one, two, three or more dimensions: y[n, o, ·] = Σ_c Σ_t W[o, c, t] x[n, c, · s + t d − p] + b[o], channels in groups. Each window's
 * elements are laid beside each other, X [N, g, (C/g)·k, L], and multiplied by the weight as a matrix, W [g, O/g, (C/g)·k]: a linear map
 * with many positions, its score the sum over them. Source: onnx/onnx, Operators.md (Conv, opset 1, 11, 22).
 */
import * as b from '../../../build.js';
import type { Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import { perAxis, spatial, unfold, type Window, windowsOf } from './windows.js';

/** Sizes of the kernel, from the attribute or the weight. Throws `graph/shape`, `onnx/form`. */
export function kernelOf(c: OpContext, weight: Value, rank: number): number[] {
  const sizes = weight.shape.slice(2);
  if (sizes.length !== rank || sizes.some((d) => typeof d !== 'number' || d < 1))
    throw c.refuse('the weight has an axis for each of the input', 'graph/shape');
  const said = c.ints('kernel_shape');
  if (said && perAxis(c, 'kernel_shape', rank, 1).some((k, i) => k !== sizes[i]))
    throw c.refuse(`kernel_shape [${said.join(', ')}] is not that of the weight`, 'graph/shape');
  return sizes as number[];
}

/** Shapes of a convolution by a weight matrix: groups, input channels of each, output channels of each. */
export interface Channels {
  readonly groups: number;
  readonly from: number;
  readonly to: number;
}

/** The weight [g, O/g, (C/g)·k] times the windows of x, in the shape of images: [N, O, c₁, c₂, …]. */
export function convolve(
  x: Value,
  weight: Value,
  { groups, from, to }: Channels,
  windows: readonly Window[],
): Value {
  const [n] = x.shape;
  const size = windows.reduce((p, w) => p * w.kernel, from);
  const counts = windows.map((w) => w.count);
  const positions = counts.reduce((p, d) => p * d, 1);
  const lead = groups === 1 ? [n] : [n, groups];
  const columns = b.reshape(unfold(x, windows), [...lead, size, positions]);
  const rows = b.reshape(weight, groups === 1 ? [to, size] : [groups, to, size]);
  return b.reshape(b.matmul(rows, columns), [n, groups * to, ...counts]);
}

/** A bias of each output channel, where there is one. */
export function withBias(c: OpContext, y: Value): Value {
  if (!c.has(2)) return y;
  const behind = y.shape.slice(2).map((_, i) => 1 + i);
  return b.add(y, b.unsqueeze(c.vector(2), behind));
}

/** Conv of one node. Throws `graph/shape`, `onnx/form`. */
export const conv: Normaliser = (c) => {
  const [x, weight] = [c.real(0), c.real(1)];
  const lengths = spatial(c, x);
  const windows = windowsOf(c, lengths, kernelOf(c, weight, lengths.length));
  const groups = c.int('group', 1);
  const [channels, out, from] = [x.shape[1], weight.shape[0], weight.shape[1]] as number[];
  if (!(groups >= 1) || channels !== from * groups || out % groups !== 0)
    throw c.refuse(`${channels} channels in ${groups} groups do not meet a weight of ${from}`, 'graph/shape');
  return withBias(c, convolve(x, weight, { groups, from, to: out / groups }, windows));
};
