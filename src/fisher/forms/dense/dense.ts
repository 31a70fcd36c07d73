/**
 * @module fisher/forms/dense/dense
 *
 * P×P matrices of a small network: the Fisher information and the variance of one label in every element, means over the examples;
 * and dense estimates of the Fisher by type 1, type 2 or a mix, with the error of every element. O(n P² K) time, O(P²) memory: for
 * P up to a few thousand. Order of the parameters: the network's, each flattened row by row.
 */
import { FimError } from '../../../core/errors.js';
import type { UniformStream } from '../../../core/random.js';
import type { Engine } from '../../../engine/types.js';
import { makeLabels } from '../../../likelihood/batch.js';
import type { Likelihood } from '../../../likelihood/types.js';
import { type Network, parameterCount } from '../../../model/network.js';
import { requireDraws, requireExamples } from '../../checks.js';
import type { ExampleWeights } from '../../example-weights.js';
import { below, finite, oddNumber, type Trouble } from '../../finite.js';
import type { ExampleSource } from '../../source.js';
import { type DenseErrors, DenseSums } from './dense-sums.js';
import { type BatchDerivatives, derivatives } from './derivatives.js';
import { elementsOf } from './elements.js';
import { inNaturalForm } from '../../curved/natural.js';

/** Largest number of parameters of a P×P matrix. */
export const LARGEST_DENSE = 8192;

/** Means over the examples, [P, P] row-major. */
export interface DenseMoments {
  /** Examples in the means. */
  readonly examples: number;
  /** Number of parameters. */
  readonly P: number;
  /** 𝓘_ij. */
  readonly fisher: Float64Array;
  /** Variance of one label's s_i s_j. */
  readonly type1: Float64Array;
  /** Variance of one label's negative second derivative. */
  readonly type2: Float64Array;
  /** Covariance of the two at the same label. */
  readonly cross: Float64Array;
  /** Least variance of one label that a mix of the two at a known α reaches. */
  readonly oracle: Float64Array;
}

const QUANTITIES = ['fisher', 'type1', 'type2', 'cross', 'oracle'] as const;

/** Throws `fisher/dense-size` where a P×P matrix is too large to hold. */
export function requireDense(network: Network): number {
  const P = parameterCount(network);
  if (P <= LARGEST_DENSE) return P;
  throw new FimError({
    code: 'fisher/dense-size',
    kind: 'usage',
    where: 'dense Fisher matrix',
    rule: `holds P×P numbers, for at most ${LARGEST_DENSE} parameters`,
    got: `${P} parameters`,
    next: '--form diagonal',
  });
}

/** Closed forms of every element. `second: false` leaves out type 2 and what needs it (zeros). */
export async function denseMoments(
  engine: Engine,
  given: Network,
  declared: Likelihood,
  source: ExampleSource,
  options: { batch?: number; second?: boolean } = {},
): Promise<DenseMoments> {
  const { network, likelihood } = inNaturalForm(given, declared);
  const P = requireDense(network);
  const sums = Object.fromEntries(QUANTITIES.map((q) => [q, new Float64Array(P * P)]));
  let examples = 0;
  for await (const batch of derivatives(engine, network, source, options)) {
    for (const elements of elementsOf(batch, likelihood)) {
      examples += 1;
      for (let i = 0; i < P; i++)
        for (let j = 0; j <= i; j++) {
          const element = elements.at(i, j);
          for (const q of QUANTITIES) sums[q][i * P + j] += element[q];
        }
    }
  }
  requireExamples(examples, false, 'dense Fisher matrix');
  for (const q of QUANTITIES) {
    for (let i = 0; i < P; i++)
      for (let j = 0; j <= i; j++) {
        sums[q][i * P + j] /= examples;
        sums[q][j * P + i] = sums[q][i * P + j];
      }
  }
  return { examples, P, ...sums } as unknown as DenseMoments;
}

/** Σ_j of a [P, P] matrix, by row. */
export function rowSums(matrix: Float64Array, P: number): Float64Array {
  const out = new Float64Array(P);
  for (let i = 0; i < P * P; i++) out[Math.floor(i / P)] += matrix[i];
  return out;
}

/** A dense Fisher: mean over examples, sum over outputs, [P, P]; errors per element. */
export interface DenseEstimate extends DenseErrors {
  /** All P² elements were estimated. */
  readonly form: 'dense';
  /** Multiply by N for a sum over N examples. */
  readonly scale: 'mean over examples, sum over outputs';
  /** How it was estimated. */
  readonly estimator: 'exact' | 'type1' | 'type2' | 'mix';
  /** Examples that went in. */
  readonly examples: number;
  /** P. */
  readonly parameters: number;
  /** Draws per example; 0 for `exact`. */
  readonly labels: number;
  /** Where the label error comes from. */
  readonly error: 'closed-form' | 'sampled' | 'none';
  /** Ended by the signal: over the whole examples so far, and in the first rows the one that was begun. */
  readonly interrupted: boolean;
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
}

