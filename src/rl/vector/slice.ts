/**
 * @module rl/vector/slice
 *
 * Steps a run of environments, rows `first`… of given buffers. The caller's thread uses one slice, every worker another; there is
 * no second loop. No allocation after construction.
 */
import type { Environment, Snapshot } from '../environment.js';
import { lengthOf } from '../spaces.js';
import type { Rows } from './types.js';

export class Slice {
  private readonly size: number;

  constructor(
    readonly environments: readonly Environment[],
    private readonly rows: Rows,
    private readonly first: number,
  ) {
    this.size = lengthOf(environments[0].observationSpace);
    for (const env of environments) env.companions = rows.rewards.length;
  }

  reset(seed: number | undefined): void {
    const { environments, rows, first, size } = this;
    environments.forEach((env, i) => {
      const index = first + i;
      env.resetInto(rows.observations, index * size, seed === undefined ? { index } : { seed, index });
    });
    const end = first + environments.length;
    rows.rewards.fill(0, first, end);
    rows.terminated.fill(0, first, end);
    rows.truncated.fill(0, first, end);
  }

  /** `actions` are those of all rows, not of this slice alone. */
  step(actions: ArrayLike<number>): void {
    const { environments, rows, first, size } = this;
    for (let i = 0, row = first; i < environments.length; i++, row++) {
      const env = environments[i];
      const outcome = env.advanceRow(actions, row);
      const truncated = env.truncated;
      rows.rewards[row] = outcome.reward;
      rows.terminated[row] = outcome.terminated ? 1 : 0;
      rows.truncated[row] = truncated ? 1 : 0;
      if (outcome.terminated || truncated) {
        env.observeInto(rows.finalObservations, row * size);
        env.resetInto(rows.observations, row * size);
      } else env.observeInto(rows.observations, row * size);
    }
  }

  snapshots(): Snapshot[] {
    return this.environments.map((env) => env.snapshot());
  }

  restore(snapshots: readonly Snapshot[]): void {
    this.environments.forEach((env, i) => env.restore(snapshots[i]));
  }

  close(): void {
    for (const env of this.environments) env.close();
  }
}
