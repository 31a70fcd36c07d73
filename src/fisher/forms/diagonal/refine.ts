/**
 * @module fisher/forms/diagonal/refine
 *
 * Refiner of data variances: float32 sums of a batch, Σf² − (Σf)²/n, carry a relative error of about ε(1 + mean²/variance); those around
 * the batch's mean (`centred` of statistics.ts) one of that of the terms themselves. For a
 * tensor with an entry past 1e-3, beside the variance known so far, the batch is run in float64 too, within the same pass over the examples, and its means and centred squares are merged in place of the sums.
 */
import { castTensor, isFloat, type Tensor } from '../../../core/tensor.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { atPrecision, type Network } from '../../../model/network.js';
import { batchWeights } from '../../example-weights.js';
import { type Batch, type Job, openBatch } from '../../loop.js';
import { Passes } from '../../passes.js';
import type { ExampleBatch } from '../../source.js';
import type { DiagonalParts, DiagonalSums } from './sums.js';
import type { Way } from './way.js';

/** Unit roundoff of float32. */
const EPSILON = 2 ** -24;

/** Makes the way to the sums of a job. */
type MakeWay = (job: Job, parts: DiagonalParts) => Way;

/** The network in float64 with only `names` as parameters. */
function refinedNetwork(network: Network, names: ReadonlySet<string>): Network {
  const exact = atPrecision(network, 'float64');
  const parameters = new Map([...exact.parameters].filter(([name]) => names.has(name)));
  const fixed = new Map([...exact.fixed, ...[...exact.parameters].filter(([name]) => !names.has(name))]);
  return { ...exact, parameters, fixed };
}

/** Some tensors of a job in float64. */
interface Refined {
  readonly names: ReadonlySet<string>;
  readonly programs: Passes;
  readonly way: Way;
}

export class Refiner {
  private refined: Refined | null = null;

  constructor(
    private readonly job: Job,
    private readonly make: MakeWay,
    /** Examples of a pass of the job. */
    private readonly batch: number,
  ) {}

  /** Has the spread of `sums` say what of a batch it cannot tell. */
  static watch(sums: readonly DiagonalSums[]): void {
    for (const { spread } of sums) for (const t of spread.tensors.values()) t.epsilon = EPSILON;
  }

  /** After the sums of `batch` were added: those that are uncertain are taken in float64. */
  async settle(batch: Batch, sums: DiagonalSums): Promise<void> {
    const uncertain = [...sums.spread.tensors.values()].filter((t) => t.uncertain);
    if (uncertain.length === 0) return;
    const { programs, way } = await this.refinedFor(uncertain.map((t) => t.name));
    const fresh = way.empty();
    for (const examples of inDoubles(batch.examples, programs.maxBatch)) {
      const opened = await openBatch(programs, null, examples);
      const weights = this.job.weights ? batchWeights(this.job.weights, examples.indices, opened.n) : null;
      const add = await way.run(programs, { ...opened, weights, group: batch.group });
      add(fresh);
    }
    for (const t of uncertain) t.settle(fresh.spread.tensors.get(t.name)!);
  }

  dispose(): void {
    this.refined?.programs.dispose();
    this.refined = null;
  }

  /** Compiled for at least these tensors; those of earlier batches stay. */
  private async refinedFor(wanted: readonly string[]): Promise<Refined> {
    const { job, refined, batch } = this;
    if (refined && wanted.every((name) => refined.names.has(name))) return refined;
    const names = new Set([...(refined?.names ?? []), ...wanted]);
    this.dispose();
    const network = refinedNetwork(job.network, names);
    const engine = createSmallEngine();
    // Twice the bytes of a number.
    const budget = Math.floor(job.budget / 2);
    const way = this.make(
      { ...job, engine, network, batch, budget, doubts: [] },
      { groups: [], varianceOnly: true },
    );
    this.refined = { names, way, programs: await Passes.compile(engine, network, way.graphs, way.batch) };
    return this.refined;
  }
}

/** The examples, at most `most` at a time, with floating-point inputs in float64. */
function* inDoubles(examples: ExampleBatch, most: number): Generator<ExampleBatch> {
  const { n, indices, occurrence, inputs } = examples;
  for (let from = 0; from < n; from += most) {
    const to = Math.min(n, from + most);
    yield {
      n: to - from,
      indices: Array.from(indices).slice(from, to),
      occurrence: Array.from(occurrence).slice(from, to),
      inputs: new Map([...inputs].map(([name, t]) => [name, rows(t, from, to)])),
    };
  }
}

/** Rows of a tensor, floats in float64. */
function rows(t: Tensor, from: number, to: number): Tensor {
  const each = t.shape.slice(1).reduce((product, d) => product * d, 1);
  const part = { ...t, shape: [to - from, ...t.shape.slice(1)], data: t.data.slice(from * each, to * each) };
  return isFloat(t.dtype) ? castTensor(part, 'float64') : part;
}
