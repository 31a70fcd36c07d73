/**
 * @module jobs/grouped
 *
 * Groups of the examples of an estimate's visits. Of uniform visits in the order of the seed: G stretches of the n visits, which end at the
 * whole number nearest to gn/G, or the multiple of 256 where each has as many. They are random, of equal size ± 1 or ± 256, and no example is
 * moved. In the order of the file, where neighbours may be alike, a draw on the index of each example. Of weighted visits those of
 * fisher/visit-groups.
 */
import { setting } from '../core/settings/reference.js';
import { batchBytes, batches } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import { type Visits, visits } from '../data/order.js';
import { apart, rowsWaiting, type Sets } from '../fisher/apart.js';
import {
  DEFAULT_GROUPS,
  type ExampleSource,
  groupOf,
  type Population,
  type VisitDesign,
} from '../fisher/index.js';
import { visitGroupCount, visitSets, type VisitStage } from '../fisher/visit-groups.js';
import type { FloatType } from '../core/tensor.js';
import { sourceOf } from './diagonal-options.js';
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
  /** How groups that are no stretches come about; default: they are stretches. */
  readonly mingled?: Mingled | undefined;
}

/** Groups whose visits come among each other. */
export type Mingled = (stage: VisitStage) => Sets;

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

/** Why there are none for what `groupsFor` takes; null: there are. */
export function whyNoGroups(parameters: number, memory?: number, numbers = parameters): string | null {
  if (groupsFor(parameters, memory, numbers) > 0) return null;
  return parameters > MOST_PARAMETERS
    ? `${parameters} parameters are more than ${MOST_PARAMETERS}`
    : `they would take more than a quarter of ${setting('memory', memory)} bytes`;
}

/** G of a request. */
export const groupsKept = ({ groupSums = 0 }: EstimateRequest): number => groupSums;

/** G groups by a draw on the index of each example. */
const drawnGroups = (count: number, seed: number): Sets => ({
  count,
  setOf: groupOf({ count, seed }),
  groupOf: (set) => set,
});

/** Groups of uniform visits that are no stretches; undefined: they are. */
export function mingledOf(
  request: Pick<EstimateRequest, 'order' | 'seed' | 'groupSums'>,
): Mingled | undefined {
  const count = groupsKept(request);
  if (request.order !== 'file' || count === 0) return undefined;
  const sets = drawnGroups(count, request.seed ?? 0);
  return () => sets;
}

/** A list of weighted visits that is to be gone through by groups. */
export interface WeightedList {
  readonly indices: Uint32Array;
  readonly design: VisitDesign;
  readonly population: Population;
}

/** G of weighted visits. */
export const visitGroupsKept = (
  request: EstimateRequest,
  { indices, design, population }: WeightedList,
): number => visitGroupCount(groupsKept(request), indices, design, population);

/** `count` groups of weighted visits; undefined: none are kept. */
export function mingledVisits(
  count: number,
  { seed = 0 }: Pick<EstimateRequest, 'seed'>,
  { design, population }: Omit<WeightedList, 'indices'>,
): Mingled | undefined {
  if (count === 0) return undefined;
  return (stage) => visitSets(stage, design, { count, seed }, population);
}

/** The visits that a request makes uniformly. */
export const uniformList = (
  { dataset, weighing: { among } }: Weighed,
  { order, seed }: Pick<EstimateRequest, 'order' | 'seed'>,
  examples: number,
): Visits => visits(dataset.n, { order, seed, examples, among });

/** All of them, by group. */
export function groupedSource(subject: Weighed, request: EstimateRequest, examples: number): ExampleSource {
  const groups = groupsKept(request);
  if (request.order === 'file') {
    const inOrder = sourceOf(subject, request, examples);
    if (groups === 0) return inOrder;
    const sets = drawnGroups(groups, request.seed ?? 0);
    return (batch, dtype) =>
      apart(inOrder(batch, dtype), 0, rowsOf(subject.dataset, sets, examples, batch, dtype), sets);
  }
  const list = uniformList(subject, request, examples);
  return stretchOf(subject.dataset, { list, from: 0, to: examples, groups });
}

const rowsOf = (dataset: Dataset, { count }: Sets, n: number, batch: number, dtype: FloatType): number =>
  rowsWaiting(count, { n, batch, bytes: batchBytes(dataset, 1, dtype) });

/** Visits from…to of a list. */
export const between = ({ indices, occurrence }: Visits, from: number, to: number): Visits => ({
  indices: indices.subarray(from, to),
  occurrence: occurrence.subarray(from, to),
});

/** The batches of a stretch, each of one group. */
export function stretchOf(dataset: Dataset, stretch: Stretch): ExampleSource {
  const { list, from, to, groups, stages = [], mingled } = stretch;
  const edges = stages.length > 0 ? stages : [list.indices.length];
  return function* (batch, dtype) {
    for (const [i, end] of edges.entries()) {
      const first = i === 0 ? 0 : edges[i - 1];
      if (end <= from || first >= to) continue;
      const [begins, ends] = [Math.max(from, first), Math.min(to, end)];
      if (mingled) {
        const sets = mingled({ indices: list.indices, from: first, to: end });
        const rows = rowsOf(dataset, sets, end - first, batch, dtype);
        const visits = between(list, begins, ends);
        yield* apart(batches(dataset, { batch, dtype, visits }), begins, rows, sets);
        continue;
      }
      const places = { from: begins - first, to: ends - first };
      yield* stageOf(dataset, { list: between(list, first, end), ...places, groups })(batch, dtype);
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
      const visits = between(list, first, last);
      for (const examples of batches(dataset, { batch, dtype, visits })) yield { ...examples, group: g };
    }
  };
}
