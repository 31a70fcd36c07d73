/**
 * @module rl/rollout/advantages
 *
 * Generalised advantage estimates over a segment of T steps of n environments, time first:
 *
 *   δ_t = r_t + γ V′_t − V_t,   A_t = δ_t + γλ (1 − end_t) A_{t+1},   R_t = A_t + V_t
 *   V′_t = 0 where t terminated, the value of the final observation where it truncated, else V_{t+1}
 *
 * J. Schulman et al., ICLR 2016, eq. 16; on time limits F. Pardo et al., ICML 2018. O(Tn).
 */
import type { FloatArray } from '../../core/tensor.js';

/** Rewards, values and ends of T steps of n environments, time first. */
export interface SegmentValues {
  /** Steps. */
  readonly T: number;
  /** Environments. */
  readonly n: number;
  /** [T, n] */
  readonly rewards: FloatArray;
  /** Values of the observations acted on [T, n]. */
  readonly values: FloatArray;
  /** Values of final observations [T, n], read where truncated and not terminated. */
  readonly finalValues: FloatArray;
  /** 1 where the episode ended by itself [T, n]. */
  readonly terminated: Uint8Array;
  /** 1 where the episode was cut [T, n]. */
  readonly truncated: Uint8Array;
  /** Values of the observations after the segment [n]. */
  readonly lastValues: FloatArray;
}

/** Writes A and R, [T, n] each. */
export function generalisedAdvantages(
  segment: SegmentValues,
  discount: number,
  lambda: number,
  advantages: FloatArray,
  returns: FloatArray,
): void {
  const { T, n, rewards, values, finalValues, terminated, truncated, lastValues } = segment;
  for (let i = 0; i < n; i++) {
    let ahead = 0;
    for (let t = T - 1, at = (T - 1) * n + i; t >= 0; t--, at -= n) {
      let next = t === T - 1 ? lastValues[i] : values[at + n];
      if (terminated[at]) next = 0;
      else if (truncated[at]) next = finalValues[at];
      const delta = rewards[at] + discount * next - values[at];
      ahead = delta + (terminated[at] || truncated[at] ? 0 : discount * lambda * ahead);
      advantages[at] = ahead;
      returns[at] = ahead + values[at];
    }
  }
}
