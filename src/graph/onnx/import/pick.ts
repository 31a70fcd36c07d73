/**
 * @module graph/onnx/import/pick
 *
 * Elements at known positions along one axis: a few regular runs become slices that are joined, anything else a Gather by a constant.
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
