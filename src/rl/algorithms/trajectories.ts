/**
 * @module rl/algorithms/trajectories
 *
 * Assigns the rows of a segment to trajectories: one environment, from a start to an end or to the segment's edge. Errors of
 * advantages go together within one.
 */
import type { Segment } from '../rollout/collector.js';

/** A number for each trajectory, [T·n]. */
export function trajectoriesOf(
  { T, n, terminated, truncated }: Segment,
  out: Int32Array = new Int32Array(T * n),
): Int32Array {
  let next = 0;
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < T; t++) {
      const at = t * n + i;
      out[at] = next;
      if (terminated[at] || truncated[at]) next++;
    }
    next++;
  }
  return out;
}
