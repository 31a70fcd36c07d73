/**
 * @module fisher/diagonal
 *
 * The diagonal of the Fisher information, mean over examples, sum over outputs, by four estimators:
 *
 *   exact        E_y s_i² from all columns of I(h): K = T backward passes, no label error
 *   type1        s_i² of K labels drawn from the network itself (P24 Eq. 3), unbiased
 *   rademacher   (JᵀRξ)_i² of K draws of signs on a root RRᵀ = I(h) (Martens et al. 2012), unbiased, relative sd ≤ √2
 *   empirical    s_i² of the data's labels: another matrix, not an estimate of the Fisher information
 *
 * Two passes may run over the same forward half: `draws` gives the value, `columns` the closed-form variance of one draw (and the
 * exact per-example values that the data error is the spread of).
 */
import { UniformStream } from '../core/random.js';
import type { FloatType, Tensor, TypedArray } from '../core/tensor.js';
import type { Engine } from '../engine/types.js';
import { outputs as batchOutputs } from '../likelihood/batch.js';
import type { ComponentMoments, Labels, Likelihood, Outputs } from '../likelihood/types.js';
import { type Network, parameterCount } from '../model/network.js';
import { assemble } from './assemble.js';
import { type ColumnSource, dataColumns, exactColumns, labelColumns, signColumns } from './columns.js';
import type { DiagonalEstimate, ErrorSource, Estimator, Population } from './estimate.js';
import { addTotals, emptySums, type Group, groupsOf, type TotalLaw } from './groups.js';
import { DEFAULT_BUDGET, planMemory } from './memory.js';
import { type Pass, type PassResult, planPass } from './pass.js';
import { Passes } from './passes.js';
import type { PassSpec } from './statistics.js';
import { TensorSums } from './tensorSums.js';
import type { TotalSums } from './totals.js';

