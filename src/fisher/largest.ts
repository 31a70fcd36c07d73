/**
 * @module fisher/largest
 *
 * The largest entries of a diagonal, each with the error that covers it (stats/peaks).
 */
import { coveringInterval } from '../stats/peaks.js';
import type { LargeEntry, TensorEstimate } from './estimate.js';

/**
 * The `count` largest entries of all tensors, the largest first; of equal ones the first. O(P log count) comparisons, and at most `count`
 * moves for each entry that enters.
 */
export function largestEntries(
  tensors: readonly Pick<TensorEstimate, 'name' | 'shape' | 'fisher' | 'standardError'>[],
  count: number,
): LargeEntry[] {
  const best: { t: number; i: number; value: number }[] = [];
  tensors.forEach(({ fisher }, t) => {
    for (let i = 0; i < fisher.length; i++) {
      const value = fisher[i];
      if (best.length === count && !(value > best[count - 1].value)) continue;
      let [low, high] = [0, best.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (best[middle].value >= value) low = middle + 1;
        else high = middle;
      }
      best.splice(low, 0, { t, i, value });
      if (best.length > count) best.pop();
    }
  });
  return best.map(({ t, i, value }) => {
    const { name, shape, standardError: errors } = tensors[t];
    const standardError = errors ? errors[i] : null;
    return {
      name,
      index: placeOf(i, shape),
      value,
      standardError,
      interval: standardError === null ? null : coveringInterval(value, standardError),
    };
  });
}

/** Row-major place i as an index of each axis. */
function placeOf(i: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let rest = i, axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return index;
}
