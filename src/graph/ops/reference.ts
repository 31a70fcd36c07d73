/**
 * @module graph/ops/reference
 *
 * Reference loops over float64 arrays, one element at a time: what the values of operators are computed with where nothing but being
 * right matters (the oracle, constant folding, operators that an engine has no kernel for).
 */
import { sizeOf, stridesOf } from '../../core/tensor.js';
import type { Numbers } from '../operator.js';

/** Strides that read `from` as if it had the larger shape `to`. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const s = stridesOf(from);
  const offset = to.length - from.length;
  return to.map((_, i) => (i < offset || from[i - offset] === 1 ? 0 : s[i - offset]));
}

/** Calls `visit` with the flat index and the multi-index of each element. */
export function each(
  shape: readonly number[],
  visit: (flat: number, index: readonly number[]) => void,
): void {
  const index = shape.map(() => 0);
  const total = sizeOf(shape);
  for (let flat = 0; flat < total; flat++) {
    visit(flat, index);
    for (let a = shape.length - 1; a >= 0; a--) {
      if (++index[a] < shape[a]) break;
      index[a] = 0;
    }
  }
}

/** Σ_a index_a · strides_a */
export const offsetAt = (index: readonly number[], strides: readonly number[]): number =>
  index.reduce((sum, i, a) => sum + i * strides[a], 0);

/** f of the operands' elements, broadcast to `shape`. */
export function mapElements(
  inputs: readonly Numbers[],
  shape: readonly number[],
  f: (...xs: number[]) => number,
): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const strides = inputs.map((r) => broadcastStrides(r.shape, shape));
  each(shape, (flat, index) => {
    out[flat] = f(...inputs.map((r, i) => r.data[offsetAt(index, strides[i])]));
  });
  return out;
}

/** f accumulated over `axes`, from `start`; the reduced axes are kept as 1s. */
export function reduceElements(
  x: Numbers,
  axes: readonly number[],
  f: (sum: number, x: number) => number,
  start: number,
): Float64Array {
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const out = new Float64Array(sizeOf(kept)).fill(start);
  const strides = broadcastStrides(kept, x.shape);
  each(x.shape, (flat, index) => {
    const o = offsetAt(index, strides);
    out[o] = f(out[o], x.data[flat]);
  });
  return out;
}

/** Element `index` of the result is the one of x whose index along `axis` is from(index[axis]). */
export function takeAlong(
  shape: readonly number[],
  x: Numbers,
  axis: number,
  from: (i: number) => number,
): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const strides = stridesOf(x.shape);
  each(shape, (flat, index) => {
    let p = 0;
    index.forEach((i, a) => (p += (a === axis ? from(i) : i) * strides[a]));
    out[flat] = x.data[p];
  });
  return out;
}

/** Element `index` of x goes to index to(index[axis]) along `axis` of `out`, which has the given shape. */
export function putAlong(
  out: Float64Array,
  shape: readonly number[],
  x: Numbers,
  axis: number,
  to: (i: number) => number,
): void {
  const strides = stridesOf(shape);
  each(x.shape, (flat, index) => {
    let p = 0;
    index.forEach((i, a) => (p += (a === axis ? to(i) : i) * strides[a]));
    out[p] = x.data[flat];
  });
}

/** g(x, max, Σ e^(x − max)) along one axis, for the two softmaxes. */
export function normaliseElements(
  x: Numbers,
  axis: number,
  g: (v: number, top: number, sum: number) => number,
): Float64Array {
  const kept = x.shape.map((d, i) => (i === axis ? 1 : d));
  const top = { shape: kept, data: reduceElements(x, [axis], Math.max, -Infinity) };
  const shifted = mapElements([x, top], x.shape, (v, t) => Math.exp(v - t));
  const sum = reduceElements({ shape: x.shape, data: shifted }, [axis], (a, b) => a + b, 0);
  return mapElements([x, top, { shape: kept, data: sum }], x.shape, g);
}