/** Settings of `estimateDense`. */
export interface DenseOptions {
  /** Exact, squared scores, second derivatives, or a mix of the last two. */
  readonly estimator: 'exact' | 'type1' | 'type2' | 'mix';
  /** Labels per example. Default 1. */
  readonly labels?: number;
  /** Where the label error comes from; default `closed-form`. */
  readonly error?: 'closed-form' | 'sampled';
  /** Weight of type 1 in a mix, one for all elements. Default ½. */
  readonly alpha?: number;
  /** Names the draws. */
  readonly stream: UniformStream;
  /** By the index of an example (fisher/example-weights); absent: all weigh the same. */
  readonly weights?: ExampleWeights | undefined;
  /** Examples in the whole population, where that is finite. */
  readonly population?: number;
  /** Examples per pass. */
  readonly batch?: number;
  /** After each example. */
  onExample?(examples: number): void;
  /** Ends the estimate with what is known so far. */
  readonly signal?: AbortSignal;
  /** Lets timers and signals be heard; called every ten milliseconds or so of work. */
  pause?(): Promise<void>;
}

/**
 * Estimates the P×P Fisher over all examples of `source`; O(n P² K) for `exact`. Throws `fisher/dense-size`, `fisher/draws`,
 * `fisher/no-examples`, `fisher/not-finite`.
 */
export async function estimateDense(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DenseOptions,
): Promise<DenseEstimate> {
  requireDense(network);
  if (options.estimator !== 'exact') requireDraws(options.labels ?? 1);
  const whole = ({ fisher }: DenseEstimate) => [{ name: 'fisher_dense', fisher }];
  const { result, note } = await finite({
    engine,
    network,
    source,
    run: (e, n, s) => denseOnce(e, n, likelihood, s, options),
    trouble: denseTrouble,
    lost: (e) => below(whole(e)),
    zero: (e) => below(whole(e), 0),
    interrupted: (e) => e.interrupted,
  });
  return note === null ? result : { ...result, notes: [...result.notes, note] };
}

function denseTrouble(e: DenseEstimate): Trouble | null {
  if (e.examples === 0) return null;
  const arrays = { fisher_dense: e.fisher, label_se_dense: e.labelError, data_se_dense: e.dataError };
  for (const [name, values] of Object.entries(arrays)) {
    const odd = values && oddNumber(values);
    if (odd) return { tensor: null, got: `${odd} in ${name}` };
  }
  return null;
}

async function denseOnce(
  engine: Engine,
  given: Network,
  declared: Likelihood,
  source: ExampleSource,
  options: DenseOptions,
): Promise<DenseEstimate> {
  const { network, likelihood } = inNaturalForm(given, declared);
  const P = requireDense(network);
  const { estimator, batch, population } = options;
  const labels = estimator === 'exact' ? 0 : (options.labels ?? 1);
  const error = estimator === 'exact' ? 'none' : (options.error ?? 'closed-form');
  const alpha = { exact: 0, type1: 1, type2: 0, mix: options.alpha ?? 0.5 }[estimator];
  const sums = new DenseSums(P, error, options.weights !== undefined);
  const second = estimator === 'type2' || estimator === 'mix';
  const interrupted = await addAll();
  requireExamples(sums.examples, interrupted, 'dense Fisher matrix');
  const fraction = population === undefined ? 0 : Math.min(1, sums.examples / population);
  const errors = sums.finish({ draws: Math.max(1, labels), fraction });
  const scale = 'mean over examples, sum over outputs';
  const { examples } = sums;
  return {
    form: 'dense',
    scale,
    estimator,
    examples,
    parameters: P,
    labels,
    error,
    interrupted,
    notes: [],
    ...errors,
  };

  /** Whether the signal ended it. */
  async function addAll(): Promise<boolean> {
    for await (const b of derivatives(engine, network, source, { batch, second })) {
      const residuals = labels > 0 ? residualsOf(b, likelihood, options.stream, labels) : new Float64Array(0);
      const size = labels * b.T;
      let e = 0;
      for (const elements of elementsOf(b, likelihood)) {
        const weight = options.weights ? options.weights[b.examples.indices[e]] : 1;
        const own = { residuals: residuals.subarray(e * size, (e + 1) * size), K: labels, alpha };
        const steps = labels > 0 ? sums.addDrawn(elements, own, weight) : sums.addExact(elements, weight);
        for (const _ of steps) {
          await options.pause?.();
          if (options.signal?.aborted) return true;
        }
        options.onExample?.(sums.examples);
        e += 1;
      }
    }
    return false;
  }
}

function residualsOf(
  { h, n, T, examples }: BatchDerivatives,
  likelihood: Likelihood,
  stream: UniformStream,
  K: number,
): Float64Array {
  const labels = makeLabels(likelihood, n, T, K);
  const { indices, occurrence } = examples;
  likelihood.sample(h, { stream, examples: indices, occurrences: occurrence, from: 0, count: K }, labels);
  const residuals = new Float64Array(n * K * T);
  likelihood.residual(h, labels, residuals);
  return residuals;
}
