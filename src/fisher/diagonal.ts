/**
 * @module fisher/diagonal
 *
 * The diagonal of the Fisher information, mean over examples, sum over outputs, by every estimator of fisher/estimators/table. Two
 * passes may run over the same forward half: one gives the value, one the closed-form variance of one draw (and the exact per-example
 * values that the data error is the spread of).
 */
import type { Engine } from '../engine/types.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { requireExamples } from './checks.js';
import type { Counts } from './counts.js';
import { decide } from './decided.js';
import type { DiagonalEstimate } from './estimate.js';
import { finiteDiagonal } from './finite.js';
import { accumulateDiagonal } from './forms/diagonal/accumulation.js';
import { assemble, traceSoFar } from './forms/diagonal/assemble.js';
import { groupsOf } from './forms/diagonal/groups.js';
import { refine } from './forms/diagonal/refine.js';
import { checkSettings, jobOf } from './job.js';
import { loop } from './loop.js';
import type { DiagonalOptions } from './options.js';
import type { ExampleSource } from './source.js';
import { describe } from './subject.js';

/**
 * Estimates the diagonal over all examples of `source`. Throws `fisher/targets` where `empirical` has no labels, `fisher/draws` for a
 * number of draws that is none, `fisher/no-examples` where the source is empty, `fisher/not-finite` where a number is NaN or ∞ in float64.
 * @throws FimError with `fisher/exact-pairs`, `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`,
 * `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`,
 * `random/index`, `random/seed`, `stats/level`, `tensor/size`
 *
 * @example
 * ```ts
 * import { denseNetwork, estimateDiagonal, getLikelihood, makeDataset, tensor } from 'fim';
 * import { batches } from 'fim/data';
 * import { createEngine } from 'fim/engine';
 *
 * const network = denseNetwork({ widths: [1, 1], dtype: 'float64', bias: false });
 * const x = tensor('float64', [2, 1], [1, 3]);
 * const dataset = makeDataset({ source: 'two points', inputs: new Map([['x', x]]) });
 * const { engine } = await createEngine({ engine: 'small' });
 * const estimate = await estimateDiagonal(
 *   engine,
 *   network,
 *   getLikelihood('gaussian', { variance: 1 }),
 *   (batch, dtype) => batches(dataset, { batch, dtype }),
 *   { estimator: 'exact', populationSize: dataset.n },
 * );
 * console.log(estimate.tensors[0].fisher[0]); // 5
 * engine.dispose();
 * ```
 */
export async function estimateDiagonal(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions,
): Promise<DiagonalEstimate> {
  checkSettings(network, likelihood, options);
  return finiteDiagonal(engine, network, source, (e, n, s, probing) => {
    const { onBatch: _, ...silent } = options;
    return estimateOnce(e, n, likelihood, s, probing ? silent : options);
  });
}

/**
 * Estimates the diagonal by type 2 or a mix: `estimateDiagonal`, whose options say which. Throws what it throws.
 * @throws FimError with `fisher/draws`, `fisher/exact-pairs`, `fisher/no-examples`, `fisher/not-finite`, `fisher/output-not-finite`,
 * `fisher/targets`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`,
 * `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/index`, `random/seed`, `stats/level`,
 * `tensor/size`
 */
export function estimateMixed(...settings: Parameters<typeof estimateDiagonal>): Promise<DiagonalEstimate> {
  return estimateDiagonal(...settings);
}

async function estimateOnce(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions,
): Promise<DiagonalEstimate> {
  const { signal, onBatch } = options;
  const decided = decide(options);
  const job = await jobOf(engine, network, likelihood, source, options);
  const subject = describe(job.network, likelihood);
  const groups = groupsOf(job.network);
  const form = accumulateDiagonal(job, { groups });
  const gathered = (counts: Counts) => ({ ...form.sums[0], counts, groups });
  const estimate = (counts: Counts, interrupted: boolean) =>
    assemble(gathered(counts), decided, subject, interrupted);
  const { workers, interrupted } = await loop([{ job, forms: [form] }], source, {
    signal,
    onBatch: ([{ counts }]) =>
      onBatch?.({
        examples: counts[0].examples,
        trace: () => traceSoFar(gathered(counts[0]), decided),
        estimate: () => estimate(counts[0], false),
      }),
  });
  const [counts] = workers[0].counts;
  if (interrupted) return estimate(counts, true);
  requireExamples(counts.examples, false, 'estimate of the diagonal');
  await refine(job, form.sums, counts.examples, source, { signal });
  return estimate(counts, false);
}