/** Some examples, as `data/batches` makes them. */
export interface ExampleBatch {
  readonly n: number;
  readonly indices: ArrayLike<number>;
  readonly occurrence: ArrayLike<number>;
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/** Batches of at most `batch` examples with floating-point inputs of type `dtype`; each iteration begins again. */
export type ExampleSource = (batch: number, dtype: FloatType) => Iterable<ExampleBatch>;

export interface DiagonalOptions {
  readonly estimator: Estimator;
  /** Draws per example, for type1 and rademacher. Default 1. */
  readonly labels?: number;
  /** Where the label error comes from, for type1 and rademacher. Default closed-form. */
  readonly error?: Exclude<ErrorSource, 'none'>;
  /** Labels of the data, for empirical. */
  readonly targets?: Labels;
  readonly seed?: number;
  /** Name of the random stream: estimates of different streams are independent. */
  readonly stream?: string;
  readonly population?: Population;
  /** Examples in the whole data set. */
  readonly populationSize: number;
  readonly level?: number;
  readonly batch?: number;
  /** Numbers that the largest array may hold. */
  readonly budget?: number;
  readonly signal?: AbortSignal;
  readonly onBatch?: (progress: Progress) => void;
}

export interface Progress {
  readonly examples: number;
  /** The estimate so far. */
  readonly estimate: () => DiagonalEstimate;
}

interface Role {
  readonly pass: Pass;
  readonly columns: number;
  readonly law: (h: Outputs) => TotalLaw;
  readonly tensors: ReadonlyMap<string, TensorSums>;
  readonly totals: readonly TotalSums[];
}

/** Everything accumulated so far: `value` holds the estimate, `error` (where another pass has it) its closed-form errors. */
export interface DiagonalSums {
  examples: number;
  offMode: number | null;
  readonly groups: readonly Group[];
  readonly value: Pick<Role, 'tensors' | 'totals'>;
  readonly error: Pick<Role, 'tensors' | 'totals'> | null;
}

/** Estimates the diagonal over all examples of `source`. Throws `fisher/targets` where `empirical` has no labels. */
export async function estimateDiagonal(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions,
): Promise<DiagonalEstimate> {
  const T = network.h.shape[1] as number;
  likelihood.checkOutputs(T);
  const { estimator, seed = 0, budget = DEFAULT_BUDGET } = options;
  const drawn = estimator === 'type1' || estimator === 'rademacher';
  const K = drawn ? (options.labels ?? 1) : 0;
  const error: ErrorSource = drawn ? (options.error ?? 'closed-form') : 'none';
  const stream = new UniformStream(seed, `${estimator}/${options.stream ?? 'estimate'}`);
  const groups = groupsOf(network);

  const specs = plan(estimator, error, likelihood, T, K);
  let batch = options.batch ?? 256;
  const chunks = new Map<string, number>();
  for (const [name, { spec }] of specs) {
    const memory = planMemory(network, spec.columns, batch, spec.totals === 'gram' ? 2 : 1, budget);
    batch = Math.min(batch, memory.batch);
    chunks.set(name, memory.chunk);
  }
  const roles = new Map<string, Role>();
  for (const [name, planned] of specs) {
    const { spec } = planned;
    const columns =
      name === 'columns' ? exactColumns(likelihood, T) : drawColumns(likelihood, stream, K, options);
    roles.set(name, {
      pass: planPass(name, network, spec, columns, chunks.get(name) as number),
      columns: spec.columns,
      law: (h) => lawOf(planned, likelihood, h),
      tensors: new Map(
        [...network.parameters.keys()].map((p) => [
          p,
          new TensorSums(network, p, planned.law === 'draws' && K > 1 ? K / (K - 1) : 1),
        ]),
      ),
      totals: emptySums(groups),
    });
  }
  const graphs = Object.assign({}, ...[...roles.values()].map((r) => r.pass.graphs));
  const programs = await Passes.compile(engine, network, graphs, batch);
  const value = (roles.get('draws') ?? roles.get('columns')) as Role;
  const sums: DiagonalSums = {
    examples: 0,
    offMode: 0,
    groups,
    value,
    error: roles.get('draws') ? (roles.get('columns') ?? null) : null,
  };
  const finish = (interrupted: boolean) =>
    assemble(
      sums,
      { ...options, estimator, seed, labels: K, error },
      describe(network, likelihood),
      interrupted,
    );
  try {
    for (const examples of source(batch, programs.dtype)) {
      if (options.signal?.aborted) return finish(true);
      await addBatch(programs, roles, sums, likelihood, examples);
      options.onBatch?.({ examples: sums.examples, estimate: () => finish(false) });
    }
    return finish(false);
  } finally {
    programs.dispose();
  }
}

function describe(network: Network, likelihood: Likelihood) {
  return {
    likelihood: likelihood.name,
    outputs: network.h.shape[1] as number,
    parameters: parameterCount(network),
    dtype: network.h.dtype as FloatType,
    shapes: new Map([...network.parameters].map(([p, v]) => [p, v.shape as readonly number[]])),
  };
}

/** A pass and the law of its totals over draws. */
interface Planned {
  readonly spec: PassSpec;
  readonly law: 'none' | 'enumerated' | 'pairwise' | 'signs' | 'draws';
}

/** The passes that an estimator and its error need. */
function plan(
  estimator: Estimator,
  error: ErrorSource,
  likelihood: Likelihood,
  T: number,
  K: number,
): Map<'draws' | 'columns', Planned> {
  const columns = likelihood.columnCount(T);
  if (estimator === 'exact') {
    return new Map([
      ['columns', { spec: { columns, squares: true, label: null, totals: 'norms' }, law: 'none' }],
    ]);
  }
  if (estimator === 'empirical') {
    return new Map([
      ['draws', { spec: { columns: 1, squares: true, label: null, totals: 'norms' }, law: 'none' }],
    ]);
  }
  if (error === 'sampled') {
    const label = K > 1 ? 'enumerated' : null;
    return new Map([
      ['draws', { spec: { columns: K, squares: true, label, totals: 'norms' }, law: 'draws' }],
    ]);
  }
  const draws: Planned = { spec: { columns: K, squares: false, label: null, totals: 'norms' }, law: 'none' };
  return new Map([
    ['draws', draws],
    ['columns', varianceOfOneDraw(estimator, likelihood, columns)],
  ]);
}

function varianceOfOneDraw(estimator: Estimator, likelihood: Likelihood, columns: number): Planned {
  if (estimator === 'rademacher') {
    return { spec: { columns, squares: true, label: 'pairwise', totals: 'gram' }, law: 'signs' };
  }
  const label = likelihood.labelKind;
  return label === 'enumerated'
    ? { spec: { columns, squares: true, label, totals: 'norms' }, law: 'enumerated' }
    : { spec: { columns, squares: true, label, fourth: true, totals: 'gram' }, law: 'pairwise' };
}

function drawColumns(
  likelihood: Likelihood,
  stream: UniformStream,
  K: number,
  options: DiagonalOptions,
): ColumnSource {
  if (options.estimator === 'rademacher') return signColumns(likelihood, stream, K);
  if (options.estimator === 'type1') return labelColumns(likelihood, stream, K);
  return dataColumns(likelihood, options.targets as Labels);
}

/** The law of a pass's totals for the outputs of one batch. */
function lawOf({ law, spec }: Planned, likelihood: Likelihood, h: Outputs): TotalLaw {
  if (law === 'signs') return { kind: 'pairwise', moments: null };
  if (law !== 'pairwise') return { kind: law };
  const components = likelihood.components as ComponentMoments;
  const make = (write: (h: Outputs, out: Float64Array) => void) => {
    const out = new Float64Array(h.n * spec.columns);
    write(h, out);
    return out;
  };
  return {
    kind: 'pairwise',
    moments: {
      third: make((o, out) => components.third(o, out)),
      fourth: make((o, out) => components.fourth(o, out)),
      squareThird: make((o, out) => components.squareThird(o, out)),
    },
  };
}

async function addBatch(
  programs: Passes,
  roles: ReadonlyMap<string, Role>,
  sums: DiagonalSums,
  likelihood: Likelihood,
  examples: ExampleBatch,
): Promise<void> {
  const { n, indices, occurrence } = examples;
  const inputs = new Map<string, TypedArray>([...examples.inputs].map(([name, t]) => [name, t.data]));
  const h = batchOutputs(await programs.forward(inputs, n), n, programs.outputs);
  for (const role of roles.values()) {
    const result: PassResult = await role.pass.run(programs, { h, indices, occurrence });
    for (const t of role.tensors.values()) t.add(n, result);
    addTotals(sums.groups, role.totals, result, role.law(h), n, role.columns);
  }
  const off = likelihood.offMode(h);
  sums.offMode = off === null || sums.offMode === null ? null : sums.offMode + off;
  sums.examples += n;
}
