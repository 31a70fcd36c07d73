/**
 * @module jobs/grouped
 *
 * Groups of the examples of uniform visits in the order of the seed: G stretches of the n visits, which end at the whole number nearest to
 * gn/G, or the multiple of 256 where each has as many. They are random, of equal size ± 1 or ± 256, and no example is moved. In the order of the file neighbours may be
 * alike, and there are none.
 */
import { batches } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import { type Visits, visits } from '../data/order.js';
import { DEFAULT_GROUPS, type ExampleSource } from '../fisher/index.js';
import type { EstimateRequest, Weighed } from './request.js';

/** Groups of at least so many examples end at multiples of it, so that their batches are those of the whole. */
const UNIT = 256;

/** Some of the visits of an estimate by their places. */
export interface Stretch {
  /** The visits of the whole estimate. */
  readonly list: Visits;
  /** Places from…to. */
  readonly from: number;
  readonly to: number;
  /** G; 0: none are told apart. */
  readonly groups: number;
  /** Places where stages of the visits end, each cut into groups of its own; default: the end of the list alone. */
  readonly stages?: readonly number[] | undefined;
}

/** Parameters above which no groups are kept, numbers above which there are fewer, and the fewest that tell an error. */
const MOST_PARAMETERS = 2e6;
const MANY_NUMBERS = 1e7;
const FEWEST_GROUPS = 8;
/** Share of a bound of memory that they may take. */
const SHARE = 0.25;

/** G for P parameters of which so many numbers are kept, within a bound of memory in bytes; 0: none. */
export function groupsFor(parameters: number, memory?: number, numbers = parameters): number {
  if (parameters > MOST_PARAMETERS) return 0;
  const held = Math.min(MANY_NUMBERS, memory === undefined ? Infinity : (SHARE * memory) / 8);
  const groups = Math.max(FEWEST_GROUPS, Math.min(DEFAULT_GROUPS, Math.floor(held / numbers)));
  const bytes = 8 * (groups + 1) * numbers;
  return memory !== undefined && bytes > SHARE * memory ? 0 : groups;
}

/** G of a request. */
export const groupsKept = ({ groupSums = 0, order = 'seed' }: EstimateRequest): number =>
  order === 'seed' ? groupSums : 0;

/** The visits that a request makes uniformly. */
export const uniformList = (
  { dataset, weighing: { among } }: Weighed,
  { order, seed }: Pick<EstimateRequest, 'order' | 'seed'>,
  examples: number,
): Visits => visits(dataset.n, { order, seed, examples, among });

/** All of them, by group. */
export function groupedSource(subject: Weighed, request: EstimateRequest, examples: number): ExampleSource {
  const list = uniformList(subject, request, examples);
  return stretchOf(subject.dataset, { list, from: 0, to: examples, groups: groupsKept(request) });
}

/** The batches of a stretch, each of one group. */
export function stretchOf(dataset: Dataset, stretch: Stretch): ExampleSource {
  const { list, from, to, groups, stages = [] } = stretch;
  const ends = stages.length > 0 ? stages : [list.indices.length];
  return function* (batch, dtype) {
    for (const [i, end] of ends.entries()) {
      const first = i === 0 ? 0 : ends[i - 1];
      if (end <= from || first >= to) continue;
      const own = {
        indices: list.indices.subarray(first, end),
        occurrence: list.occurrence.subarray(first, end),
      };
      const places = { from: Math.max(from, first) - first, to: Math.min(to, end) - first };
      yield* stageOf(dataset, { list: own, ...places, groups })(batch, dtype);
    }
  };
}

function stageOf(dataset: Dataset, { list, from, to, groups }: Stretch): ExampleSource {
  const n = list.indices.length;
  const count = Math.max(1, groups);
  const unit = n >= count * UNIT ? UNIT : 1;
  const edge = (g: number) => (g === count ? n : unit * Math.round((g * n) / count / unit));
  return function* (batch, dtype) {
    for (let g = 0; g < count; g++) {
      const [first, last] = [Math.max(from, edge(g)), Math.min(to, edge(g + 1))];
      if (first >= last) continue;
      const visited = {
        indices: list.indices.subarray(first, last),
        occurrence: list.occurrence.subarray(first, last),
      };
      for (const examples of batches(dataset, { batch, dtype, visits: visited }))
        yield { ...examples, group: g };
    }
  };
}
