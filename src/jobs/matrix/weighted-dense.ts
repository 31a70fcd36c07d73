/**
 * @module jobs/matrix/weighted-dense
 *
 * The dense Fisher by weighted visits, with sums by group for figures with errors (matrix/visited-groups): groups of visits in their order
 * where the data are all there is, groups of inputs by a draw on their index where they are a sample.
 */
import { UniformStream } from '../../core/random.js';
import { batches } from '../../data/batches.js';
import type { Visits } from '../../data/order.js';
import { estimateDense } from '../../fisher/forms/dense/dense.js';
import type { ExampleSource, VisitDesign } from '../../fisher/index.js';
import { inputGroupOf, inputGroups, visitGroupCount } from '../../fisher/visit-groups.js';
import { DenseBlock } from '../../matrix/blocks/dense.js';
import {
  BlockMatrix,
  countsOf,
  type Groups,
  visitedFactors,
  type VisitedGroups,
  wholeRegion,
} from '../../matrix/index.js';
import { blocksOf } from '../../matrix/layout.js';
import { diagonalOptions } from '../diagonal-options.js';
import type { EstimateListener, EstimateSubject, RootedRequest } from '../request.js';
import { chooseVisits } from '../visits.js';
import { weighingOf } from '../weighing.js';
import { turn } from '../yielding.js';
import { groupsOfDense } from './dense-groups.js';

/** What it takes beside the request of an estimate. */
export interface WeightedDenseRequest extends RootedRequest {
  /** n, fewer than there are. */
  readonly examples: number;
  readonly population: 'distribution' | 'data';
  readonly seed: number;
}

/** Who hears of it. */
export interface WeightedDenseListener extends Omit<EstimateListener, 'progress'> {
  /** How far it is, 0 … 1. */
  step?(share: number): void;
}

/** The matrix with its groups. */
export interface WeightedDense {
  readonly fisher: Groups;
  readonly interrupted: boolean;
  /** Visits. */
  readonly examples: number;
}

/** Null where the visits were chosen to be uniform after all. Throws `estimate/visits`, and what ended it where the signal came first. */
export async function weightedDense(
  given: EstimateSubject,
  request: WeightedDenseRequest,
  listener: WeightedDenseListener,
): Promise<WeightedDense | null> {
  const { engine, network, likelihood, dataset } = given;
  const subject = { ...given, weighing: weighingOf(dataset) };
  const chosen = { estimator: 'exact', labels: 0, error: 'none', exactPairs: 0 } as const;
  const options = diagonalOptions(subject, request, chosen, listener);
  const { examples, population, seed } = request;
  const visits = await chooseVisits({ subject, request, chosen, examples, options, listener });
  listener.signal?.throwIfAborted();
  const design = visits?.options.design;
  if (!visits?.list || !design) return null;
  const layout = blocksOf(network);
  const P = layout.reduce((sum, { size }) => sum + size, 0);
  const most = groupsOfDense(P, visits.list.indices.length);
  const B = visitGroupCount(most, visits.list.indices, design, population);
  const placed = placesOf(visits.list, design, { B, population, seed });
  const estimate = await estimateDense(engine, network, likelihood, sourceOf(given, placed), {
    estimator: 'exact',
    errors: false,
    stream: new UniformStream(seed, 'exact/estimate'),
    weights: design.weights,
    groupSums: 2 * B,
    batch: 64,
    memory: request.memory,
    pause: turn,
    ...(listener.signal ? { signal: listener.signal } : {}),
    say: (line) => listener.say?.(line),
    onStep: (done) => listener.step?.(done / examples),
  });
  listener.signal?.throwIfAborted();
  const sums = estimate.groupSums?.tensors.get('fisher_dense') as Float64Array;
  const squares = Array.from({ length: 2 * B }, (_, g) => sums.subarray(g * P * P, (g + 1) * P * P));
  const region = wholeRegion(layout);
  const of = (groups: readonly number[]): BlockMatrix => {
    const factors = visitedFactors(placed.groups, groups);
    const out = new Float64Array(P * P);
    for (const g of groups) add(out, squares[g], factors.drawn);
    const taken = factors.all ? [...placed.groups.drawn.keys()] : groups;
    for (const g of taken) add(out, squares[B + g], factors.taken);
    return new BlockMatrix('dense', layout, [{ region, block: new DenseBlock(out, P) }]);
  };
  const all = [...placed.groups.drawn.keys()];
  return {
    fisher: { whole: of(all), counts: countsOf(placed.groups), of },
    interrupted: false,
    examples: estimate.examples,
  };
}

interface Placed {
  readonly groups: VisitedGroups;
  /** Visits of each group: B of drawn ones, B of taken ones. */
  readonly visits: readonly Visits[];
}

/** Which visit is in which group. */
function placesOf(
  list: Visits,
  design: VisitDesign,
  { B, population, seed }: { B: number; population: 'distribution' | 'data'; seed: number },
): Placed {
  const { population: N, taken } = design;
  const byInput = population === 'distribution';
  const grouping = { count: B, seed };
  const own = inputGroupOf(grouping);
  const drawnCount = list.indices.reduce((sum, x) => sum + (taken[x] ? 0 : 1), 0);
  const places: number[][] = Array.from({ length: 2 * B }, () => []);
  let k = 0;
  list.indices.forEach((x, j) => {
    if (taken[x]) return places[B + (byInput ? own(x) : 0)].push(j);
    return places[byInput ? own(x) : Math.floor((k++ * B) / drawnCount)].push(j);
  });
  const { inputs: inputsOf, share } = byInput
    ? inputGroups(design, grouping)
    : { inputs: new Float64Array(B), share: new Float64Array(B) };
  return {
    groups: {
      ...{ population, inputs: N, inputsOf, share },
      drawn: Float64Array.from({ length: B }, (_, g) => places[g].length),
    },
    visits: places.map((of) => ({
      indices: Uint32Array.from(of, (j) => list.indices[j]),
      occurrence: Uint32Array.from(of, (j) => list.occurrence[j]),
    })),
  };
}

const sourceOf =
  ({ dataset }: EstimateSubject, { visits }: Placed): ExampleSource =>
  (batch, dtype) =>
    inOrder(visits, (own) => batches(dataset, { batch, dtype, visits: own }));

function* inOrder<T extends object>(
  all: readonly Visits[],
  of: (visits: Visits) => Iterable<T>,
): Generator<T & { group: number }> {
  for (const [group, visits] of all.entries())
    if (visits.indices.length > 0) for (const examples of of(visits)) yield { ...examples, group };
}

function add(into: Float64Array, from: Float64Array, factor: number): void {
  if (factor !== 0) for (let i = 0; i < into.length; i++) into[i] += factor * from[i];
}
