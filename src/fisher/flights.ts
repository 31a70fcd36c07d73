/**
 * @module fisher/flights
 *
 * Batches under way: each goes to a free lane, and lands in the order of the batches, whichever is ready first. With one lane a batch
 * has landed before the next is asked for.
 */
import { copyInto, type Tensor, type TypedArray } from '../core/tensor.js';
import type { GroupedBatch } from './example-groups.js';
import type { ExampleBatch } from './source.js';

/** How batches are run and taken. */
export interface Course<R> {
  readonly lanes: number;
  readonly signal?: AbortSignal | undefined;
  /** Where a lane takes the data of n examples; null: nowhere in particular. */
  place(name: string, n: number, lane: number): TypedArray | null;
  /** Runs a batch in a lane. */
  start(batch: GroupedBatch, lane: number): Promise<R>;
  /** Takes what a batch gave. Returns whether the run stops there. */
  land(examples: ExampleBatch, given: R): Promise<boolean>;
}

/** A batch under way. */
interface Flight<R> {
  readonly lane: number;
  readonly examples: ExampleBatch;
  readonly given: Promise<R>;
}

/** A copy of the examples, which a source writes over with the next, where `place` says. */
function kept(examples: ExampleBatch, place: (name: string) => TypedArray | null): ExampleBatch {
  const copy = (name: string, { data, ...t }: Tensor): Tensor => {
    const there = place(name);
    if (there?.length !== data.length || there.constructor !== data.constructor)
      return { ...t, data: data.slice() };
    copyInto(there, data);
    return { ...t, data: there };
  };
  return {
    ...examples,
    indices: Uint32Array.from(examples.indices),
    occurrence: Uint32Array.from(examples.occurrence),
    ...(examples.places ? { places: examples.places.slice() } : {}),
    inputs: new Map([...examples.inputs].map(([name, t]) => [name, copy(name, t)])),
  };
}

/** Runs all batches; null among them: all before it land before the next is asked for. Returns whether it was stopped. */
export async function fly<R>(batches: Iterable<GroupedBatch | null>, course: Course<R>): Promise<boolean> {
  const { lanes, signal } = course;
  const free = Array.from({ length: lanes }, (_, lane) => lane);
  const flying: Flight<R>[] = [];

  const start = ({ examples: given, group }: GroupedBatch): void => {
    const lane = free.pop() as number;
    const examples = lanes === 1 ? given : kept(given, (name) => course.place(name, given.n, lane));
    const flight = { lane, examples, given: course.start({ examples, group }, lane) };
    // Those behind one that failed fail unheard.
    flight.given.catch(() => undefined);
    flying.push(flight);
  };
  const landUntil = async (most: number): Promise<boolean> => {
    while (flying.length > most) {
      const [{ lane, examples, given }] = flying;
      if (await course.land(examples, await given)) return true;
      flying.shift();
      free.push(lane);
    }
    return false;
  };

  for (const batch of batches) {
    const aborted = signal?.aborted === true;
    if (!aborted && batch !== null) start(batch);
    if (await landUntil(aborted || batch === null ? 0 : lanes - 1)) return true;
    if (aborted) return true;
  }
  return landUntil(0);
}
