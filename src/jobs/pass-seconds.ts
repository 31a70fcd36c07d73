/**
 * @module jobs/pass-seconds
 *
 * Seconds that an example takes by each estimator on this machine, from a few batches of each, interleaved. The clock is the caller's.
 */
import { batches } from '../data/batches.js';
import { type DiagonalOptions, estimateDiagonal, type ExampleSource } from '../fisher/index.js';
import type { EstimateSubject } from './request.js';

/** Estimators that are timed; the mix is type 1 and 2 together and costs as type 2. */
export const TIMED = ['exact', 'rademacher', 'type1', 'type2'] as const;

export type TimedEstimator = (typeof TIMED)[number];

/** A number for each of them. */
export type PerEstimator = Readonly<Record<TimedEstimator, number>>;

export interface TimingRequest {
  readonly seed: number;
  readonly order: 'seed' | 'file';
  readonly batch: number;
  /** Bytes that a pass may hold. */
  readonly memory?: number | undefined;
  /** Seconds from any fixed moment. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/** Times that each estimator is measured; the least counts, since only other work on the machine makes it longer. */
const ROUNDS = 3;
/** Seconds after which no other round begins: most of a round so long is the making of its programs. */
const LONG = 1;

/** Seconds per example of one value pass of each estimator, from the batches after the first, interleaved. */
export async function measureSeconds(
  subject: EstimateSubject,
  request: TimingRequest,
  examples: number,
): Promise<PerEstimator> {
  const least = new Map<TimedEstimator, number>();
  const began = request.now();
  for (let round = 0; round < ROUNDS && request.now() - began < LONG; round++) {
    for (const estimator of TIMED) {
      const seconds = await secondsOf(estimator, subject, request, examples);
      least.set(estimator, Math.min(seconds, least.get(estimator) ?? Infinity));
    }
  }
  return Object.fromEntries(least) as Record<TimedEstimator, number>;
}

async function secondsOf(
  estimator: TimedEstimator,
  subject: EstimateSubject,
  request: TimingRequest,
  examples: number,
): Promise<number> {
  const stamps: { at: number; examples: number }[] = [];
  const began = request.now();
  const source = pilotSource(subject, request, examples);
  await estimateDiagonal(subject.engine, subject.network, subject.likelihood, source, {
    ...pilotOptions(request, examples),
    estimator,
    error: 'sampled',
    onBatch: (p) => stamps.push({ at: request.now(), examples: p.examples }),
  });
  // Ended by a signal before its first batch.
  if (stamps.length === 0) return NaN;
  const [first] = stamps;
  const last = stamps[stamps.length - 1];
  if (stamps.length < 2) return (last.at - began) / last.examples;
  return (last.at - first.at) / (last.examples - first.examples);
}

function pilotSource({ dataset }: EstimateSubject, request: TimingRequest, examples: number): ExampleSource {
  const { order, seed } = request;
  return (batch, dtype) => batches(dataset, { batch, dtype, order, seed, examples });
}

function pilotOptions(request: TimingRequest, pilot: number): Omit<DiagonalOptions, 'estimator'> {
  return {
    labels: 1,
    seed: request.seed,
    stream: 'pilot',
    populationSize: pilot,
    ...(request.memory === undefined ? {} : { memory: request.memory }),
    batch: Math.min(request.batch, Math.max(1, Math.floor(pilot / 4))),
    ...(request.signal ? { signal: request.signal } : {}),
  };
}
