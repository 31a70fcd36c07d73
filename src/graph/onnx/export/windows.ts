/**
 * @module graph/onnx/export/windows
 *
 * Unfold and Fold in ONNX, axis by axis: k slices of a padded axis joined, and k slices spread, padded and added. For a runtime that has fast
 * convolutions they are written as those with kernels of 0 and 1, where its kernels take them: Unfold as Conv of every channel by itself,
 * Fold as its transpose. Windows that tile the axes are moved either way. Source: onnx/onnx, Operators.md (Pad, Slice, Conv, ConvTranspose; opsets 13 to 22).
 */
import { tensor } from '../../../core/tensor.js';
import { type Dim, mulDim, type Shape } from '../../dims.js';
import { type WindowMap, windowMap } from '../../ops/window-map.js';
import type { Node, Value } from '../../value.js';
import type { EmittedAttributes, Emitter } from './emitter.js';
import { targetShape } from './shapes.js';
import type { OnnxWriter } from './writers.js';

/** Elements behind the end of axis i that its last window reaches; below 0, elements that none does. */
export const overhang = ({ kernel, stride, dilation, before, count, length }: WindowMap, i: number): number =>
  (count[i] - 1) * stride[i] + (kernel[i] - 1) * dilation[i] + 1 - before[i] - length[i];

/** Whether ONNX's convolutions have these windows: up to three axes, no negative padding, and as many windows as fit. */
export const isConvolution = (map: WindowMap): boolean =>
  map.kernel.length <= 3 && map.before.every((p, i) => p >= 0 && -overhang(map, i) < map.stride[i]);

/** Attributes of Conv. */
export const convAttributes = (map: WindowMap, group = 1): EmittedAttributes => ({
  kernel_shape: map.kernel,
  strides: map.stride,
  dilations: map.dilation,
  pads: [...map.before, ...map.before.map((_, i) => Math.max(0, overhang(map, i)))],
  group,
});

/** Attributes of ConvTranspose: what no window reaches is added behind the end. */
export const transposeAttributes = (map: WindowMap, group = 1): EmittedAttributes => ({
  ...convAttributes(map, group),
  output_padding: map.before.map((_, i) => Math.max(0, -overhang(map, i))),
});

/** Reshape of a value, by its name in the file. */
export function reshapedTo(e: Emitter, name: string, like: Value, shape: Shape, out?: string): string {
  const { name: target, allowzero } = targetShape(e, like, shape);
  return e.node('Reshape', [name, target], allowzero ? { allowzero: 1 } : {}, out);
}

const product = (dims: Shape): Dim => dims.reduce<Dim>((p, d) => mulDim(p, d) as Dim, 1);
const volume = (dims: readonly number[]): number => dims.reduce((p, d) => p * d, 1);

/** Whether windows side by side leave nothing out. */
const tiles = (map: WindowMap): boolean =>
  map.kernel.every(
    (k, i) => k === map.stride[i] && map.dilation[i] === 1 && map.before[i] === 0 && overhang(map, i) === 0,
  );

/**
 * Unfold (`apart`) or Fold of tiles, axis by axis: the elements of a window are moved past the windows of its axis and those before, in
 * runs of what is behind, for which runtimes have quick copies.
 */
function writeTiles(e: Emitter, [x, out]: readonly [string, string], node: Node, apart: boolean): void {
  const { kernel, count, length } = windowMap(node.attrs);
  const d = kernel.length;
  const [value] = node.inputs;
  const lead = product(value.shape.slice(0, value.shape.length - (apart ? d : 2 * d)));
  const axes = kernel.map((_, i) => i);
  let at = x;
  for (const i of apart ? axes : [...axes].reverse()) {
    const outer = mulDim(lead, volume(kernel.slice(0, i))) as Dim;
    const behind = volume(length.slice(i + 1));
    const windows = volume(count.slice(0, i + 1));
    const shape = [outer, ...(apart ? [windows, kernel[i]] : [kernel[i], windows]), behind];
    at = e.node('Transpose', [reshapedTo(e, at, value, shape)], { perm: [0, 2, 1, 3] });
  }
  reshapedTo(e, at, node.output, node.output.shape, out);
}

/** Largest kernel that is written with 0 and 1: each element costs as many operations. */
const LARGEST_KERNEL = 64;

const byKernel = (e: Emitter, v: Value, map: WindowMap): boolean =>
  e.convolutions && v.dtype === 'float32' && isConvolution(map) && volume(map.kernel) <= LARGEST_KERNEL;

/** Kernel [k, 1, kernel…] that takes element t of a window to channel t. */
function unitKernel(e: Emitter, { kernel }: WindowMap): string {
  const k = volume(kernel);
  const data = Float32Array.from({ length: k * k }, (_, i) => (i % (k + 1) === 0 ? 1 : 0));
  return e.constant(tensor('float32', [k, 1, ...kernel], data));
}

