/**
 * @module optim/columnPass
 *
 * Statistics of the model's own scores on a batch, for preconditioners: exact columns of I(h), or one sampled label an example, keyed by
 * (seed, row, update). The measuring half's columns and passes.
 */
import { UniformStream } from '../core/random.js';
import type { FloatArray } from '../core/tensor.js';
import { type ColumnSource, exactColumns, labelColumns } from '../fisher/columns.js';
import { type BackwardGraph, Passes } from '../fisher/passes.js';
import type { PreconditionerContext, ScoreBatch } from './preconditioner.js';

/** Whose expectation over labels: closed, or of one sample. */
export type ColumnKind = 'exact' | 'sampled';

export class ColumnPass {
  private readonly ct: FloatArray;
  private readonly w: FloatArray;
  private readonly indices: Uint32Array;
  private readonly occurrence: Float64Array;

  private constructor(
    private readonly passes: Passes,
    private readonly source: ColumnSource,
    private readonly columns: number,
    maxBatch: number,
  ) {
    const floats = (n: number): FloatArray =>
      passes.dtype === 'float64' ? new Float64Array(n) : new Float32Array(n);
    this.ct = floats(maxBatch * columns * passes.outputs);
    this.w = floats(maxBatch * columns);
    this.indices = Uint32Array.from({ length: maxBatch }, (_, i) => i);
    this.occurrence = new Float64Array(maxBatch);
  }

  /** `derived` builds the sums from cotangents of so many columns. */
  static async compile(
    { engine, network, likelihood, maxBatch, store, seed }: PreconditionerContext,
    kind: ColumnKind,
    stream: string,
    derived: (columns: number) => BackwardGraph,
  ): Promise<ColumnPass> {
    const T = network.h.shape[1] as number;
    const columns = kind === 'exact' ? likelihood.weightedColumns(T) : 1;
    const source =
      kind === 'exact'
        ? exactColumns(likelihood, T)
        : labelColumns(likelihood, new UniformStream(seed, stream), 1);
    const passes = await Passes.compile(engine, network, { pass: derived(columns) }, maxBatch, store);
    return new ColumnPass(passes, source, columns, maxBatch);
  }

  /** The sums of the batch by name, valid until the next call. */
  async run({ inputs, n, h, step }: ScoreBatch): Promise<(output: string) => FloatArray | null> {
    const { passes, source, columns, ct, w, indices, occurrence } = this;
    await passes.forward(inputs, n);
    occurrence.fill(step, 0, n);
    source.fill({ h, indices, occurrence }, { from: 0, count: columns }, ct, w);
    const { outputs } = passes;
    return passes.backward(
      'pass',
      { ct: ct.subarray(0, n * columns * outputs), w: w.subarray(0, n * columns) },
      n,
    );
  }

  dispose(): void {
    this.passes.dispose();
  }
}
