/**
 * @module fisher/forms/dense/dense
 *
 * The whole P×P Fisher of a small network by any estimator, mean over examples, sum over outputs, with the error of every element.
 * O(n P² K) time, O(P²) memory: for P up to a few thousand. Order of the parameters: the network's, each flattened row by row.
 */
import type { UniformStream } from '../../../core/random.js';
import type { Engine } from '../../../engine/types.js';
import type { RootChoice } from '../../../likelihood/roots/index.js';
import type { Labels, Likelihood } from '../../../likelihood/types.js';
import type { Network } from '../../../model/network.js';
import { requireExamples } from '../../checks.js';
import type { Counts } from '../../counts.js';
import { inNaturalForm } from '../../curved/natural.js';
import type { ErrorSource, Estimator, GroupSums } from '../../estimate.js';
import { ESTIMATORS } from '../../estimators/table.js';
import type { ExampleGroups } from '../../example-groups.js';
import type { ExampleWeights } from '../../example-weights.js';
import { below, finite, oddNumber, type Trouble } from '../../finite.js';
import { checkSettings, jobOf } from '../../job.js';
import { type Job, loop } from '../../loop.js';
import type { ExampleSource } from '../../source.js';
import { GroupKeeper, type KeptMeans } from '../diagonal/group-sums.js';
import { mirror } from './sums-arrays.js';
import { accumulateDense } from './accumulation.js';
import type { DenseSums } from './dense-sums.js';
import { type DenseErrors } from './dense-sums.js';
import { denseBatch, inClosedForm, requireDense } from './size.js';

/** A dense Fisher: mean over examples, sum over outputs, [P, P]; errors per element. */
export interface DenseEstimate extends DenseErrors {
  /** All P² elements were estimated. */
  readonly form: 'dense';
  /** Multiply by N for a sum over N examples. */
  readonly scale: 'mean over examples, sum over outputs';
  /** How it was estimated. */
  readonly estimator: Estimator;
  /** Examples that went in. */
  readonly examples: number;
  /** P. */
  readonly parameters: number;
  /** Draws per example; 0 where nothing is drawn. */
  readonly labels: number;
  /** Where the label error comes from. */
  readonly error: ErrorSource;
  /** Ended by the signal: over the whole examples so far, and in the first rows those that were begun. */
  readonly interrupted: boolean;
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
  /** Sums of the values by group of examples, [G, P, P] as `fisher_dense`; absent where none are kept. */
  readonly groupSums?: GroupSums;
}

/** How far a dense estimate is, after a batch. */
export interface DenseProgress {
  /** Examples done. */
  readonly examples: number;
  /** The estimate so far; O(P²). */
  readonly estimate: () => DenseEstimate;
}

/** Settings of `estimateDense`. */
export interface DenseOptions {
  /** Which matrix, and how. */
  readonly estimator: Estimator;
  /** Draws per example, for every estimator that draws. Default 1. */
  readonly labels?: number;
  /** Errors of elements; default true. They take as long as the matrix some K/2 times, K the columns of I(h). */
  readonly errors?: boolean;
  /** What signs are drawn on; default `eigen`. */
  readonly root?: RootChoice;
  /** Columns of the root that are taken exactly, with signs on the rest; for rademacher. Default 0. */
  readonly exactPairs?: number;
  /** Where the label error comes from; default `closed-form`. */
  readonly error?: Exclude<ErrorSource, 'none'>;
  /** Weight of type 1 in a mix, one for all elements. Default ½. */
  readonly alpha?: number;
  /** Labels of the data, for empirical. */
  readonly targets?: Labels;
  /** Weights of the loss by class, for empirical alone. */
  readonly classWeights?: readonly number[];
  /** Names the draws. */
  readonly stream: UniformStream;
  /** By the index of an example (fisher/example-weights); absent: all weigh the same. */
  readonly weights?: ExampleWeights | undefined;
  /** Examples in the whole population, where that is finite. */
  readonly population?: number;
  /** Into how many groups of examples `source` sorts its batches, of which the sums of the values are kept. Default: none. */
  readonly groupSums?: number | undefined;
  /** Examples per pass. Default 32. */
  readonly batch?: number;
  /** Bytes that the matrices and the passes may hold (fisher/memory); default: no bound. */
  readonly memory?: number | undefined;
  /** After each example, or after those that were added at once. */
  onExample?(examples: number): void;
  /** More often: how many examples are done, counting the part of those that are being added that is. */
  onStep?(examples: number): void;
  /** After each batch. */
  onBatch?(progress: DenseProgress): void;
  /** Hears what takes the examples again, in float64, before they are gone through. */
  readonly say?: ((line: string) => void) | undefined;
  /** Ends the estimate with what is known so far, inside a batch too. */
  readonly signal?: AbortSignal;
  /** Lets timers and signals be heard; called every ten milliseconds or so of work. Default: where there is a signal, by a task of its own. */
  pause?(): Promise<void>;
}

