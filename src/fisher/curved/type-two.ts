/**
 * @module fisher/curved/type-two
 *
 * Type 2 and pooled mixes as estimates of the diagonal: values with errors in the shapes of fisher/estimate. See
 * fisher/curved/mixed for what they are, fisher/curved/pooled for where the weights of a mix come from.
 */
import { UniformStream } from '../../core/random.js';
import type { FloatType } from '../../core/tensor.js';
import type { Engine } from '../../engine/types.js';
import type { Likelihood } from '../../likelihood/types.js';
import { type Network, parameterCount } from '../../model/network.js';
import { assemble, type Subject, traceSoFar } from '../assemble.js';
import { requireDraws } from '../checks.js';
import type { DiagonalEstimate } from '../estimate.js';
import { finiteDiagonal } from '../finite.js';
import type { DiagonalOptions } from '../options.js';
import type { ExampleSource } from '../source.js';
import { accumulateMixed, type MixedJob, type MixedSums, refineMixed } from './mixed.js';
import { inNaturalForm } from './natural.js';
import { pooledWeights } from './pooled.js';

/**
 * Estimates the diagonal over all examples of `source` by type 2, or by the mix with weights `options.mix` (of type 1, by parameter).
 * Without weights, `mix` first takes them from a pilot (fisher/curved/pooled). Throws `fisher/draws`, `fisher/no-examples`,
 * `fisher/not-finite`.
 */
export async function estimateMixed(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions,
): Promise<DiagonalEstimate> {
  requireDraws(options.labels ?? 1);
  return finiteDiagonal(engine, network, source, (e, n, s, probing) => {
    const { onBatch: _, ...silent } = options;
    return estimateOnce(e, n, likelihood, s, probing ? silent : options);
  });
}

async function estimateOnce(
  engine: Engine,
  given: Network,
  declared: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions,
): Promise<DiagonalEstimate> {
  declared.checkOutputs(given.h.shape[1] as number);
  const { network, likelihood } = inNaturalForm(given, declared);
  const { estimator, seed = 0, stream = 'estimate', labels = 1, error = 'closed-form' } = options;
  const alpha =
    estimator === 'type2'
      ? new Map<string, number>()
      : (options.mix ?? (await pooledWeights(engine, network, likelihood, source, options)));
  const job: MixedJob = {
    engine,
    network,
    likelihood,
    alpha,
    labels,
    error,
    // Type 1's own stream: at equal seeds, all three estimators see the same labels.
    stream: new UniformStream(seed, `type1/${stream}`),
    weights: options.weights,
    batch: options.batch,
    budget: options.budget,
    signal: options.signal,
    doubts: network.doubts ?? [],
  };
  const decided = { ...options, seed, labels, error };
  const subject = describe(network, declared);
  const estimate = (sums: MixedSums, interrupted: boolean) => assemble(sums, decided, subject, interrupted);
  const { sums, interrupted } = await accumulateMixed(job, source, (now) =>
    options.onBatch?.({
      examples: now.examples,
      trace: () => traceSoFar(now, decided),
      estimate: () => estimate(now, false),
    }),
  );
  if (!interrupted) await refineMixed(job, sums, source);
  return estimate(sums, interrupted);
}

function describe(network: Network, likelihood: Likelihood): Subject {
  return {
    likelihood: likelihood.name,
    outputs: network.h.shape[1] as number,
    parameters: parameterCount(network),
    dtype: network.h.dtype as FloatType,
    shapes: new Map([...network.parameters].map(([p, v]) => [p, v.shape as readonly number[]])),
    doubts: network.doubts ?? [],
    weights: network.weights,
  };
}
