/**
 * @module graph/onnx/import/operators/pools
 *
 * Pools, axis by axis: MaxPool max_t x[·s + t d − p] with −∞ around the image, AveragePool Σ_t x/(elements of the window), LpPool
 * (Σ_t |x|^p)^(1/p), and the global ones over all positions. The divisor of an average counts the image, with `count_include_pad` the
 * padding too, never what `ceil_mode` adds behind it. Where a maximum is attained more than once the derivative is shared.
 * Source: onnx/onnx, Operators.md (MaxPool, AveragePool, LpPool, opset 1 to 22).
 */
import { tensor } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import { constant, type Value } from '../../../value.js';
import { power } from '../arithmetic.js';
import type { Normaliser, OpContext } from '../context.js';
import { overhang, perAxis, spatial, tap, unfold, type Window, windowsOf } from './windows.js';

/** Numbers along one axis, with 1s behind it, to broadcast against [N, C, …]. */
function alongAxis(x: Value, axis: number, numbers: readonly number[]): Value {
  const behind = x.shape.slice(axis + 1).map(() => 1);
  return constant(tensor(x.dtype, [numbers.length, ...behind], numbers));
}

/** Combines each window's elements along one axis; padding counts as `fill`. */
function poolAxis(
  x: Value,
  axis: number,
  w: Window,
  fill: number,
  both: (a: Value, c: Value) => Value,
): Value {
  const behind = overhang(w);
  let padded = b.pad(x, axis, w.before, behind);
  if (fill !== 0 && w.before + behind > 0) {
    const outside = Array.from({ length: w.before + w.length + behind }, (_, i) =>
      i < w.before || i >= w.before + w.length ? fill : 0,
    );
    padded = b.add(padded, alongAxis(padded, axis, outside));
  }
  return Array.from({ length: w.kernel }, (_, t) => tap(padded, axis, w, t)).reduce(both);
}

const pooled = (x: Value, windows: readonly Window[], fill: number, both: typeof b.add): Value =>
  windows.reduce((y, w, i) => poolAxis(y, i + 2, w, fill, both), x);

/** Windows side by side that leave nothing out. */
const tiles = (w: Window): boolean =>
  w.stride === w.kernel && w.dilation === 1 && w.before === 0 && w.count * w.kernel === w.length;

/** Combines windows that tile the image, whose elements are laid beside each other. */
function tiled(
  x: Value,
  windows: readonly Window[],
  over: (y: Value, axes: readonly number[]) => Value,
): Value {
  const [n, channels] = x.shape;
  const kernel = windows.reduce((p, w) => p * w.kernel, 1);
  const beside = b.reshape(unfold(x, windows), [n, channels, kernel, ...windows.map((w) => w.count)]);
  return over(beside, [2]);
}

/** Most elements of a window along an axis: they are looked at one after the other. */
const LONGEST_WINDOW = 4096;

/** Operand and windows of a pool. */
function opened(c: OpContext): { x: Value; windows: Window[] } {
  const x = c.real(0);
  const lengths = spatial(c, x);
  if (!c.ints('kernel_shape')) throw c.refuse('needs the attribute "kernel_shape"', 'onnx/operand');
  const kernels = perAxis(c, 'kernel_shape', lengths.length, 1);
  if (kernels.some((k) => k > LONGEST_WINDOW))
    throw c.refuse(`a window has at most ${LONGEST_WINDOW} elements along an axis`, 'onnx/too-large');
  const windows = windowsOf(c, lengths, kernels, c.flag('ceil_mode', false));
  return { x, windows };
}

/** The largest along one axis, element by element, so that ties are met as in windows that do not tile. */
function firstLargest(y: Value, [axis]: readonly number[]): Value {
  const count = y.shape[axis] as number;
  const taps = Array.from({ length: count }, (_, t) => b.slice(y, axis, t, t + 1));
  const most = taps.reduce(b.maximum);
  return b.reshape(most, [...y.shape.slice(0, axis), ...y.shape.slice(axis + 1)]);
}

/** MaxPool; the positions of the maxima, a second output, are not computed. Throws `graph/shape`, `onnx/form`. */
export const maxPool: Normaliser = (c) => {
  const { x, windows } = opened(c);
  return windows.every(tiles) ? tiled(x, windows, firstLargest) : pooled(x, windows, -Infinity, b.maximum);
};

/** AveragePool. Throws `graph/shape`, `onnx/form`. */
export const averagePool: Normaliser = (c) => {
  const { x, windows } = opened(c);
  const padding = c.flag('count_include_pad', false);
  const sum = windows.every(tiles) ? tiled(x, windows, b.reduceSum) : pooled(x, windows, 0, b.add);
  return windows.reduce((y, w, i) => {
    const [from, to] = padding ? [-w.before, w.length + w.after] : [0, w.length];
    const counts = Array.from({ length: w.count }, (_, o) =>
      Array.from({ length: w.kernel }, (_, t) => o * w.stride + t * w.dilation - w.before).reduce(
        (n, at) => n + +(at >= from && at < to),
        0,
      ),
    );
    const equal = counts.every((n) => n === counts[0]);
    return equal ? b.scale(y, 1 / counts[0]) : b.div(y, alongAxis(y, i + 2, counts));
  }, sum);
};

/** Σ|x|^p under a root. */
const powered = (x: Value, p: number): Value => (p === 2 ? b.square(x) : power(b.abs(x), p));

function exponent(c: OpContext): number {
  const p = c.int('p', 2);
  if (!(p >= 1)) throw c.refuse(`a norm of order ${p} is none`);
  return p;
}

/** LpPool. Throws `graph/shape`, `onnx/form`. */
export const lpPool: Normaliser = (c) => {
  const { x, windows } = opened(c);
  const p = exponent(c);
  return power(pooled(powered(x, p), windows, 0, b.add), 1 / p);
};

const overAll = (c: OpContext): { x: Value; axes: number[] } => {
  const x = c.real(0);
  return { x, axes: spatial(c, x).map((_, i) => i + 2) };
};

/** GlobalMaxPool. Throws `graph/shape`. */
export const globalMaxPool: Normaliser = (c) => {
  const { x, axes } = overAll(c);
  return b.reduceMax(x, axes, true);
};

/** GlobalLpPool. Throws `graph/shape`, `onnx/form`. */
export const globalLpPool: Normaliser = (c) => {
  const { x, axes } = overAll(c);
  const p = exponent(c);
  return power(b.reduceSum(powered(x, p), axes, true), 1 / p);
};
