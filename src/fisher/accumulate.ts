/**
 * @module fisher/accumulate
 *
 * The loop over examples: forward half, then each pass, its sums merged in float64.
 */
import type { UniformStream } from '../core/random.js';
import type { FloatType, TypedArray } from '../core/tensor.js';
import type { Engine } from '../engine/types.js';
import { outputs as batchOutputs } from '../likelihood/batch.js';
import type { ComponentMoments, Labels, Likelihood, Outputs } from '../likelihood/types.js';
import type { ParameterDoubt } from '../model/doubts.js';
import type { Network } from '../model/network.js';
import { type ColumnSource, dataColumns, exactColumns, labelColumns, signColumns } from './columns.js';
import type { Estimator } from './estimate.js';
import { batchWeights, type ExampleWeights, weightedColumns } from './example-weights.js';
import { addTotals, emptySums, type Group, type TotalLaw } from './groups.js';
import { planMemory } from './memory.js';
import { type Pass, planPass } from './pass.js';
import { type BackwardGraph, Passes } from './passes.js';
import type { Planned, PassName } from './plan.js';
import { Room } from './room.js';
import type { ExampleBatch, ExampleSource } from './source.js';
import type { PassSpec } from './statistics.js';
import { TensorSums } from './tensor-sums.js';
import type { TotalSums } from './totals.js';

/** What a pass has gathered so far. */
export interface PassSums {
  /** By parameter. */
  readonly tensors: Map<string, TensorSums>;
  /** By group. */
  readonly totals: readonly TotalSums[];
}

export interface Sums {
  /** Those of weight above 0. */
  examples: number;
  /** Σ ω and Σ ω² over them; the number of examples where they are not weighted. */
  weight: number;
  weightSquares: number;
  /** Expected number of labels off the mode, per draw; null for a density. */
  offMode: number | null;
  /** Of each doubt of the job. */
  readonly doubts: Float64Array;
  /** Examples on which doubts were measured, and their weight. */
  doubtExamples: number;
  doubtWeight: number;
  readonly passes: ReadonlyMap<PassName, PassSums>;
}

export interface Job {
  readonly engine: Engine;
  readonly network: Network;
  readonly likelihood: Likelihood;
  readonly estimator: Estimator;
  readonly passes: ReadonlyMap<PassName, Planned>;
  readonly groups: readonly Group[];
  /** Draws per example. */
  readonly draws: number;
  readonly stream: UniformStream;
  /** Labels of the data, for empirical. */
  readonly targets: Labels | null;
  /** Of the loss, by class, for empirical. */
  readonly classWeights?: readonly number[] | undefined;
  /** By the index of an example; absent where all weigh the same. */
  readonly weights?: ExampleWeights | undefined;
  readonly batch: number;
  readonly budget: number;
  readonly signal?: AbortSignal | undefined;
  /** Doubts about what is a parameter, whose effect is summed beside. */
  readonly doubts?: readonly ParameterDoubt[];
  /** Keep the examples of the total apart (fisher/auto). */
  readonly record?: boolean;
}

/** Doubts are measured on the first examples, and then on one in so many, so that they cost little beside the estimate. */
const FIRST_MEASURED = 256;
const ONE_IN = 16;

interface Role extends PassSums {
  readonly room: Room;
  readonly pass: Pass;
  readonly planned: Planned;
}

/** Largest batch that fits the job's memory, and the columns of a chunk of each pass. */
function memoryOf(job: Job): { batch: number; chunks: Map<PassName, number> } {
  let { batch } = job;
  const chunks = new Map<PassName, number>();
  for (const [name, { spec }] of job.passes) {
    const least = spec.totals === 'gram' ? 2 : 1;
    const memory = planMemory(job.network, spec.columns, batch, least, job.budget);
    batch = Math.min(batch, memory.batch);
    chunks.set(name, memory.chunk);
  }
  return { batch, chunks };
}

/** One job made ready: give it batches of at most `batch` examples, and read its sums at any time. */
export class Accumulator {
  private constructor(
    private readonly job: Job,
    private readonly programs: Passes,
    private readonly roles: ReadonlyMap<PassName, Role>,
    readonly sums: Sums,
  ) {}

  get batch(): number {
    return this.programs.maxBatch;
  }

  get dtype(): FloatType {
    return this.programs.dtype;
  }

