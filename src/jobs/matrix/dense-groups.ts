/**
 * @module jobs/matrix/dense-groups
 *
 * The dense Fisher of a network with its sums by group of examples, for figures with errors: B matrices [P, P] beside the whole, B = 20, or
 * as few as 8 where 20 would take more than 1 GB.
 */
import { UniformStream } from '../../core/random.js';
import { tensor } from '../../core/tensor.js';
import { batches } from '../../data/batches.js';
import { DEFAULT_GROUPS, type Estimator } from '../../fisher/index.js';
import { ESTIMATORS } from '../../fisher/estimators/table.js';
import { finiteDense } from '../../fisher/forms/dense/dense.js';
import { mirror } from '../../fisher/forms/dense/sums-arrays.js';
import { blocksOf } from '../../matrix/layout.js';
import { DrawHalves, GroupedFisher } from '../../matrix/index.js';
import { FEWEST_GROUPS } from '../../stats/index.js';
import { askedRoot } from '../asked-root.js';
import type { EstimateSubject } from '../estimate.js';
import type { AskedRoot } from '../request.js';
import { weighingOf } from '../weighing.js';
import { drawsApart } from './draws-apart.js';
import { turn } from '../yielding.js';

/** Numbers that the groups' matrices may hold. */
const MANY = 2 ** 27;

/** How it is estimated. */
export interface DenseGroupsRequest {
  /** Which Fisher, and how. */
  readonly estimator: Estimator;
  /** Draws per example. */
  readonly labels: number;
  /** Examples to visit. */
  readonly examples: number;
  /** In which order. */
  readonly order: 'seed' | 'file';
  /** Of draws, order and groups. */
  readonly seed: number;
  /** Bytes that the passes may hold. */
  readonly memory: number | undefined;
  /** What signs are drawn on; default `eigen`. */
  readonly root?: AskedRoot | undefined;
  /** Columns of the root that are taken exactly; default none. */
  readonly exactPairs?: number | undefined;
  /** Of the loss by class, for empirical. */
  readonly classWeights?: readonly number[] | undefined;
  /** Whether the error of draws is to be told from that of inputs; default false. */
  readonly apart?: boolean | undefined;
  /** Ends it with what is known. */
  readonly signal: AbortSignal;
  /** Hears what was done that was not asked for. */
  say?: ((line: string) => void) | undefined;
  /** Hears how far it is, 0 … 1. */
  progress?(share: number): void;
}

/** B for P parameters and n examples. */
export const groupsOfDense = (P: number, n: number): number =>
  Math.min(Math.max(FEWEST_GROUPS, Math.min(DEFAULT_GROUPS, Math.floor(MANY / (P * P)))), Math.max(1, n));

/** The matrix by groups. */
export interface DenseByGroups {
  readonly fisher: GroupedFisher;
  /** What tells the error of draws from that of inputs; null: not asked for, there are fewer than two, or a signal came first. */
  readonly draws: DrawHalves | null;
  readonly interrupted: boolean;
  /** That were visited. */
  readonly examples: number;
}

/** Estimates it, twice where draws are to be told apart. Throws what `estimateDense` throws. */
export async function denseByGroups(
  subject: EstimateSubject,
  request: DenseGroupsRequest,
): Promise<DenseByGroups> {
  const made = await denseOnce(subject, request);
  const { labels, estimator, apart = false } = request;
  if (!apart || !ESTIMATORS[estimator].drawn || labels < 2 || made.interrupted)
    return { ...made, draws: null };
  const first = labels >> 1;
  request.say?.(drawsApart(first, labels));
  const half = await denseOnce(subject, { ...request, labels: first, say: undefined });
  return {
    ...made,
    draws: half.interrupted ? null : new DrawHalves(made.fisher, half.fisher, labels, first),
  };
}

async function denseOnce(
  subject: EstimateSubject,
  request: DenseGroupsRequest,
): Promise<Omit<DenseByGroups, 'draws'>> {
  const { engine, network, likelihood, dataset, targets } = subject;
  const { estimator, labels, examples, order, seed, memory, exactPairs = 0, classWeights } = request;
  const root = await askedRoot(subject, { root: request.root, estimator, seed, memory });
  const { weights, among } = weighingOf(dataset);
  const layout = blocksOf(network);
  const P = layout.reduce((sum, { size }) => sum + size, 0);
  const count = groupsOfDense(P, examples);
  const { result } = await finiteDense(
    engine,
    network,
    likelihood,
    (batch, dtype) => batches(dataset, { batch, dtype, order, seed, examples, among }),
    {
      estimator,
      labels: Math.max(1, labels),
      errors: false,
      exactPairs,
      ...(root ? { root } : {}),
      ...(classWeights ? { classWeights } : {}),
      stream: new UniformStream(seed, `${ESTIMATORS[estimator].stream}/estimate`),
      ...(targets ? { targets } : {}),
      ...(weights ? { weights } : {}),
      batch: 64,
      memory,
      signal: request.signal,
      pause: turn,
      say: request.say,
      onStep: (done) => request.progress?.(done / examples),
    },
    { keep: true, groups: { count, seed } },
  );
  const { sums, estimate } = result;
  const counts = new Float64Array(count);
  const weight = new Float64Array(count);
  const all = new Float64Array(count * P * P);
  sums.forEach(({ arrays }, g) => {
    counts[g] = arrays.examples[0];
    weight[g] = arrays.total?.[0] ?? counts[g];
    const own = all.subarray(g * P * P, (g + 1) * P * P);
    for (let i = 0; i < own.length; i++) own[i] = arrays.mean[i] * weight[g];
    mirror(own, P);
  });
  const arrays = new Map([
    ['fisher_dense', tensor('float64', [P, P], estimate.fisher)],
    ['groups/fisher_dense', tensor('float64', [count, P, P], all)],
    ['groups/examples', tensor('float64', [count], counts)],
    ['groups/weight', tensor('float64', [count], weight)],
  ]);
  const parameters = layout.map(({ name, shape }) => ({ name, shape }));
  const fisher = new GroupedFisher(arrays, { form: 'dense', parameters, layers: null });
  return { fisher, interrupted: estimate.interrupted, examples: estimate.examples };
}
