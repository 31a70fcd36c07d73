/**
 * @module fisher/diagonal
 *
 * The diagonal of the Fisher information, mean over examples, sum over outputs, by six estimators:
 *
 *   exact        E_y s_i² from all columns of I(h): K = T backward passes, no label error
 *   type1        s_i² of K labels drawn from the network itself (P24 Eq. 3), unbiased
 *   type2, mix   negative second derivatives at K sampled labels, or a mix of both (fisher/curved/mixed), unbiased
 *   rademacher   (JᵀRξ)_i² of K draws of signs on a root RRᵀ = I(h) (Martens et al. 2012), unbiased, relative sd ≤ √2
 *   empirical    s_i² of the data's labels: another matrix, not an estimate of the Fisher information
 *
 * Two passes may run over the same forward half: `draws` gives the value, `columns` the closed-form variance of one draw (and the
 * exact per-example values that the data error is the spread of).
 */
import { FimError } from '../core/errors.js';
import { UniformStream } from '../core/random.js';
import type { FloatType } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import type { Engine } from '../engine/types.js';
import type { Likelihood } from '../likelihood/types.js';
import { type Network, parameterCount } from '../model/network.js';
import { accumulate, type Job, type PassSums, type Sums } from './accumulate.js';
import { assemble, type Subject, traceSoFar } from './assemble.js';
import { requireDraws, requireExamples } from './checks.js';
import type { DiagonalEstimate, ErrorSource } from './estimate.js';
import { finiteDiagonal } from './finite.js';
import { groupsOf } from './groups.js';
import { DEFAULT_BUDGET } from './memory.js';
import type { DiagonalOptions } from './options.js';
import { type Planned, planPasses } from './plan.js';
import { cancelled, refinedNetwork } from './refine.js';
import type { ExampleSource } from './source.js';
import { estimateMixed } from './curved/type-two.js';

/**
 * Estimates the diagonal over all examples of `source`. Throws `fisher/targets` where `empirical` has no labels, `fisher/draws` for a
 * number of draws that is none, `fisher/no-examples` where the source is empty, `fisher/not-finite` where a number is NaN or ∞ in float64.
 */
export async function estimateDiagonal(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions,
): Promise<DiagonalEstimate> {
  const { estimator } = options;
  if (estimator === 'type2' || estimator === 'mix')
    return estimateMixed(engine, network, likelihood, source, options);
  likelihood.checkOutputs(network.h.shape[1] as number);
  if (estimator === 'empirical' && !options.targets) throw noTargets();
  if (estimator === 'type1' || estimator === 'rademacher') requireDraws(options.labels ?? 1);
  return finiteDiagonal(engine, network, source, (e, n, s, probing) => {
    const { onBatch: _, ...silent } = options;
    return estimateOnce(e, n, likelihood, s, probing ? silent : options);
  });
}

async function estimateOnce(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions,
): Promise<DiagonalEstimate> {
  const T = network.h.shape[1] as number;
  const { estimator, seed = 0, stream = 'estimate', targets = null } = options;
  const drawn = estimator === 'type1' || estimator === 'rademacher';
  const labels = drawn ? (options.labels ?? 1) : 0;
  const error: ErrorSource = drawn ? (options.error ?? 'closed-form') : 'none';
  const job: Job = {
    engine,
    network,
    likelihood,
    estimator,
    passes: planPasses(estimator, error, likelihood, T, labels),
    groups: groupsOf(network),
    draws: labels,
    stream: new UniformStream(seed, `${estimator}/${stream}`),
    targets,
    classWeights: options.classWeights,
    weights: options.weights,
    batch: options.batch ?? 256,
    budget: options.budget ?? DEFAULT_BUDGET,
    signal: options.signal,
    doubts: network.doubts ?? [],
  };
  const subject = describe(network, likelihood);
  const decided = { ...options, estimator, seed, labels, error };
  const estimate = (sums: Sums, interrupted: boolean) =>
    assemble({ ...sums, ...spread(sums), groups: job.groups }, decided, subject, interrupted);
  const { sums, interrupted } = await accumulate(job, source, (now) =>
    options.onBatch?.({
      examples: now.examples,
      trace: () => traceSoFar({ ...now, ...spread(now), groups: job.groups }, decided),
      estimate: () => estimate(now, false),
    }),
  );
  if (interrupted) return estimate(sums, true);
  requireExamples(sums.examples, false, 'estimate of the diagonal');
  await refine(job, sums, source);
  return estimate(sums, false);
}

/** Which pass holds the value, and which the errors. */
export function spread({ passes }: Sums): { value: PassSums; spread: PassSums } {
  const draws = passes.get('draws');
  const columns = passes.get('columns');
  return { value: (draws ?? columns) as PassSums, spread: (columns ?? draws) as PassSums };
}

/** Computes again, in float64, the data variances that float32 sums cannot tell. */
export async function refine(job: Job, sums: Sums, source: ExampleSource): Promise<void> {
  if (job.network.h.dtype !== 'float32' || sums.examples < 2) return;
  const { tensors } = spread(sums).spread;
  const names = cancelled(tensors);
  if (names.length === 0) return;
  const name = job.passes.has('columns') ? 'columns' : 'draws';
  const { spec, law } = job.passes.get(name) as Planned;
  const again: Job = {
    ...job,
    engine: createSmallEngine(),
    network: refinedNetwork(job.network, names),
    passes: new Map([[name, { spec: { ...spec, label: null, fourth: false, totals: null }, law }]]),
    groups: [],
    doubts: [],
  };
  const refined = await accumulate(again, source);
  if (refined.interrupted) return;
  const exact = refined.sums.passes.get(name) as PassSums;
  for (const p of names) tensors.get(p)?.takeVariance(exact.tensors.get(p));
}

function noTargets(): FimError {
  return new FimError({
    code: 'fisher/targets',
    where: 'empirical Fisher',
    rule: 'needs the labels of the data',
    next: 'name them with --targets NAME, or choose --estimator exact',
  });
}

export function describe(network: Network, likelihood: Likelihood): Subject {
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
