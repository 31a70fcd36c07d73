/**
 * @module fisher/apart
 *
 * Batches of one group each from visits whose groups come among each other, for sums by group (fisher/forms/diagonal/group-sums): visits of a
 * set wait until a few of it are there. Terms keep the places that they have in the order of the visits, so that what is foretold from them
 * does not depend on what waited. Memory: rows × sets of inputs.
 */
import { Waiting } from './example-groups.js';
import type { ExampleBatch } from './source.js';

/** Which visits no batch mixes. */
export interface Sets {
  /** How many sets there are. */
  readonly count: number;
  /** The set of a visit by the index of its example and its place in the order. */
  setOf(index: number, place: number): number;
  /** The group that a set counts for. */
  groupOf(set: number): number;
  /** Place of a visit among the terms; default: its place. */
  termOf?(place: number): number;
}

/** Bytes of inputs that may wait. */
const WAITING_BYTES = 2 ** 26;
/** Batches of a group, at least: the first is there after this part of the visits. */
const PARTS = 4;

/** Visits of a set that wait at most, of n visits in all whose inputs take so many bytes each. */
export function rowsWaiting(
  sets: number,
  { n, batch, bytes }: { readonly n: number; readonly batch: number; readonly bytes: number },
): number {
  const few = Math.ceil(n / (sets * PARTS));
  return Math.max(1, Math.min(batch, few, Math.floor(WAITING_BYTES / (sets * bytes))));
}

/** The visits of `batches`, the first of them at place `from`, in batches of one set and at most `rows`; all are out at the end. */
export function* apart(
  batches: Iterable<ExampleBatch>,
  from: number,
  rows: number,
  { count, setOf, groupOf, termOf = (place) => place }: Sets,
): Generator<ExampleBatch> {
  const waiting = Array.from({ length: count }, () => new Waiting(rows));
  let place = from;
  const batchOf = (set: number): ExampleBatch | null => {
    const given = waiting[set].release();
    return given && { ...given, group: groupOf(set) };
  };
  for (const given of batches) {
    const places = Uint32Array.from({ length: given.n }, (_, e) => termOf(place + e));
    const examples = { ...given, places };
    for (let e = 0; e < given.n; e++) {
      const set = setOf(given.indices[e], place++);
      const full = waiting[set].take(examples, e) ? batchOf(set) : null;
      if (full) yield full;
    }
  }
  for (let set = 0; set < count; set++) {
    const rest = batchOf(set);
    if (rest) yield rest;
  }
}