/** Writes Unfold. */
export const writeUnfold: OnnxWriter = (e, node, [x], out) => {
  const map = windowMap(node.attrs);
  const [value] = node.inputs;
  const lead = value.shape.length - map.length.length;
  if (tiles(map)) {
    writeTiles(e, [x, out], node, true);
    return;
  }
  if (byKernel(e, value, map)) {
    const rows = product(value.shape.slice(0, lead));
    const from = reshapedTo(e, x, value, [rows, 1, ...map.length]);
    const taken = e.node('Conv', [from, unitKernel(e, map)], convAttributes(map));
    reshapedTo(e, taken, node.output, node.output.shape, out);
    return;
  }
  let at = x;
  map.kernel.forEach((k, i) => {
    const last = i === map.kernel.length - 1;
    const axis = lead + 2 * i;
    const rank = value.shape.length + i;
    const padded = padded1(e, at, value, { rank, axis, before: map.before[i], after: overhang(map, i) });
    const taps = Array.from({ length: k }, (_, t) => {
      const from = t * map.dilation[i];
      const to = from + (map.count[i] - 1) * map.stride[i] + 1;
      const tap = sliced(e, padded, axis, from, to, map.stride[i]);
      return e.node('Unsqueeze', [tap, e.integers([lead + i])]);
    });
    at = e.node('Concat', taps, { axis: lead + i }, last ? out : undefined);
  });
};

/** Writes Fold. */
export const writeFold: OnnxWriter = (e, node, [y], out) => {
  const map = windowMap(node.attrs);
  const [value] = node.inputs;
  const lead = node.output.shape.length - map.length.length;
  if (tiles(map)) {
    writeTiles(e, [y, out], node, false);
    return;
  }
  if (byKernel(e, value, map)) {
    const rows = product(value.shape.slice(0, lead));
    const from = reshapedTo(e, y, value, [rows, volume(map.kernel), ...map.count]);
    const added = e.node('ConvTranspose', [from, unitKernel(e, map)], transposeAttributes(map));
    reshapedTo(e, added, node.output, node.output.shape, out);
    return;
  }
  let at = y;
  for (let i = map.kernel.length - 1; i >= 0; i--) {
    const terms = Array.from({ length: map.kernel[i] }, (_, t) => spread(e, at, { value, map, lead }, i, t));
    at = terms.reduce((sum, term, t) => {
      const last = i === 0 && t === terms.length - 1;
      return e.node('Add', [sum, term], {}, last ? out : undefined);
    });
    if (i === 0 && terms.length === 1) e.node('Identity', [at], {}, out);
  }
};

/** Element t of every window along axis i, where it stands along the axis itself. */
function spread(
  e: Emitter,
  y: string,
  { value, map, lead }: { readonly value: Value; readonly map: WindowMap; readonly lead: number },
  i: number,
  t: number,
): string {
  const axis = lead + 2 * i;
  const rank = lead + map.kernel.length + i;
  const [s, c] = [map.stride[i], map.count[i]];
  const tap = e.node('Squeeze', [sliced(e, y, lead + i, t, t + 1, 1), e.integers([lead + i])]);
  let row = tap;
  if (s > 1) {
    const apart = e.node('Unsqueeze', [tap, e.integers([axis + 1])]);
    const wide = padded1(e, apart, value, { rank: rank + 1, axis: axis + 1, before: 0, after: s - 1 });
    // 0 keeps a dimension where it stands.
    const kept = new Array<number>(axis).fill(0);
    const behind = map.length.slice(i + 1);
    row = e.node('Reshape', [wide, e.integers([...kept, c * s, ...behind])]);
  }
  const before = t * map.dilation[i] - map.before[i];
  return padded1(e, row, value, { rank, axis, before, after: map.length[i] - before - c * s });
}

function sliced(e: Emitter, x: string, axis: number, from: number, to: number, step: number): string {
  return e.node('Slice', [x, e.integers([from]), e.integers([to]), e.integers([axis]), e.integers([step])]);
}

/** Zeros before and behind one axis; below 0, elements taken away. */
function padded1(
  e: Emitter,
  x: string,
  { dtype }: Value,
  at: { readonly rank: number; readonly axis: number; readonly before: number; readonly after: number },
): string {
  if (at.before === 0 && at.after === 0) return x;
  const pads = new Array<number>(2 * at.rank).fill(0);
  pads[at.axis] = at.before;
  pads[at.rank + at.axis] = at.after;
  return e.node('Pad', [x, e.integers(pads), e.scalar(0, dtype)], { mode: 'constant' });
}
