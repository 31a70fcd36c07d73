/**
 * @module jobs/diagonal-options
 *
 * Settings of a diagonal estimate from a request and what was chosen for it, the examples that it visits uniformly, and the variances
 * that its estimator is chosen by.
 */
import { batches } from '../data/batches.js';
import {
  type Chosen,
  type DiagonalOptions,
  type ExampleSource,
  measureVariances,
  type Variances,
} from '../fisher/index.js';
import type { EstimateListener, EstimateRequest, RootedRequest, Weighed } from './request.js';

/** Everything that does not depend on the visits. */
export function diagonalOptions(
  subject: Weighed,
  request: RootedRequest,
  chosen: Omit<Chosen, 'reasons'>,
  listener: EstimateListener,
): DiagonalOptions {
  return {
    estimator: chosen.estimator,
    labels: chosen.labels,
    ...(request.root ? { root: request.root } : {}),
    ...(chosen.exactPairs ? { exactPairs: chosen.exactPairs } : {}),
    ...(chosen.error === 'none' ? {} : { error: chosen.error }),
    ...(subject.targets ? { targets: subject.targets } : {}),
    ...(request.classWeights ? { classWeights: request.classWeights } : {}),
    ...(subject.weighing.weights ? { weights: subject.weighing.weights } : {}),
    ...(request.largest ? { largest: request.largest } : {}),
    ...(request.functionals?.length ? { functionals: request.functionals } : {}),
    ...(request.quadratics?.length ? { quadratics: request.quadratics } : {}),
    seed: request.seed ?? 0,
    population: request.population ?? 'distribution',
    populationSize: subject.weighing.n,
    level: request.level ?? 0.95,
    batch: request.batch ?? 256,
    ...(request.memory === undefined ? {} : { memory: request.memory }),
    ...(listener.signal ? { signal: listener.signal } : {}),
    ...(listener.say ? { say: (line: string) => listener.say?.(line) } : {}),
  };
}

/** Variances of one example's trace, by which an estimator that is left open is chosen; null where a pilot is not worth it. */
export function tracedVariances(
  subject: Weighed,
  request: RootedRequest,
  examples: number,
  exactPairs: number,
): Promise<Variances | null> {
  const { network, likelihood } = subject;
  const { root, memory } = request;
  const asked = { question: 'trace', examples, root, exactPairs, memory } as const;
  return measureVariances(network, likelihood, sourceOf(subject, request, examples), asked);
}

/** The first examples of the order that is asked for. */
export function sourceOf(
  { dataset, weighing: { among } }: Weighed,
  { order, seed }: Pick<EstimateRequest, 'order' | 'seed'>,
  examples: number,
): ExampleSource {
  return (batch, dtype) => batches(dataset, { batch, dtype, order, seed, examples, among });
}
