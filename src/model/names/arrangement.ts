/**
 * @module model/names/arrangement
 *
 * An arrangement says how an exporter laid out a framework's array: as it is, with its axes exchanged, or under another shape with the
 * elements in order. It is found by shapes and, where the file of names carries them, by values up to the rounding of the type in which
 * the exporter stored them.
 */
import { allocate, sameShape, sizeOf, stridesOf, type Tensor } from '../../core/tensor.js';
import { ops as b, type Value } from '../../graph/index.js';

/** Stored = reshape(transpose(framework's, axes), shape). */
export interface Arrangement {
  /** The framework's shape. */
  readonly shape: readonly number[];
  /** Axis i of the transposed is axis axes[i] of the framework's. */
  readonly axes: readonly number[];
  /** Shape in the file. */
  readonly stored: readonly number[];
}

/** Axes beyond this rank are not permuted. */
const LARGEST_RANK = 4;

const inOrder = (rank: number): number[] => Array.from({ length: rank }, (_, i) => i);

/** Laid out as the framework has it. */
export const asItIs = (shape: readonly number[]): Arrangement => ({
  shape,
  axes: inOrder(shape.length),
  stored: shape,
});

/** Stored [in, out] where the framework has [out, in]. */
export const turned = ([rows, columns]: readonly number[]): Arrangement => ({
  shape: [columns, rows],
  axes: [1, 0],
  stored: [rows, columns],
});

export const isAsItIs = (a: Arrangement): boolean => sameShape(a.shape, a.stored);

/** Every arrangement that leads from one shape to the other, the plainest first. */
export function arrangements(shape: readonly number[], stored: readonly number[]): Arrangement[] {
  if (sizeOf(shape) !== sizeOf(stored)) return [];
  const core = (s: readonly number[]) => s.filter((d) => d !== 1);
  const orders = shape.length <= LARGEST_RANK ? permutations(shape.length) : [inOrder(shape.length)];
  const found = orders
    .filter((axes) => sameShape(core(axes.map((a) => shape[a])), core(stored)))
    .map((axes) => ({ shape, axes, stored }));
  const plain = { shape, axes: inOrder(shape.length), stored };
  return found.some((a) => sameShape(a.axes, plain.axes)) ? found : [...found, plain];
}

/** All orders of the axes, in order first. */
function permutations(rank: number): number[][] {
  if (rank === 0) return [[]];
  const shorter = permutations(rank - 1);
  return inOrder(rank).flatMap((first) =>
    shorter.map((rest) => [first, ...rest.map((r) => (r < first ? r : r + 1))]),
  );
}

/** The stored tensor from the framework's, as a value of the graph. */
export const arrange = (v: Value, a: Arrangement): Value => b.reshape(b.transpose(v, a.axes), a.stored);

/** Flat index in the stored tensor of each element of the framework's, in the framework's order. */
function places(a: Arrangement): Int32Array {
  const moved = a.axes.map((axis) => a.shape[axis]);
  const strides = stridesOf(moved);
  const step = inOrder(a.shape.length).map((axis) => strides[a.axes.indexOf(axis)]);
  const out = new Int32Array(sizeOf(a.shape));
  const index = a.shape.map(() => 0);
  let at = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = at;
    for (let d = a.shape.length - 1; d >= 0; d--) {
      index[d]++;
      at += step[d];
      if (index[d] < a.shape[d]) break;
      at -= step[d] * a.shape[d];
      index[d] = 0;
    }
  }
  return out;
}

/** A stored tensor in the framework's layout. */
export function restored(stored: Tensor, a: Arrangement): Tensor {
  const from = places(a);
  const data = allocate(stored.dtype, from.length);
  for (let i = 0; i < from.length; i++) (data as Float64Array)[i] = stored.data[from[i]] as number;
  return { dtype: stored.dtype, shape: a.shape, data };
}

/** Largest relative difference that storing explains. */
const ROUNDING = 1e-6;
/** The same for half precision and bfloat16. */
const HALF_ROUNDING = 8e-3;

/** Whether two tensors hold the same numbers, up to rounding. */
export function sameValues(framework: Tensor, stored: Tensor, half: boolean): boolean {
  const tolerance = half ? HALF_ROUNDING : ROUNDING;
  for (let i = 0; i < framework.data.length; i++) {
    const [p, q] = [Number(framework.data[i]), Number(stored.data[i])];
    if (p !== q && !(Math.abs(p - q) <= tolerance * Math.max(Math.abs(p), Math.abs(q)) + 1e-37)) return false;
  }
  return true;
}

/** The arrangements under which a stored tensor holds a framework's values. */
export function fits(values: Tensor, stored: Tensor, half: boolean): Arrangement[] {
  return arrangements(values.shape, stored.shape).filter((a) =>
    sameValues(values, restored(stored, a), half),
  );
}

/** Whether all elements are equal: such a tensor is told from no other by its values. */
export const isConstant = (t: Tensor): boolean =>
  Array.prototype.every.call(t.data, (v: number) => v === t.data[0]);
