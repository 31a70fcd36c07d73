/**
 * Plain row-major arrays, sliced and joined without any of the library's layout code, and where leading axes stand by the text of
 * graph/layout: behind the batch axis of a value that depends on the examples, in front of one that does not, and there behind N
 * where the examples are kept apart.
 */
import { type Tensor, toFloat64 } from '../../src/core/tensor.js';
import type { Numbers } from '../../src/graph/operator.js';
import type { Dim, Shape } from '../../src/graph/index.js';

export const sizeOf = (shape: readonly number[]): number => shape.reduce((p, d) => p * d, 1);

const batchOf = (shape: Shape): number => shape.findIndex((d) => typeof d !== 'number');

/** Shape of the cotangent or tangent of a value. */
export function carried(shape: Shape, lead: readonly number[], perExample = false): Dim[] {
  const axis = batchOf(shape);
  if (axis >= 0) return [...shape.slice(0, axis + 1), ...lead, ...shape.slice(axis + 1)];
  return perExample ? [{ batch: 1 }, ...lead, ...shape] : [...lead, ...shape];
}

/** Elements from, from + 1, … (count of them) along an axis. */
export function take(x: Numbers, axis: number, from: number, count: number): Numbers {
  const inner = sizeOf(x.shape.slice(axis + 1));
  const outer = sizeOf(x.shape.slice(0, axis));
  const data = new Float64Array(outer * count * inner);
  for (let o = 0; o < outer; o++) {
    const start = (o * x.shape[axis] + from) * inner;
    data.set(x.data.subarray(start, start + count * inner), o * count * inner);
  }
  return { shape: x.shape.map((d, i) => (i === axis ? count : d)), data };
}

/** One index along an axis, which disappears. */
export function pick(x: Numbers, axis: number, index: number): Numbers {
  const part = take(x, axis, index, 1);
  return { shape: part.shape.filter((_, i) => i !== axis), data: part.data };
}

/** What a value's cotangent holds for one index of the leading axes. */
export function pickLead(x: Numbers, of: Shape, index: readonly number[], perExample = false): Numbers {
  const at = batchOf(of) + 1 + (perExample && batchOf(of) < 0 ? 1 : 0);
  return index.reduce((part, i) => pick(part, at, i), x);
}

/** The rows of one example of an array whose symbolic shape is `shape`; the array itself where it has none. */
export function exampleOf(x: Numbers, shape: Shape, e: number): Numbers {
  const axis = batchOf(shape);
  if (axis < 0) return x;
  const { batch } = shape[axis] as { batch: number };
  return take(x, axis, e * batch, batch);
}

/** Every index of an array of these dimensions. */
export function indices(dims: readonly number[]): number[][] {
  return dims.reduce<number[][]>(
    (all, d) => all.flatMap((index) => Array.from({ length: d }, (_, i) => [...index, i])),
    [[]],
  );
}

export const resultOf = (t: Tensor): Numbers => ({
  shape: t.shape,
  data: Float64Array.from(toFloat64(t)),
});

export const tensorOf = (x: Numbers): Tensor => ({ dtype: 'float64', shape: x.shape, data: x.data });

export const inner = (x: Float64Array, y: Float64Array): number => x.reduce((sum, v, i) => sum + v * y[i], 0);

export const largest = (x: Float64Array): number => x.reduce((top, v) => Math.max(top, Math.abs(v)), 0);

/** Largest difference, over the largest magnitude where that is above 1; infinite where lengths differ or anything is NaN. */
export function gap(got: Float64Array, want: Float64Array): number {
  if (got.length !== want.length) return Infinity;
  const scale = Math.max(1, largest(want));
  let worst = 0;
  got.forEach((g, i) => {
    const d = Math.abs(g - want[i]) / scale;
    worst = d <= worst ? worst : Number.isNaN(d) ? Infinity : d;
  });
  return worst;
}
