/**
 * @module graph/onnx/import/operators/windows
 *
 * Windows of convolutions and pools along spatial axes: kernel k, stride s, dilation d, padding p before and q after, so that window o
 * covers the elements o·s + t·d − p, t < k.
 * Source: onnx/onnx, Operators.md (Conv, MaxPool, AveragePool: attributes, auto_pad and ceil_mode).
 */
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import type { WindowMap } from '../../../ops/window-map.js';
import { apply } from '../../../registry.js';
import type { Value } from '../../../value.js';
import type { OpContext } from '../context.js';

/** The windows along one axis. */
export interface Window {
  /** Elements of a window. */
  readonly kernel: number;
  /** From one window to the next. */
  readonly stride: number;
  /** From one element of a window to the next. */
  readonly dilation: number;
  /** Padding before the first element. */
  readonly before: number;
  /** Padding behind the last element. */
  readonly after: number;
  /** Length of the axis. */
  readonly length: number;
  /** Number of windows. */
  readonly count: number;
}

/** Lengths of the axes behind [N, C]. Throws `graph/shape`, `graph/examples-coupled`. */
export function spatial(c: OpContext, x: Value): number[] {
  if (x.shape.length < 3) throw c.refuse('has axes behind [N, C], of which there are none', 'graph/shape');
  if (isBatch(x.shape[1])) throw c.coupled('axis 1, the channels, holds the examples');
  return x.shape.slice(2).map((d, i) => {
    if (isBatch(d)) throw c.coupled(`axis ${i + 2} holds the examples`);
    return d;
  });
}

/** A list attribute with one entry for each spatial axis. Throws `onnx/form`. */
export function perAxis(c: OpContext, name: string, count: number, otherwise: number): readonly number[] {
  const list = c.ints(name) ?? Array.from({ length: count }, () => otherwise);
  if (list.length !== count || list.some((v) => !Number.isSafeInteger(v) || v < (name === 'pads' ? 0 : 1)))
    throw c.refuse(`${name} [${list.join(', ')}] are not ${count} sizes`);
  return list;
}

/** Strides, dilations, pads and auto_pad of a node as windows. Throws `onnx/form`. */
export function windowsOf(
  c: OpContext,
  lengths: readonly number[],
  kernels: readonly number[],
  ceil = false,
): Window[] {
  const n = lengths.length;
  const [strides, dilations] = ['strides', 'dilations'].map((name) => perAxis(c, name, n, 1));
  const pads = perAxis(c, 'pads', 2 * n, 0);
  const auto = c.text('auto_pad', 'NOTSET');
  return lengths.map((length, i) => {
    const [kernel, stride, dilation] = [kernels[i], strides[i], dilations[i]];
    const reach = (kernel - 1) * dilation + 1;
    let [before, after] = auto === 'NOTSET' || auto === '' ? [pads[i], pads[i + n]] : [0, 0];
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
      const wanted = (Math.ceil(length / stride) - 1) * stride + reach - length;
      if (wanted < -1)
        throw c.refuse('windows that pass over elements have no agreed place under auto_pad SAME');
      const total = Math.max(wanted, 0);
      before = auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
      after = total - before;
    } else if (!['NOTSET', 'VALID', ''].includes(auto)) throw c.refuse(`auto_pad ${auto} is unknown`);
    const room = (length + before + after - reach) / stride;
    let count = Math.floor(room) + 1;
    if (ceil) {
      count = Math.ceil(room) + 1;
      if ((count - 1) * stride >= length + before) count--; // it would begin behind the end
    }
    if (room < 0 || count < 1) throw c.refuse(`a window of ${reach} does not fit`, 'graph/shape');
    return { kernel, stride, dilation, before, after, length, count };
  });
}

/** Elements behind the axis that the last windows reach, the padding among them. */
export const overhang = (w: Window): number =>
  Math.max(0, (w.count - 1) * w.stride + (w.kernel - 1) * w.dilation + 1 - w.before - w.length);

/** Element t of each window along an axis that is padded already. */
export const tap = (x: Value, axis: number, w: Window, t: number): Value => {
  const start = t * w.dilation;
  return b.slice(x, axis, start, start + (w.count - 1) * w.stride + 1, w.stride);
};

/** Whether every window is its one element. */
const plain = (w: Window): boolean =>
  w.kernel === 1 && w.stride === 1 && w.before === 0 && w.after === 0 && w.count === w.length;

/** As attributes of Unfold and Fold. */
const mapOf = (windows: readonly Window[]): WindowMap => {
  const list = (of: (w: Window) => number) => windows.map(of);
  return {
    kernel: list((w) => w.kernel),
    stride: list((w) => w.stride),
    dilation: list((w) => w.dilation),
    before: list((w) => w.before),
    count: list((w) => w.count),
    length: list((w) => w.length),
  };
};

/** Each window's elements beside each other: [N, C, L₁, L₂, …] → [N, C, k₁, k₂, …, c₁, c₂, …], padded with zeros. */
export function unfold(x: Value, windows: readonly Window[]): Value {
  if (!windows.every(plain)) return apply('Unfold', [x], { ...mapOf(windows) });
  return b.unsqueeze(
    x,
    windows.map((_, i) => 2 + i),
  );
}

/** The transpose of `unfold`: [N, C, k₁, k₂, …, c₁, c₂, …] → [N, C, L₁, L₂, …]. */
export const fold = (y: Value, windows: readonly Window[]): Value =>
  apply('Fold', [y], { ...mapOf(windows) });
