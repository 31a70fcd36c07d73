/**
 * @module jobs/grouped
 *
 * Groups of the examples of uniform visits in the order of the seed: of n visits the one at place j is of group ⌊Gj/n⌋, so that groups
 * are random and of equal size ± 1, each is one stretch of the order, and no example is moved. In the order of the file neighbours may be
 * alike, and there are none.
 */
import { batches } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import { type Visits, visits } from '../data/order.js';
import type { ExampleSource } from '../fisher/index.js';
import type { EstimateRequest, Weighed } from './request.js';

/** Some of the visits of an estimate by their places. */
export interface Stretch {
  /** The visits of the whole estimate. */
  readonly list: Visits;
  /** Places from…to. */
  readonly from: number;
  readonly to: number;
  /** G; 0: none are told apart. */
  readonly groups: number;
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
export function stretchOf(dataset: Dataset, { list, from, to, groups }: Stretch): ExampleSource {
  const n = list.indices.length;
  const edge = (g: number) => (groups > 0 ? Math.ceil((g * n) / groups) : g * n);
  return function* (batch, dtype) {
    for (let g = 0; g < Math.max(1, groups); g++) {
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
