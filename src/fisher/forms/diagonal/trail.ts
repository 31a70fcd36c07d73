/**
 * @module fisher/forms/diagonal/trail
 *
 * Trail of the terms of a total by their places in the order of the visits, from which the coverage of its interval is foretold
 * (stats/coverage-by-repeats). `first` keeps the first terms as they are. `blocks` goes on for any number in bounded memory: where there
 * are too many, neighbours become their mean, which leaves mean, standard error and skewness of the estimate as they are. The trail of a
 * part of the visits begins at its place with blocks of the size that all visits come to, so that parts merge to the trail of the whole.
 */

/** Terms that are kept, and twice as many before they are joined. */
const MOST = 1000;

/** Terms in a block where there are `total` in all. */
export function blockSize(total: number): number {
  let size = 1;
  while (total >= 2 * MOST * size) size *= 2;
  return size;
}

/** All that a trail keeps: places and terms of the first; index, number of terms and sum of each block. */
export interface TrailState {
  readonly places: number[];
  readonly first: number[];
  readonly index: number[];
  readonly counts: number[];
  readonly sums: number[];
}

export class Trail {
  /** Places of the terms that come next, where they do not go on from the last. */
  private coming: Iterator<number> | null = null;
  private state: TrailState = { places: [], first: [], index: [], counts: [], sums: [] };

  constructor(
    /** Place of the next term. */
    private place = 0,
    /** Terms in a block. */
    public size = 1,
  ) {}

  /** Goes on from a state. */
  static from(state: TrailState, size: number): Trail {
    return Object.assign(new Trail(0, size), { state });
  }

  /** The first terms. */
  get first(): readonly number[] {
    return this.state.first;
  }

  /** Means of the blocks that are full. */
  get blocks(): number[] {
    const { counts, sums } = this.state;
    return sums.flatMap((sum, i) => (counts[i] === this.size ? [sum / this.size] : []));
  }

  /** What it keeps, which stays its own. */
  get kept(): TrailState {
    return this.state;
  }

  /** The next terms are of these places. */
  expect(places: Uint32Array): void {
    this.coming = places.values();
  }

  push(term: number): void {
    const { places, first, index, counts, sums } = this.state;
    const place = (this.coming?.next().value as number | undefined) ?? this.place;
    this.place = Math.max(this.place, place + 1);
    if (place < MOST) {
      const at = positionOf(places, place);
      places.splice(at, 0, place);
      first.splice(at, 0, term);
    }
    const block = Math.floor(place / this.size);
    const at = positionOf(index, block);
    if (index[at] === block) {
      counts[at] += 1;
      sums[at] += term;
    } else {
      index.splice(at, 0, block);
      counts.splice(at, 0, 1);
      sums.splice(at, 0, term);
    }
    while (this.place >= 2 * MOST * this.size) this.join();
  }

  /** Adds the terms of other places; blocks are of one size. */
  merge(other: Trail): void {
    const [a, b] = [this.state, other.state];
    const first = byKey([...a.places, ...b.places], [...a.first, ...b.first]);
    const index = [...a.index, ...b.index];
    const counts = byKey(index, [...a.counts, ...b.counts]);
    const sums = byKey(index, [...a.sums, ...b.sums]);
    this.state = {
      places: first.keys,
      first: first.values,
      index: counts.keys,
      counts: counts.values,
      sums: sums.values,
    };
  }

  /** Neighbours become one block. */
  private join(): void {
    this.size *= 2;
    const { index, counts, sums } = this.state;
    const halves = index.map((i) => Math.floor(i / 2));
    const joined = { counts: byKey(halves, counts), sums: byKey(halves, sums) };
    this.state = {
      ...this.state,
      index: joined.counts.keys,
      counts: joined.counts.values,
      sums: joined.sums.values,
    };
  }
}

/** The first position whose key is at least `key`, of keys that ascend: mostly the last or behind it. */
export function positionOf(keys: readonly number[], key: number): number {
  let high = keys.length;
  if (high === 0 || keys[high - 1] < key) return high;
  if (keys[high - 1] === key) return high - 1;
  for (let low = 0; low < high;) {
    const middle = (low + high) >> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return high;
}

/** Sums of the values of each key, keys ascending. */
function byKey(keys: readonly number[], values: readonly number[]): { keys: number[]; values: number[] } {
  const sums = new Map<number, number>();
  keys.forEach((key, i) => sums.set(key, (sums.get(key) ?? 0) + values[i]));
  const sorted = [...sums].sort(([a], [b]) => a - b);
  return { keys: sorted.map(([key]) => key), values: sorted.map(([, value]) => value) };
}
