/**
 * @module fisher/loop
 *
 * The one loop over examples, for every estimator and every form: opens a batch, runs the forward half, checks its outputs, hands the
 * batch to the forms, each of which runs its own backward halves and adds to its own float64 sums; measures doubts; counts. It ends
 * between two batches where the signal says so, or inside one where a form stops there. Several jobs over the same examples go batch
 * by batch, so that they always stand at the same example.
 */
import type { UniformStream } from '../core/random.js';
import type { FloatType, TypedArray } from '../core/tensor.js';
import type { Engine } from '../engine/types.js';
import { outputs as batchOutputs } from '../likelihood/batch.js';
import type { Root } from '../likelihood/roots/index.js';
import type { Labels, Likelihood } from '../likelihood/types.js';
import type { ParameterDoubt } from '../model/doubts.js';
import type { Network } from '../model/network.js';
import type { BatchOutputs, ColumnSource } from './columns.js';
import { Counts } from './counts.js';
import { type DoubtColumns, DoubtMeter } from './doubts.js';
import { type BatchWeights, batchWeights, type ExampleWeights } from './example-weights.js';
import { type ExampleGroups, inGroups } from './example-groups.js';
import type { ErrorSource } from './estimate.js';
import type { ColumnEstimator } from './estimators/estimator.js';
import { type BackwardGraph, Passes } from './passes.js';
import type { ExampleBatch, ExampleSource } from './source.js';
import type { VisitDesign } from './visits.js';

/** What is measured: an estimator on a network. */
export interface Job {
  readonly engine: Engine;
  readonly network: Network;
  readonly likelihood: Likelihood;
  readonly estimator: ColumnEstimator;
  /** Where the label error comes from. */
  readonly error: ErrorSource;
  /** Draws per example; 0 where nothing is drawn. */
  readonly draws: number;
  readonly stream: UniformStream;
  /** Of I(h), for signs, and how many of its first columns are taken exactly. */
  readonly root: Root;
  readonly exactPairs: number;
  /** Labels of the data, for empirical. */
  readonly targets: Labels | null;
  /** Of the loss, by class, for empirical. */
  readonly classWeights?: readonly number[] | undefined;
  /** Weights of type 1 by parameter, for a mix; 0 where absent. */
  readonly mix?: ReadonlyMap<string, number> | undefined;
  /** By the index of an example; absent where all weigh the same. */
  readonly weights?: ExampleWeights | undefined;
  /** Of visits with unequal probabilities, in the groups of fisher/visits; absent where they are uniform. */
  readonly design?: VisitDesign | undefined;
  /** Whether their sums are for a distribution, whose error takes more of them. */
  readonly tilted?: boolean | undefined;
  /** Examples per pass, at most. */
  readonly batch: number;
  /** Numbers that the largest array may hold. */
  readonly budget: number;
  /** Doubts about what is a parameter, whose effect is summed beside. */
  readonly doubts: readonly ParameterDoubt[];
}

/** Number of outputs T. */
export const outputsOf = ({ network }: Pick<Job, 'network'>): number => network.h.shape[1] as number;

/** The columns of a job's estimator. */
export function columnsOf(job: Job): ColumnSource {
  return job.estimator.columns({ ...job, outputs: outputsOf(job) });
}

/** Examples whose forward half has been run. */
export interface Opened extends BatchOutputs {
  readonly n: number;
  readonly examples: ExampleBatch;
}

/** A batch as the forms take it. */
export interface Batch extends Opened {
  /** Weights of its examples; null where all weigh the same. */
  readonly weights: BatchWeights | null;
  /** Which group of examples it is from. */
  readonly group: number;
}

