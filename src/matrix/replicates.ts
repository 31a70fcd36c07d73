/**
 * @module matrix/replicates
 *
 * Replicates of a Fisher that a jackknife evaluates a figure on: the matrices without a group of examples each, those of halves of the groups, and
 * where draws are told apart those in which a group, or all, has its first draws alone, or the others.
 */
import { type JackknifeDesign, jackknifeSets, type JackknifeValues, tellsErrors } from '../stats/index.js';
import type { BlockMatrix } from './block-matrix.js';

/** Something of every replicate, in the order of the groups that have examples. */
export interface Replicates<T> {
  readonly without: readonly T[];
  readonly halves: readonly T[];
  /** Null: draws are not told apart, or need not be. */
  readonly draws: DrawReplicates<T> | null;
}

interface DrawReplicates<T> {
  /** Part of the draws that are the first. */
  readonly share: number;
  readonly first: readonly T[];
  readonly second: readonly T[];
  readonly all: readonly [first: T, second: T];
}

/** Draws that are told apart. */
export interface ToldDraws {
  /** Part of them that are the first. */
  readonly share: number;
  /** The matrix where some groups have their first draws alone, or the others. */
  changed(groups: readonly number[], part: 'first' | 'second'): BlockMatrix;
}

/** How a matrix of all examples came about. */
export interface Replicated extends Pick<JackknifeDesign, 'counts' | 'left'> {
  /** The matrix of the examples of some groups. */
  of(groups: readonly number[]): BlockMatrix;
  /** Of random labels or signs. */
  readonly draws?: ToldDraws | null | undefined;
}

/** The matrices, each made when it is asked for; none where the groups do not tell errors or none are left. */
export function replicatesOf({ counts, left, of, draws = null }: Replicated): Replicates<() => BlockMatrix> {
  if (!tellsErrors(counts)) return { without: [], halves: [], draws: null };
  const sets = left > 0 ? jackknifeSets(counts) : { without: [], halves: [] };
  const ofSet = (set: readonly number[]) => (): BlockMatrix => of(set);
  const shared = { without: sets.without.map(ofSet), halves: sets.halves.map(ofSet) };
  if (!draws || left === 1) return { ...shared, draws: null };
  const groups = Array.from(counts, (_, g) => g).filter((g) => counts[g] > 0);
  const changed = (part: 'first' | 'second') => (set: readonly number[]) => (): BlockMatrix =>
    draws.changed(set, part);
  const one = groups.map((g) => [g]);
  const [first, second] = [changed('first'), changed('second')];
  return {
    ...shared,
    draws: {
      share: draws.share,
      ...{ first: one.map(first), second: one.map(second), all: [first(groups), second(groups)] },
    },
  };
}

/** How many there are. */
export const replicateCount = ({ without, halves, draws }: Replicates<unknown>): number =>
  without.length + halves.length + (draws ? 2 * draws.first.length + 2 : 0);

/** Something else of every one. */
export function mapReplicates<T, U>(
  { without, halves, draws }: Replicates<T>,
  of: (one: T) => U,
): Replicates<U> {
  return {
    without: without.map(of),
    halves: halves.map(of),
    draws: draws && {
      share: draws.share,
      ...{ first: draws.first.map(of), second: draws.second.map(of) },
      all: [of(draws.all[0]), of(draws.all[1])],
    },
  };
}

/** Each evaluated, one after another; null where `evaluate` ended before the last. */
export async function evaluateReplicates<T, U>(
  of: Replicates<T>,
  evaluate: (one: T) => Promise<U | null>,
): Promise<Replicates<U> | null> {
  const found = new Map<T, U>();
  const { without, halves, draws } = of;
  const drawn = draws ? [...draws.first, ...draws.second, ...draws.all] : [];
  for (const one of [...without, ...halves, ...drawn]) {
    const value = await evaluate(one);
    if (value === null) return null;
    found.set(one, value);
  }
  return mapReplicates(of, (one) => found.get(one) as U);
}

/** What the jackknife takes of a figure. */
export const valuesOf = (whole: number, numbers: Replicates<number>): JackknifeValues => ({
  whole,
  ...numbers,
});
