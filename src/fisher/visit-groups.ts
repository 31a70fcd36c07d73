/**
 * @module fisher/visit-groups
 *
 * Groups of weighted visits for a jackknife (matrix/visited-groups has what is computed with them). Where the data are all there is, groups of
 * drawn visits in their order, of equal size ± 1; what is taken once is in every replicate. Where they are a sample of a distribution, groups
 * of inputs, a draw on the index of each, ⌊G·u(seed, index)⌋: all visits to an input are in one group, so that the groups tell how inputs differ.
 */
import { UniformStream } from '../core/random.js';
import type { Sets } from './apart.js';
import type { Population } from './estimate.js';
import type { VisitDesign } from './visits.js';

/** Fewest groups that tell an error (stats/jackknife). */
const FEWEST = 8;

/** Groups of at most `most` for a list of visits: of visits at least two drawn ones in each, where that leaves enough of them. */
export function visitGroupCount(
  most: number,
  indices: Uint32Array,
  { taken }: VisitDesign,
  population: Population,
): number {
  if (population === 'distribution') return most;
  const drawn = indices.reduce((sum, x) => sum + (taken[x] ? 0 : 1), 0);
  return Math.min(most, Math.max(FEWEST, drawn >> 1));
}

/** What is known of groups of inputs beside the sums over their visits. */
export interface InputGroups {
  /** Inputs of each group that could be visited [G]. */
  readonly inputs: Float64Array;
  /** Σπ over the inputs of each that may be drawn [G]. */
  readonly share: Float64Array;
}

/** How many groups, and the seed of their draw. */
export interface VisitGrouping {
  readonly count: number;
  readonly seed: number;
}

/**
 * The group of an input by its index.
 * @throws FimError with `random/index`, `random/seed`
 */
export function inputGroupOf({ count, seed }: VisitGrouping): (index: number) => number {
  const draw = new UniformStream(seed, 'groups of inputs');
  return (index) => Math.floor(count * draw.at(index, 0, 0, 0));
}

/** Inputs and shares of the groups of a design. */
export function inputGroups(
  { population: N, weights, taken }: VisitDesign,
  grouping: VisitGrouping,
): InputGroups {
  const of = inputGroupOf(grouping);
  const inputs = new Float64Array(grouping.count);
  const share = new Float64Array(grouping.count);
  weights.forEach((u, x) => {
    if (u === 0) return;
    const g = of(x);
    inputs[g] += 1;
    if (!taken[x]) share[g] += 1 / (N * u);
  });
  return { inputs, share };
}

/** The visits of a stage, by the places that it begins and ends at. */
export interface VisitStage {
  readonly indices: Uint32Array;
  readonly from: number;
  readonly to: number;
}

/** Sets of the visits of a stage: the drawn of each group, and the taken apart. */
export function visitSets(
  { indices, from, to }: VisitStage,
  { taken }: VisitDesign,
  grouping: VisitGrouping,
  population: Population,
): Sets {
  const { count } = grouping;
  // Drawn visits before each place.
  const before = new Uint32Array(to + 1);
  for (let place = 0; place < to; place++)
    before[place + 1] = before[place] + (taken[indices[place]] ? 0 : 1);
  const termOf = (place: number): number => before[place];
  const groupOf = (set: number): number => set % count;
  if (population === 'distribution') {
    const own = inputGroupOf(grouping);
    return {
      count: 2 * count,
      setOf: (index) => own(index) + (taken[index] ? count : 0),
      groupOf,
      termOf,
    };
  }
  const drawn = before[to] - before[from];
  return {
    count: count + 1,
    setOf: (index, place) =>
      taken[index] ? count : Math.floor(((before[place] - before[from]) * count) / drawn),
    groupOf,
    termOf,
  };
}