/** How a form is heard and stopped inside a batch. */
export interface Heed {
  /** Lets timers and signals be heard. */
  pause?: (() => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A form of the Fisher made ready for a job: its backward halves, and what it makes of a batch. */
export interface Accumulation {
  readonly graphs: Readonly<Record<string, BackwardGraph>>;
  /** Examples that fit at once. */
  readonly batch: number;
  /** The columns that doubts are measured by; null: it has none. */
  readonly doubts: DoubtColumns | null;
  /** Adds a batch to its sums. Returns whether it was stopped inside. */
  add(programs: Passes, batch: Batch, heed: Heed): Promise<boolean>;
  /** Gives back what it runs beside the loop's programs. */
  close?(): void;
}

/** A job and the forms that it is summed in. */
export interface Task {
  readonly job: Job;
  readonly forms: readonly Accumulation[];
}

/** Settings of a run over the examples. */
export interface LoopOptions extends Heed {
  /** Keeps sums apart by group of examples. */
  readonly groups?: ExampleGroups | undefined;
  /** After each batch, with the counts of each task. */
  onBatch?(workers: readonly Worker[]): void;
}

/** What a run went over. */
export interface LoopResult {
  readonly workers: readonly Worker[];
  readonly interrupted: boolean;
}

/** Runs all tasks over all examples, or until the signal. */
export async function loop(
  tasks: readonly Task[],
  source: ExampleSource,
  options: LoopOptions = {},
): Promise<LoopResult> {
  const workers: Worker[] = [];
  const { groups, signal, onBatch } = options;
  try {
    for (const task of tasks) workers.push(await Worker.prepare(task, groups?.count ?? 1));
    const batch = Math.min(...workers.map((w) => w.batch));
    for (const { examples, group } of inGroups(source, batch, workers[0].dtype, groups)) {
      if (signal?.aborted) return { workers, interrupted: true };
      for (const w of workers)
        if (await w.add(examples, group, options)) return { workers, interrupted: true };
      onBatch?.(workers);
    }
    return { workers, interrupted: false };
  } finally {
    for (const w of workers) w.dispose();
  }
}

/** Runs the forward half on some examples; without a likelihood, its domain is not checked. Throws `likelihood/domain`. */
export async function openBatch(
  programs: Passes,
  likelihood: Likelihood | null,
  examples: ExampleBatch,
): Promise<Opened> {
  const { n, indices, occurrence, inputs } = examples;
  const data = new Map<string, TypedArray>([...inputs].map(([name, t]) => [name, t.data]));
  const h = batchOutputs(await programs.forward(data, n), n, programs.outputs);
  likelihood?.checkDomain(h, indices);
  return { n, h, indices, occurrence, examples };
}

/** One task's programs at work. */
export class Worker {
  private constructor(
    private readonly task: Task,
    private readonly programs: Passes,
    private readonly doubts: DoubtMeter,
    /** By group of examples. */
    readonly counts: readonly Counts[],
  ) {}

  static async prepare(task: Task, groups: number): Promise<Worker> {
    const { job, forms } = task;
    const doubts = new DoubtMeter(job, forms.find((f) => f.doubts !== null)?.doubts ?? null);
    const graphs = Object.assign({}, ...forms.map((f) => f.graphs), doubts.graphs) as Accumulation['graphs'];
    const batch = Math.min(...forms.map((f) => f.batch));
    const programs = await Passes.compile(job.engine, job.network, graphs, batch);
    const counts = Array.from({ length: groups }, () => new Counts(job.doubts.length));
    return new Worker(task, programs, doubts, counts);
  }

  /** Most examples of a batch. */
  get batch(): number {
    return this.programs.maxBatch;
  }

  get dtype(): FloatType {
    return this.programs.dtype;
  }

  /** Adds some examples to the sums of a group. Returns whether a form stopped inside. */
  async add(examples: ExampleBatch, group: number, heed: Heed): Promise<boolean> {
    const { job, forms } = this.task;
    const { programs, doubts } = this;
    const opened = await openBatch(programs, job.likelihood, examples);
    const weights = job.weights ? batchWeights(job.weights, examples.indices, opened.n) : null;
    const batch: Batch = { ...opened, weights, group };
    for (const form of forms) if (await form.add(programs, batch, heed)) return true;
    const counts = this.counts[group];
    if (doubts.due) {
      await doubts.measure(programs, batch, counts.doubts);
      counts.addMeasured(opened.n, weights);
    }
    doubts.pass(opened.n, weights?.count ?? opened.n);
    counts.add(opened.n, weights, job.likelihood.offMode(opened.h));
    return false;
  }

  dispose(): void {
    for (const form of this.task.forms) form.close?.();
    this.programs.dispose();
  }
}