/**
 * Estimates the P×P Fisher over all examples of `source`; O(n P² K) for `exact`. Throws `fisher/dense-size`, `fisher/targets`,
 * `fisher/draws`, `fisher/no-examples`, `fisher/not-finite`.
 * @throws FimError with `engine/memory`, `fisher/exact-pairs`, `fisher/output-not-finite`, `fisher/positions`, `graph/examples-coupled`,
 * `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `random/index`, `random/seed`, `tensor/size`
 *
 * @example
 * ```ts
 * import { denseNetwork, getLikelihood, makeDataset, tensor, UniformStream } from 'fim';
 * import { batches } from 'fim/data';
 * import { createEngine } from 'fim/engine';
 * import { estimateDense } from 'fim/fisher';
 *
 * const network = denseNetwork({ widths: [2, 1], dtype: 'float64', bias: false });
 * const x = tensor('float64', [2, 2], [1, 0, 1, 2]);
 * const dataset = makeDataset({ source: 'two points', inputs: new Map([['x', x]]) });
 * const { engine } = await createEngine({ engine: 'small' });
 * const { fisher } = await estimateDense(
 *   engine,
 *   network,
 *   getLikelihood('gaussian', { variance: 1 }),
 *   (batch, dtype) => batches(dataset, { batch, dtype }),
 *   { estimator: 'exact', stream: new UniformStream(0, 'labels') },
 * );
 * console.log([...fisher]); // [ 1, 1, 1, 2 ]
 * engine.dispose();
 * ```
 */
export async function estimateDense(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DenseOptions,
): Promise<DenseEstimate> {
  const { result, note } = await finiteDense(engine, network, likelihood, source, options, { keep: false });
  const { estimate } = result;
  requireExamples(estimate.examples, estimate.interrupted, 'dense Fisher matrix');
  return note === null ? estimate : { ...estimate, notes: [...estimate.notes, note] };
}

/** Sums of a run, by group of examples, and the estimate from all of them. */
export interface DenseRun {
  readonly job: Job;
  readonly sums: readonly DenseSums[];
  readonly counts: readonly Counts[];
  /** Null: groups of examples were not asked for. */
  readonly keeper: GroupKeeper | null;
  readonly estimate: DenseEstimate;
}

/** What of its sums a run keeps. */
export interface Kept {
  /** Whether the sums are wanted beside the estimate. */
  readonly keep: boolean;
  /** Groups of examples whose sums are apart; only with `keep`. */
  readonly groups?: ExampleGroups | undefined;
}

/** Runs until every number is finite. Throws what `estimateDense` throws. */
export async function finiteDense(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DenseOptions,
  kept: Kept,
): Promise<{ result: DenseRun; note: string | null }> {
  requireDense(network);
  checkSettings(network, likelihood, options);
  const whole = ({ estimate: { examples, fisher } }: DenseRun) =>
    examples === 0 ? [] : [{ name: 'fisher_dense', fisher }];
  return finite({
    engine,
    network,
    source,
    run: async (e, n, s) => runDense(await denseJob(e, n, likelihood, s, options), s, options, kept),
    trouble: ({ estimate }) => denseTrouble(estimate),
    lost: (run) => below(whole(run)),
    zero: (run) => below(whole(run), 0),
    interrupted: ({ estimate }) => estimate.interrupted,
    say: options.say,
  });
}

/** What of a dense estimate is not finite. */
export function denseTrouble(e: DenseEstimate): Trouble | null {
  if (e.examples === 0) return null;
  const arrays = { fisher_dense: e.fisher, label_se_dense: e.labelError, data_se_dense: e.dataError };
  for (const [name, values] of Object.entries(arrays)) {
    const odd = values && oddNumber(values);
    if (odd) return { tensor: null, got: `${odd} in ${name}` };
  }
  return null;
}

/** The closed forms of labels hold in natural coordinates; signs and the data's labels are those of the coordinates given. */
async function denseJob(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DenseOptions,
): Promise<Job> {
  const estimator = ESTIMATORS[options.estimator];
  const own = !estimator.targets && estimator.name !== 'rademacher';
  const of = own ? inNaturalForm(network, likelihood) : { network, likelihood };
  const { onExample: _1, onBatch: _2, pause: _3, population: _4, onStep: _5, errors: _6, ...known } = options;
  const { groupSums: _8, ...given } = known;
  const { stream, ...plain } = given;
  const { batch = 32, memory, errors, weights } = options;
  const held = { errors, weighted: weights !== undefined, closedForm: inClosedForm(options) };
  const fits = denseBatch(of.network, of.likelihood, { ...options, ...held, batch, memory });
  const { memory: _7, ...unbounded } = plain;
  const settings = { ...unbounded, batch: fits, mix: new Map(), populationSize: 0 };
  const job = await jobOf(engine, of.network, of.likelihood, source, { ...settings, stream: stream.stream });
  return { ...job, stream, doubts: [] };
}

