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
import { fly } from './flights.js';
import { lanesNotes, lanesOf, passesOf } from './lanes.js';
import type { ErrorSource } from './estimate.js';
import type { ColumnEstimator } from './estimators/estimator.js';
import type { BackwardGraph, Passes } from './passes.js';
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

/** Adds what the halves gave of a batch to the sums of a form. Returns whether it was stopped inside. */
export type Addition = (heed: Heed) => boolean | Promise<boolean>;

/** A form of the Fisher made ready for a job: its backward halves, and what it makes of a batch. */
export interface Accumulation {
  readonly graphs: Readonly<Record<string, BackwardGraph>>;
  /** Examples that fit at once. */
  readonly batch: number;
  /** Share of the job's memory that so many take; 0 where it is not counted. */
  readonly share?: number | undefined;
  /** The columns that doubts are measured by; null: it has none. */
  readonly doubts: DoubtColumns | null;
  /** Runs its halves on a batch. Batches may be run beside each other; their additions come one after the other, in order. */
  run(programs: Passes, batch: Batch): Promise<Addition>;
  /** Gives back what it runs beside the loop's programs. */
  close?(): void;
}

/** A job and the forms that it is summed in. */
export interface Task {
  readonly job: Job;
  readonly forms: readonly Accumulation[];
}

/** What hears of the batches in their order, before they are added, and of the end. */
export interface BatchWatch {
  enter(examples: ExampleBatch): void;
  close?(): void;
}

/** Settings of a run over the examples. */
export interface LoopOptions extends Heed {
  /** Keeps sums apart by group of examples. */
  readonly groups?: ExampleGroups | undefined;
  readonly watch?: BatchWatch | null | undefined;
  /** After each batch, with the counts of each task. */
  onBatch?(workers: readonly Worker[]): void;
}

/** What a run went over. */
export interface LoopResult {
  readonly workers: readonly Worker[];
  readonly interrupted: boolean;
  /** What is said of how it ran. */
  readonly notes: readonly string[];
}

/** Runs all tasks over all examples, or until the signal. */
export async function loop(
  tasks: readonly Task[],
  source: ExampleSource,
  options: LoopOptions = {},
): Promise<LoopResult> {
  const workers: Worker[] = [];
  const { groups, watch, signal, onBatch } = options;
  const { engine } = tasks[0].job;
  const shares = tasks.flatMap(({ forms }) => forms.map(({ share = 0 }) => share));
  const lanes = lanesOf(engine, Math.max(...shares));
  try {
    for (const task of tasks) workers.push(await Worker.prepare(task, groups?.count ?? 1, lanes));
    const batch = Math.min(...workers.map((w) => w.batch));
    const batches = inGroups(source, batch, workers[0].dtype, groups);
    const interrupted = await fly(batches, {
      lanes,
      signal,
      place: (name, n, lane) => workers[0].place(name, n, lane),
      start: async ({ examples, group }, lane) => {
        const additions: Addition[] = [];
        for (const w of workers) additions.push(await w.run(examples, group, lane));
        return additions;
      },
      land: async (examples, additions) => {
        watch?.enter(examples);
        for (const add of additions) if (await add(options)) return true;
        onBatch?.(workers);
        return false;
      },
    });
    watch?.close?.();
    return { workers, interrupted, notes: lanesNotes(engine, lanes) };
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
  const { n, indices, occurrence, places, inputs } = examples;
  const data = new Map<string, TypedArray>([...inputs].map(([name, t]) => [name, t.data]));
  const h = batchOutputs(await programs.forward(data, n), n, programs.outputs);
  likelihood?.checkDomain(h, indices);
  return { n, h, indices, occurrence, ...(places ? { places } : {}), examples };
}

/** One task's programs at work, one set for each lane. */
export class Worker {
  private constructor(
    private readonly task: Task,
    private readonly programs: readonly Passes[],
    private readonly doubts: DoubtMeter,
    /** By group of examples. */
    readonly counts: readonly Counts[],
  ) {}

  static async prepare(task: Task, groups: number, lanes = 1): Promise<Worker> {
    const { job, forms } = task;
    const doubts = new DoubtMeter(job, forms.find((f) => f.doubts !== null)?.doubts ?? null);
    const graphs = Object.assign({}, ...forms.map((f) => f.graphs), doubts.graphs) as Accumulation['graphs'];
    const batch = Math.min(...forms.map((f) => f.batch));
    const programs = await passesOf(job, graphs, batch, lanes);
    const counts = Array.from({ length: groups }, () => new Counts(job.doubts.length));
    return new Worker(task, programs, doubts, counts);
  }

  /** Most examples of a batch. */
  get batch(): number {
    return this.programs[0].maxBatch;
  }

  get dtype(): FloatType {
    return this.programs[0].dtype;
  }

  /** Where a lane takes the data of n examples; null: nowhere in particular. */
  place(name: string, n: number, lane: number): TypedArray | null {
    return this.programs[lane].place(name, n);
  }

  /** Adds some examples to the sums of a group. Returns whether a form stopped inside. */
  async add(examples: ExampleBatch, group: number, heed: Heed): Promise<boolean> {
    return (await this.run(examples, group, 0))(heed);
  }

  /** Runs the halves of all forms on some examples, in a lane; batches begin in their order. */
  async run(examples: ExampleBatch, group: number, lane: number): Promise<Addition> {
    const { job, forms } = this.task;
    const programs = this.programs[lane];
    const { n, indices } = examples;
    const weights = job.weights ? batchWeights(job.weights, indices, n) : null;
    const measured = this.doubts.next(n, weights?.count ?? n);
    const opened = await openBatch(programs, job.likelihood, examples);
    const batch: Batch = { ...opened, weights, group };
    const additions: Addition[] = [];
    for (const form of forms) additions.push(await form.run(programs, batch));
    const doubts = measured ? await this.doubts.measure(programs, batch, job.doubts.length) : null;
    return async (heed) => {
      for (const add of additions) if (await add(heed)) return true;
      const counts = this.counts[group];
      if (doubts) {
        doubts.forEach((d, i) => (counts.doubts[i] += d));
        counts.addMeasured(n, weights);
      }
      counts.add(n, weights, job.likelihood.offMode(opened.h));
      return false;
    };
  }

  dispose(): void {
    for (const form of this.task.forms) form.close?.();
    for (const programs of this.programs) programs.dispose();
  }
}
