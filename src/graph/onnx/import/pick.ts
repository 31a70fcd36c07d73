/**
 * @module graph/onnx/import/pick
 *
 * Elements at known positions along one axis: each element several times becomes an Expand, a few
 * regular runs slices that are joined, anything else a Gather by a constant.
 */
import { tensor } from '../../../core/tensor.js';
import * as b from '../../build.js';
import { constant, type Value } from '../../value.js';

/** Most runs that are sliced. */
const MOST_RUNS = 8;

/** Positions start, start + step, …, count of them. */
export interface Run {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** The elements of x at `indices` along `axis`, in their order. */
export function pick(x: Value, axis: number, indices: readonly number[]): Value {
  const runs: { start: number; step: number; count: number }[] = [];
  for (const i of indices) {
    const last = runs[runs.length - 1];
    const step = last && (last.count === 1 ? i - last.start : last.step);
    if (last && step > 0 && i === last.start + last.count * step) {
      last.step = step;
      last.count++;
    } else runs.push({ start: i, step: 1, count: 1 });
  }
  const every = repetition(indices, x.shape[axis] as number);
  if (every > 1) return repeated(x, axis, every);
  if (runs.length === 0) return b.slice(x, axis, 0, 0);
  if (runs.length > MOST_RUNS) return b.gather(x, constant(tensor('int64', [indices.length], indices)), axis);
  return b.concat(
    runs.map((run) => sliceOf(x, axis, run)),
    axis,
  );
}

/** The elements of one run. */
export function sliceOf(x: Value, axis: number, { start, step, count }: Run): Value {
  return count === 0 ? b.slice(x, axis, 0, 0) : b.slice(x, axis, start, start + (count - 1) * step + 1, step);
}

/** How often every element comes after the other; 0 where they come in another order. */
function repetition(indices: readonly number[], length: number): number {
  const every = indices.length / length;
  return Number.isInteger(every) && indices.every((i, o) => i === Math.floor(o / every)) ? every : 0;
}

/** Each element of an axis that many times. */
function repeated(x: Value, axis: number, every: number): Value {
  const [before, behind] = [x.shape.slice(0, axis + 1), x.shape.slice(axis + 1)];
  const apart = b.expand(b.reshape(x, [...before, 1, ...behind]), [...before, every, ...behind]);
  return b.reshape(apart, [...x.shape.slice(0, axis), (x.shape[axis] as number) * every, ...behind]);
}
