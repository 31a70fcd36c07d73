/**
 * @module rl/algorithms/schedule
 *
 * Schedule of a rate over a run: constant, or linearly to 0 at its end.
 */
export type Schedule = 'constant' | 'linear';

/** The rate when a share `progress` of the run is done. */
export function scheduled(rate: number, schedule: Schedule, progress: number): number {
  return schedule === 'linear' ? rate * (1 - progress) : rate;
}
