/**
 * @module rl/rollout/episodes
 *
 * Returns and lengths of episodes as they end, in raw rewards, across segments.
 */

/** An episode that ended. */
export interface Episode {
  /** Index of the environment among those stepped together. */
  readonly environment: number;
  /** Undiscounted sum of raw rewards. */
  readonly return: number;
  /** Steps. */
  readonly length: number;
  /** Whether it was only cut. */
  readonly truncated: boolean;
}

export class EpisodeBook {
  private readonly sums: Float64Array;
  private readonly lengths: Float64Array;

  constructor(readonly n: number) {
    this.sums = new Float64Array(n);
    this.lengths = new Float64Array(n);
  }

  /** One step of every environment; episodes that end are pushed to `ended`. */
  step(rewards: ArrayLike<number>, terminated: Uint8Array, truncated: Uint8Array, ended: Episode[]): void {
    for (let i = 0; i < this.n; i++) {
      this.sums[i] += rewards[i];
      this.lengths[i]++;
      if (!terminated[i] && !truncated[i]) continue;
      ended.push({
        environment: i,
        return: this.sums[i],
        length: this.lengths[i],
        truncated: terminated[i] === 0,
      });
      this.sums[i] = 0;
      this.lengths[i] = 0;
    }
  }

  save(): { sums: Float64Array; lengths: Float64Array } {
    return { sums: this.sums.slice(), lengths: this.lengths.slice() };
  }

  load(state: Readonly<Record<string, Float64Array>>): void {
    this.sums.set(state.sums);
    this.lengths.set(state.lengths);
  }
}
