/**
 * @module variance/probe-batch
 *
 * Batch of a stochastic probe: its outputs, and residuals of fresh labels.
 */
import type { UniformStream } from '../core/random.js';
import type { TypedArray } from '../core/tensor.js';
import { makeLabels, outputs as batchOutputs } from '../likelihood/batch.js';
import type { Likelihood, Outputs } from '../likelihood/types.js';
import type { Passes } from '../fisher/passes.js';
import type { ExampleBatch } from '../fisher/source.js';

/** Repeats, labels and seed of a stochastic probe. */
export interface ProbeOptions {
  /** Independent repeats R, at least 2. Default 16. */
  readonly repeats?: number;
  /** Labels per example in each repeat, for `labelProbes`. Default 2. */
  readonly labels?: number;
  /** Seed of the probes; default 0. */
  readonly seed?: number;
  /** Examples of a pass; default 64. */
  readonly batch?: number;
}

/** Residuals δ [n, K, T] of fresh labels; `first` is the first draw. */
export function labelResiduals(
  likelihood: Likelihood,
  h: Outputs,
  { indices, occurrence }: ExampleBatch,
  stream: UniformStream,
  first: number,
  K: number,
): Float64Array {
  const labels = makeLabels(likelihood, h.n, h.T, K);
  const draws = { stream, examples: indices, occurrences: occurrence, from: first, count: K };
  likelihood.sample(h, draws, labels);
  const residuals = new Float64Array(h.n * K * h.T);
  likelihood.residual(h, labels, residuals);
  return residuals;
}

/** One batch's outputs h from the forward half. */
export async function forwardOutputs(programs: Passes, { n, inputs }: ExampleBatch): Promise<Outputs> {
  const data = new Map<string, TypedArray>([...inputs].map(([name, t]) => [name, t.data]));
  const h = await programs.forward(data, n);
  return batchOutputs(Float64Array.from(h.subarray(0, n * programs.outputs)), n, programs.outputs);
}
