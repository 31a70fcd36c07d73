/**
 * @module fisher/forms/diagonal/trail
 *
 * Trail of the terms of a total, in the order of the visits, from which the coverage of its interval is foretold (stats/coverage-by-repeats).
 * `first` keeps the first terms as they are. `blocks` goes on for any number in bounded memory: where there are too many, neighbours
 * become their mean, which leaves mean, standard error and skewness of the estimate as they are.
 */

/** Terms that are kept, and twice as many before they are joined. */
const MOST = 1000;

export class Trail {
  /** The first terms. */
  readonly first: number[] = [];
  /** All of them, in blocks of `size`. */
  readonly blocks: number[] = [];
  /** Terms in a block. */
  size = 1;
  private open = 0;
  private sum = 0;

  push(term: number): void {
    const { first, blocks } = this;
    if (first.length < MOST) first.push(term);
    this.sum += term;
    if (++this.open < this.size) return;
    blocks.push(this.sum / this.size);
    [this.open, this.sum] = [0, 0];
    if (blocks.length < 2 * MOST) return;
    for (let i = 0; i < MOST; i++) blocks[i] = (blocks[2 * i] + blocks[2 * i + 1]) / 2;
    blocks.length = MOST;
    this.size *= 2;
  }
}