async function runDense(
  job: Job,
  source: ExampleSource,
  options: DenseOptions,
  { groups, keep }: Kept,
): Promise<DenseRun> {
  const { onBatch, signal, pause } = options;
  const { errors, onExample: each, onStep: step } = options;
  const form = accumulateDense(job, {
    alpha: shareOf(options),
    groups: groups?.count,
    errors,
    onExample: (done) => each?.(done),
    onStep: (done) => step?.(done),
  });
  const keeper =
    options.groupSums && !groups
      ? new GroupKeeper(options.groupSums, new Map([[DENSE_ARRAY, keptOf(form.sums[0])]]))
      : null;
  const estimate = (sums: DenseSums, interrupted: boolean) => {
    const made = denseOf(sums, decidedOf(job, options), interrupted);
    return errors === false ? { ...made, ...WITHOUT_ERRORS } : made;
  };
  try {
    const { workers, interrupted } = await loop([{ job, forms: [form] }], source, {
      signal,
      pause,
      groups,
      watch: keeper,
      onBatch: ([{ counts }]) =>
        onBatch?.({
          examples: counts.reduce((sum, c) => sum + c.examples, 0),
          estimate: () => estimate(mergedDense(form.sums), false),
        }),
    });
    // Sums that nobody asked for become the estimate in place: a copy takes as much memory again.
    const whole = keep ? mergedDense(form.sums) : form.sums[0];
    const groupSums = keeper && mirroredGroups(keeper.sums);
    return {
      ...{ job, sums: form.sums, counts: workers[0].counts, keeper },
      estimate: { ...estimate(whole, interrupted), ...(groupSums ? { groupSums } : {}) },
    };
  } finally {
    form.dispose();
  }
}

/** What the matrix is called among the sums of groups, and in a file. */
export const DENSE_ARRAY = 'fisher_dense';

/** Read anew at the end of every group. */
const keptOf = (sums: DenseSums): KeptMeans => ({
  get f() {
    return sums.kept.f;
  },
  get divisor() {
    return sums.kept.divisor;
  },
});

/** The sums of all groups with their upper triangles. */
export function mirroredGroups(sums: GroupSums): GroupSums {
  const lower = sums.tensors.get(DENSE_ARRAY) as Float64Array;
  const all = lower.slice();
  const size = all.length / sums.count;
  for (let g = 0; g < sums.count; g++) mirror(all.subarray(g * size, (g + 1) * size), Math.sqrt(size));
  return { ...sums, tensors: new Map([[DENSE_ARRAY, all]]) };
}

const WITHOUT_ERRORS = { labelError: null, dataError: null, standardError: null };

/** Share α of type 1. */
export const shareOf = ({ estimator, alpha }: Pick<DenseOptions, 'estimator' | 'alpha'>): number =>
  estimator === 'mix' ? (alpha ?? ESTIMATORS.mix.alpha) : ESTIMATORS[estimator].alpha;

/** What the figures of a dense estimate depend on beside its sums. */
export interface DenseDecided {
  readonly estimator: Estimator;
  readonly labels: number;
  readonly error: ErrorSource;
  /** Examples in the whole population; null: a distribution. */
  readonly population: number | null;
}

const decidedOf = ({ estimator, draws, error }: Job, { population }: DenseOptions): DenseDecided => ({
  estimator: estimator.name,
  labels: draws,
  error,
  population: population ?? null,
});

/** A copy of the sums of all groups as one. */
export function mergedDense(sums: readonly DenseSums[]): DenseSums {
  const whole = sums[0].copy();
  for (const other of sums.slice(1)) whole.merge(other);
  return whole;
}

/** The estimate from sums, which are spent. */
export function denseOf(sums: DenseSums, decided: DenseDecided, interrupted: boolean): DenseEstimate {
  const { estimator, labels, error, population } = decided;
  const { examples } = sums;
  const fraction = population === null ? 0 : Math.min(1, examples / population);
  return {
    form: 'dense',
    scale: 'mean over examples, sum over outputs',
    estimator,
    examples,
    parameters: sums.parameters,
    labels,
    error,
    interrupted,
    notes: [],
    ...sums.finish({ draws: Math.max(1, labels), fraction }),
  };
}
