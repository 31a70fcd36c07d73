/**
 * @module fisher/visit-gain
 *
 * Gain of weighted visits from a few of them: γ, the variance of one over that of a uniform visit (theory (16.6)), by the trace.
 *
 *   γ = s²(uf̂) / ((1/n₀) Σ uf̂² − F̂² + V),     V = s²(uf̂)/n₀
 */
import type { Engine } from '../engine/types.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { finiteRun } from './diagonal.js';
import type { VisitTotals } from './forms/diagonal/visit-totals.js';
import type { DiagonalOptions } from './options.js';
import type { ExampleSource } from './source.js';
import { STRATA } from './visits.js';

/** What some weighted visits say. */
export interface VisitGain {
  /** γ; 0 where the visits do not vary, 1 where nothing does. */
  readonly gain: number;
  /** F̂. */
  readonly trace: number;
  /** The variance of one uniform visit. */
  readonly uniform: number;
  /** Whether a signal ended it. */
  readonly interrupted: boolean;
}

/**
 * Measures γ over the visits of `source`. Throws what `estimateDiagonal` throws.
 * @throws FimError with `engine/memory`, `fisher/draws`, `fisher/entry-weights`, `fisher/exact-pairs`, `fisher/no-examples`,
 * `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`, `fisher/quadratic`, `fisher/targets`, `graph/examples-coupled`,
 * `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `random/index`, `random/seed`, `random/sequence`,
 * `stats/level`, `tensor/size`
 */
export async function visitGain(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions,
): Promise<VisitGain> {
  // The trace alone is looked at, and stands last where nothing else is asked for.
  const { functionals: _1, quadratics: _2, largest: _3, ...plain } = options;
  const { result } = await finiteRun(engine, network, likelihood, source, plain);
  const { totals } = result.form.sums[STRATA.drawn].value;
  const { f, powers } = totals[totals.length - 1] as VisitTotals;
  const n = f.count;
  const variance = n > 1 ? f.sampleVariance : NaN;
  const uniform = n > 1 ? powers[1] / n - f.mean ** 2 + variance / n : NaN;
  const gain = !(uniform > 0) ? (variance > 0 ? Infinity : 1) : variance / uniform;
  return { gain, trace: f.mean, uniform: Math.max(0, uniform), interrupted: result.interrupted };
}
