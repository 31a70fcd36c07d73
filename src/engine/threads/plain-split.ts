/**
 * @module engine/threads/plain-split
 *
 * A cut graph as plain data for another thread, and back: one list of values, with the names of each part.
 */
import { type PlainValues, plainValues, valuesOf } from '../../graph/plain.js';
import type { Value } from '../../graph/value.js';
import { pairsOf, type SplitGraph } from '../split.js';

type Names = readonly string[];

/** A cut graph with values as plain data, in the order of its names. */
export interface PlainSplit {
  readonly inputs: Names;
  readonly weights: Names;
  readonly front: Names;
  readonly halves: readonly { readonly name: string; readonly late: Names; readonly outputs: Names }[];
  readonly values: PlainValues;
}

type Pair = readonly [string, Value];

const namesOf = (pairs: readonly Pair[]): Names => pairs.map(([name]) => name);

/** For another thread. */
export function plainSplit({ inputs, weights, front, halves }: SplitGraph): PlainSplit {
  const values: Value[] = [];
  const put = (pairs: readonly Pair[]): Names => {
    values.push(...pairs.map(([, v]) => v));
    return namesOf(pairs);
  };
  const named = {
    inputs: put([...inputs]),
    weights: put([...weights]),
    front: put(Object.entries(front)),
    halves: Object.entries(halves).map(([name, { late, outputs }]) => ({
      name,
      late: put(Object.entries(late)),
      outputs: put(pairsOf(outputs)),
    })),
  };
  return { ...named, values: plainValues(values) };
}

/** The graph again. */
export function splitOf({ inputs, weights, front, halves, values }: PlainSplit): SplitGraph {
  const all = valuesOf(values);
  let next = 0;
  const take = (names: Names): Pair[] => names.map((name) => [name, all[next++]]);
  return {
    inputs: new Map(take(inputs)),
    weights: take(weights),
    front: Object.fromEntries(take(front)),
    halves: Object.fromEntries(
      halves.map(({ name, late, outputs }) => [
        name,
        { late: Object.fromEntries(take(late)), outputs: new Map(take(outputs)) },
      ]),
    ),
  };
}
