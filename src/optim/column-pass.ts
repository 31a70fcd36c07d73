/**
 * @module optim/column-pass
 *
 * Sums over a batch's scores, for preconditioners: an example's cotangents are the columns of its I(h), in closed form; or the residual
 * of one label drawn from the model, keyed by (seed, row, update); or that of the action taken. The columns and halves are those of the
 * measuring half, read at the present parameters.
 *
 * The column axis is cut where columns × examples × width would exceed its memory budget; the sums add up, in float64.
 */
import { UniformStream } from '../core/random.js';
import type { FloatArray } from '../core/tensor.js';
import { labelColumns } from '../fisher/estimators/type-one.js';
import { DEFAULT_BUDGET, planMemory } from '../fisher/memory.js';
import { type BackwardGraph, Passes } from '../fisher/passes.js';
import { downstream } from '../graph/substitute.js';
import type { Span } from '../likelihood/index.js';
import type { PreconditionerContext, ScoreBatch } from './preconditioner.js';

/**
 * Whose expectation over actions: the model's in closed form, the model's by one draw a state, or that over the actions that were taken
 * (the empirical Fisher).
 */
export type ColumnKind = 'exact' | 'sampled' | 'taken';

/** Writes cotangents [n, span, T] and weights [n, span]. */
type Fill = (batch: ScoreBatch, span: Span, ct: FloatArray, w: FloatArray) => void;

/** The sums of a batch by name; null for one that the graph does not have. */
export type Sums = (output: string) => FloatArray | null;

export class ColumnPass {
  private readonly ct: FloatArray;
  private readonly w: FloatArray;

  private constructor(
    private readonly passes: Passes,
    private readonly fill: Fill,
    private readonly columns: number,
    private readonly chunk: number,
    /** Outputs that the cotangents reach: those that add up over chunks. */
    private readonly additive: readonly string[],
    maxBatch: number,
  ) {
    const floats = (n: number): FloatArray =>
      passes.dtype === 'float64' ? new Float64Array(n) : new Float32Array(n);
    this.ct = floats(maxBatch * chunk * passes.outputs);
    this.w = floats(maxBatch * chunk);
  }

  /** `derived` builds the sums from cotangents ct [N, K, T] and weights w [N, K] of so many columns. `budget`: numbers of an array. */
  static async compile(
    context: PreconditionerContext,
    kind: ColumnKind,
    stream: string,
    derived: (columns: number) => BackwardGraph,
    budget = DEFAULT_BUDGET,
  ): Promise<ColumnPass> {
    const { engine, network, likelihood, maxBatch, store } = context;
    const columns = kind === 'exact' ? likelihood.weightedColumns(network.h.shape[1] as number) : 1;
    const { chunk } = planMemory(network, columns, maxBatch, 1, budget);
    const half = derived(chunk);
    const passes = await Passes.compile(engine, network, { pass: half }, maxBatch, store);
    const reached = downstream(Object.values(half.outputs), Object.values(half.late));
    const additive = Object.keys(half.outputs).filter((name) => reached.has(half.outputs[name]));
    return new ColumnPass(passes, fillOf(context, kind, stream), columns, chunk, additive, maxBatch);
  }

  /** The sums of the batch, valid until the next call. */
  async run(batch: ScoreBatch): Promise<Sums> {
    const { passes, fill, columns, chunk } = this;
    const { n } = batch;
    const ct = this.ct.subarray(0, n * chunk * passes.outputs);
    const w = this.w.subarray(0, n * chunk);
    await passes.forward(batch.inputs, n);
    fill(batch, { from: 0, count: chunk }, ct, w);
    const first = await passes.backward('pass', { ct, w }, n);
    if (chunk === columns) return first;
    const totals = new Map(
      this.additive.map((name) => [name, Float64Array.from(first(name) as FloatArray)] as const),
    );
    for (let done = chunk; done < columns; done += chunk) {
      // The last chunk overlaps the one before: what was done has weight zero.
      const from = Math.min(done, columns - chunk);
      fill(batch, { from, count: chunk }, ct, w);
      for (let e = 0; e < n; e++) w.fill(0, e * chunk, e * chunk + done - from);
      const next = await passes.backward('pass', { ct, w }, n);
      for (const [name, total] of totals) {
        const part = next(name) as FloatArray;
        for (let i = 0; i < total.length; i++) total[i] += part[i];
      }
    }
    return (name) => totals.get(name) ?? first(name);
  }

  dispose(): void {
    this.passes.dispose();
  }
}

function fillOf(
  { network, likelihood, maxBatch, seed }: PreconditionerContext,
  kind: ColumnKind,
  stream: string,
): Fill {
  const T = network.h.shape[1] as number;
  if (kind === 'taken') {
    return ({ residuals, n }, _span, ct, w) => {
      ct.set(residuals.subarray(0, n * T));
      w.fill(1);
    };
  }
  if (kind === 'exact') return ({ h }, span, ct, w) => likelihood.columns(h, ct, w, span);
  const source = labelColumns(likelihood, new UniformStream(seed, stream), 1);
  const indices = Uint32Array.from({ length: maxBatch }, (_, i) => i);
  const occurrence = new Float64Array(maxBatch);
  return ({ h, n, step }, span, ct, w) => {
    occurrence.fill(step, 0, n);
    source.fill({ h, indices, occurrence }, span, ct, w);
  };
}
