/**
 * @module rl/train/returns
 *
 * The returns of the last episodes of training: what "the return" of a run means while it learns.
 */

/** Mean of returns with its standard error s/√n (null under 2), and how many. */
export interface ReturnFigure {
  /** Mean; null without episodes. */
  readonly mean: number | null;
  /** s/√n. */
  readonly standardError: number | null;
  /** n. */
  readonly episodes: number;
}

export function returnFigure(returns: ArrayLike<number>): ReturnFigure {
  const n = returns.length;
  if (n === 0) return { mean: null, standardError: null, episodes: 0 };
  let mean = 0;
  for (let i = 0; i < n; i++) mean += returns[i];
  mean /= n;
  if (n === 1) return { mean, standardError: null, episodes: 1 };
  let m2 = 0;
  for (let i = 0; i < n; i++) m2 += (returns[i] - mean) ** 2;
  return { mean, standardError: Math.sqrt(m2 / (n - 1) / n), episodes: n };
}

/** Episodes that count. */
const LAST = 100;

/** Returns and lengths of the last hundred episodes. */
export class RecentReturns {
  private returns: number[] = [];
  private lengths: number[] = [];
  /** Episodes ended since the start. */
  episodes = 0;

  /** Takes an episode that ended. */
  add(episode: { readonly return: number; readonly length: number }): void {
    this.episodes++;
    this.returns.push(episode.return);
    this.lengths.push(episode.length);
    if (this.returns.length <= LAST) return;
    this.returns.shift();
    this.lengths.shift();
  }

  /** Mean return of those held, with its standard error. */
  get figure(): ReturnFigure {
    return returnFigure(this.returns);
  }

  /** Mean length of the same episodes; NaN before one ended. */
  get meanLength(): number {
    return this.lengths.reduce((sum, l) => sum + l, 0) / this.lengths.length;
  }

  /** Arrays that `load` takes. */
  save(): Record<string, Float64Array> {
    return {
      returns: Float64Array.from(this.returns),
      lengths: Float64Array.from(this.lengths),
      episodes: Float64Array.of(this.episodes),
    };
  }

  /** Goes on from what `save` gave. */
  load(state: Readonly<Record<string, Float64Array>>): void {
    this.returns = [...state.returns];
    this.lengths = [...state.lengths];
    [this.episodes] = state.episodes;
  }
}
