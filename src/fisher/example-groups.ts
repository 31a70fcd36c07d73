/**
 * @module fisher/example-groups
 *
 * Groups of examples whose sums are kept apart, for a jackknife over the examples: the group of an example is a keyed draw on its
 * index, ⌊G·u(seed, index)⌋, and depends on nothing else, so that a shard, a batch or an order moves no example. Each batch that comes
 * out holds examples of one group; examples wait until there are enough of theirs. Memory: G batches of inputs.
 */
import { FimError } from '../core/errors.js';
import { UniformStream } from '../core/random.js';
import { allocate, type FloatType, type Tensor, type TypedArray } from '../core/tensor.js';
import type { ExampleBatch, ExampleSource } from './source.js';

/** Groups of a delete-a-group jackknife where nothing is said. */
export const DEFAULT_GROUPS = 20;

/** How many groups, and the seed of their draw. */
export interface ExampleGroups {
  /** G. */
  readonly count: number;
  /** Of the draw. */
  readonly seed: number;
  /** The group of an example by its index, in place of a draw. */
  readonly of?: (index: number) => number;
}

/** Throws `fisher/groups` for a number of groups that is none. */
export function requireGroups(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= 65536) return;
  throw new FimError({
    code: 'fisher/groups',
    kind: 'usage',
    where: 'groups of examples',
    rule: 'a whole number from 1 to 65536',
    got: String(count),
    next: `groups: ${DEFAULT_GROUPS}`,
  });
}

/**
 * The group of an example by its index in the data set, 0 … count − 1.
 * @throws FimError with `random/index`, `random/seed`
 */
export function groupOf({ count, seed, of }: ExampleGroups): (index: number) => number {
  if (of) return of;
  const stream = new UniformStream(seed, 'groups of examples');
  return (index) => (count === 1 ? 0 : Math.floor(count * stream.at(index, 0, 0, 0)));
}

/** Examples of one group that wait for their batch. */
export class Waiting {
  private n = 0;
  private placed = false;
  private readonly indices: Uint32Array;
  private readonly occurrence: Uint32Array;
  private readonly places: Uint32Array;
  private inputs: Map<string, Tensor> | null = null;

  constructor(private readonly size: number) {
    this.indices = new Uint32Array(size);
    this.occurrence = new Uint32Array(size);
    this.places = new Uint32Array(size);
  }

  /** Whether any waits. */
  get any(): boolean {
    return this.n > 0;
  }

  /** Takes row `row` of a batch, which is of its place where `places` say so. Returns whether the next batch is full. */
  take(examples: ExampleBatch, row: number): boolean {
    this.inputs ??= new Map([...examples.inputs].map(([name, t]) => [name, this.spaceFor(t, examples.n)]));
    for (const [name, t] of examples.inputs) {
      const width = t.data.length / examples.n;
      const own = (this.inputs.get(name) as Tensor).data as Float64Array;
      own.set((t.data as Float64Array).subarray(row * width, (row + 1) * width), this.n * width);
    }
    this.indices[this.n] = examples.indices[row];
    this.occurrence[this.n] = examples.occurrence[row];
    if (examples.places) this.places[this.n] = examples.places[row];
    this.placed = examples.places !== undefined;
    this.n += 1;
    return this.n === this.size;
  }

  /** What waits, as a batch that is valid until the next `take`; null where nothing does. */
  release(): ExampleBatch | null {
    const { n, indices, occurrence, places, placed, inputs } = this;
    if (n === 0 || inputs === null) return null;
    this.n = 0;
    const rows = ({ dtype, shape, data }: Tensor): Tensor => {
      const width = data.length / this.size;
      const own = (data as Float64Array).subarray(0, n * width) as TypedArray;
      return { dtype, shape: [n, ...shape.slice(1)], data: own };
    };
    return {
      n,
      indices: indices.subarray(0, n),
      occurrence: occurrence.subarray(0, n),
      ...(placed ? { places: places.subarray(0, n) } : {}),
      inputs: new Map([...inputs].map(([name, t]) => [name, rows(t)])),
    };
  }

  /** Space for as many rows as a batch has. */
  private spaceFor({ dtype, shape, data }: Tensor, n: number): Tensor {
    return {
      dtype,
      shape: [this.size, ...shape.slice(1)],
      data: allocate(dtype, (data.length / n) * this.size),
    };
  }
}

function sameGroup({ indices, n }: ExampleBatch, of: (index: number) => number, group: number): boolean {
  for (let row = 0; row < n; row++) if (of(indices[row]) !== group) return false;
  return true;
}

/** A batch of one group. */
export interface GroupedBatch {
  readonly examples: ExampleBatch;
  readonly group: number;
}

/**
 * The batches of a source, each of one group; as they are, in group 0, where there are none. null: all that came before is to be added before
 * the next is asked for.
 */
export function* inGroups(
  source: ExampleSource,
  batch: number,
  dtype: FloatType,
  groups?: ExampleGroups,
): Generator<GroupedBatch | null> {
  if (!groups || groups.count === 1) {
    for (const examples of source(batch, dtype)) {
      yield { examples, group: 0 };
      if (examples.decides) yield null;
    }
    return;
  }
  const of = groupOf(groups);
  const waiting = Array.from({ length: groups.count }, () => new Waiting(batch));
  for (const examples of source(batch, dtype)) {
    const whole = of(examples.indices[0]);
    if (!waiting[whole].any && sameGroup(examples, of, whole)) {
      // Nothing to keep apart: what a stage brings is not held back for the next.
      yield { examples, group: whole };
      if (examples.decides) yield null;
      continue;
    }
    for (let row = 0; row < examples.n; row++) {
      const group = of(examples.indices[row]);
      if (!waiting[group].take(examples, row)) continue;
      const full = waiting[group].release();
      if (full) yield { examples: full, group };
    }
    if (examples.decides) yield null;
  }
  for (const [group, w] of waiting.entries()) {
    const rest = w.release();
    if (rest) yield { examples: rest, group };
  }
}
