/**
 * @module fisher/lanes
 *
 * Lanes of a run over the examples: sets of the same programs, on which batches go beside each other. One, in the caller's thread, where the
 * engine has no threads; with T threads some more than T, so that a thread has its next batch while the host is at an earlier one, as
 * far as the memory of the job holds them.
 */
import type { Engine } from '../engine/types.js';
import type { Network } from '../model/network.js';
import { type BackwardGraph, Passes } from './passes.js';

/** Lanes beyond one for each thread: batches that wait (docs/speed.md, two threads). */
const SPARE = 2;

const asked = ({ crew }: Engine): number => (crew ? crew.count + SPARE : 1);

/** How many lanes there are where a batch takes at most such a share of the memory. */
export function lanesOf(engine: Engine, share: number): number {
  return Math.max(1, Math.min(asked(engine), Math.floor(1 / share)));
}

/** What is said where threads were asked for and memory holds one lane. */
export function lanesNotes(engine: Engine, lanes: number): string[] {
  return lanes > 1 || asked(engine) === 1
    ? []
    : ['one batch at a time, in spite of several threads: two exceed the memory that passes may hold'];
}

/** The same programs in each lane. */
export async function passesOf(
  { engine, network }: { readonly engine: Engine; readonly network: Network },
  graphs: Readonly<Record<string, BackwardGraph>>,
  batch: number,
  lanes: number,
): Promise<readonly Passes[]> {
  const { crew } = engine;
  if (!crew || lanes === 1) return [await Passes.compile(engine, network, graphs, batch)];
  return Promise.all(
    Array.from({ length: lanes }, (_, i) => Passes.beside(crew, i % crew.count, network, graphs, batch)),
  );
}

/** The same estimate with what is said of how it ran. */
export const withNotes = <E extends { readonly notes: readonly string[] }>(
  made: E,
  notes: readonly string[],
): E => (notes.length === 0 ? made : { ...made, notes: [...made.notes, ...notes] });