  static async prepare(job: Job): Promise<Accumulator> {
    const { batch, chunks } = memoryOf(job);
    const roles = new Map<PassName, Role>();
    const graphs: Record<string, BackwardGraph> = {};
    for (const [name, planned] of job.passes) {
      const plain = weighted(planned.spec, job);
      const spec = name === valuePass(job) ? { ...plain, doubts: job.doubts ?? [] } : plain;
      const pass = planPass(name, job.network, spec, columnsOf(job, name), chunks.get(name) as number);
      Object.assign(graphs, pass.graphs);
      const totals = emptySums(job.groups, job.record, job.weights !== undefined);
      roles.set(name, { room: new Room(), pass, planned, tensors: emptyTensors(job, planned), totals });
    }
    const doubts = new Float64Array(job.doubts?.length ?? 0);
    const sums: Sums = {
      examples: 0,
      weight: 0,
      weightSquares: 0,
      offMode: 0,
      doubts,
      doubtExamples: 0,
      doubtWeight: 0,
      passes: roles,
    };
    return new Accumulator(job, await Passes.compile(job.engine, job.network, graphs, batch), roles, sums);
  }

  async add(examples: ExampleBatch): Promise<void> {
    await addBatch(this.programs, this.roles, this.sums, this.job, examples);
  }

  dispose(): void {
    this.programs.dispose();
  }
}

/**
 * Runs the passes over all examples, or until the signal is aborted between two batches; `onBatch` sees the sums so far.
 * Returns the sums and whether it was interrupted.
 */
export async function accumulate(
  job: Job,
  source: ExampleSource,
  onBatch?: (sums: Sums) => void,
): Promise<{ sums: Sums; interrupted: boolean }> {
  const work = await Accumulator.prepare(job);
  try {
    for (const examples of source(work.batch, work.dtype)) {
      if (job.signal?.aborted) return { sums: work.sums, interrupted: true };
      await work.add(examples);
      onBatch?.(work.sums);
    }
    return { sums: work.sums, interrupted: false };
  } finally {
    work.dispose();
  }
}

/** The pass that the value comes from. */
const valuePass = ({ passes }: Job): PassName => (passes.has('draws') ? 'draws' : 'columns');

function emptyTensors(job: Job, planned: Planned): Map<string, TensorSums> {
  const K = job.draws;
  const scale = planned.law === 'draws' && K > 1 ? K / (K - 1) : 1;
  const empty = (p: string) => new TensorSums(job.network, p, scale, job.weights !== undefined);
  return new Map([...job.network.parameters.keys()].map((p) => [p, empty(p)]));
}

const weighted = (spec: PassSpec, job: Job): PassSpec => (job.weights ? { ...spec, weighted: true } : spec);

function columnsOf(job: Job, name: PassName): ColumnSource {
  const source = plainColumns(job, name);
  return job.weights ? weightedColumns(source, job.weights) : source;
}

function plainColumns(job: Job, name: PassName): ColumnSource {
  const { likelihood, network, stream, draws } = job;
  if (name === 'columns') return exactColumns(likelihood, network.h.shape[1] as number);
  if (job.estimator === 'rademacher') return signColumns(likelihood, stream, draws);
  if (job.estimator === 'type1') return labelColumns(likelihood, stream, draws);
  return dataColumns(likelihood, job.targets as Labels, job.classWeights);
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
      pairThird: likelihood.pairThird,
    },
  };
}

async function addBatch(
  programs: Passes,
  roles: ReadonlyMap<PassName, Role>,
  sums: Sums,
  job: Job,
  { n, indices, occurrence, inputs }: ExampleBatch,
): Promise<void> {
  const data = new Map<string, TypedArray>([...inputs].map(([name, t]) => [name, t.data]));
  const h = batchOutputs(await programs.forward(data, n), n, programs.outputs);
  job.likelihood.checkDomain(h, indices);
  const weights = job.weights ? batchWeights(job.weights, indices, n) : null;
  const measure = sums.doubtExamples < FIRST_MEASURED || sums.doubtExamples * ONE_IN <= sums.examples;
  for (const { room, pass, planned, tensors, totals } of roles.values()) {
    const result = await pass.run(programs, { h, indices, occurrence }, measure);
    for (const t of tensors.values()) t.add(n, result, weights);
    result.doubts?.forEach((d, i) => (sums.doubts[i] += d));
    if (planned.spec.totals) {
      const law = lawOf(planned, job.likelihood, h);
      addTotals(job.groups, totals, result, law, n, planned.spec.columns, room, weights?.data ?? null);
    }
  }
  const off = job.likelihood.offMode(h);
  sums.offMode = off === null || sums.offMode === null ? null : sums.offMode + off;
  if (measure) {
    sums.doubtExamples += n;
    sums.doubtWeight += weights?.sum ?? n;
  }
  sums.examples += weights?.count ?? n;
  sums.weight += weights?.sum ?? n;
  sums.weightSquares += weights?.squares ?? n;
}
