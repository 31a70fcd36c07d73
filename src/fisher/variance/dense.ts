/**
 * @module fisher/variance/dense
 *
 * P×P matrices of a small network: the Fisher information and the variance of one label in every element, means over the examples;
 * and dense estimates of the Fisher by type 1, type 2 or a mix, with the error of every element. O(n P² K) time, O(P²) memory: for
 * P up to a few thousand. Order of the parameters: the network's, each flattened row by row.
 */
import { FimError } from '../../core/errors.js';
import type { UniformStream } from '../../core/random.js';
import type { Engine } from '../../engine/types.js';
import { makeLabels } from '../../likelihood/batch.js';
import type { Likelihood } from '../../likelihood/types.js';
import { type Network, parameterCount } from '../../model/network.js';
import { closedFormErrors, type ErrorDesign, sampledErrors } from '../../stats/errors.js';
import type { ExampleSource } from '../source.js';
import { type BatchDerivatives, derivatives } from './derivatives.js';
import { type Element, elementsOf, type ExampleElements } from './elements.js';
import { inNaturalForm } from './natural.js';

/** Largest number of parameters of a P×P matrix. */
export const LARGEST_DENSE = 8192;

/** Means over the examples, [P, P] row-major. */
export interface DenseMoments {
  readonly examples: number;
  readonly P: number;
  readonly fisher: Float64Array;
  readonly type1: Float64Array;
  readonly type2: Float64Array;
  readonly cross: Float64Array;
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
export interface DenseEstimate {
  readonly form: 'dense';
  readonly scale: 'mean over examples, sum over outputs';
  readonly estimator: 'exact' | 'type1' | 'type2' | 'mix';
  readonly examples: number;
  readonly parameters: number;
  readonly labels: number;
  readonly error: 'closed-form' | 'sampled' | 'none';
  readonly fisher: Float64Array;
  /** Null where the draws cannot tell. */
  readonly labelError: Float64Array | null;
  readonly dataError: Float64Array | null;
  readonly standardError: Float64Array | null;
}

export interface DenseOptions {
  readonly estimator: 'exact' | 'type1' | 'type2' | 'mix';
  /** Labels per example. Default 1. */
  readonly labels?: number;
  readonly error?: 'closed-form' | 'sampled';
  /** Weight of type 1 in a mix, one for all elements. Default ½. */
  readonly alpha?: number;
  readonly stream: UniformStream;
  /** Examples in the whole population, where that is finite. */
  readonly population?: number;
  readonly batch?: number;
}

/** Estimates the P×P Fisher over all examples of `source`. Throws `fisher/dense-size`. */
export async function estimateDense(
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
  const sums = new DenseSums(P);
  const second = estimator === 'type2' || estimator === 'mix';
  for await (const b of derivatives(engine, network, source, { batch, second })) {
    const residuals = labels > 0 ? residualsOf(b, likelihood, options.stream, labels) : new Float64Array(0);
    let e = 0;
    for (const elements of elementsOf(b, likelihood)) {
      const size = labels * b.T;
      sums.add(elements, residuals.subarray(e * size, (e + 1) * size), labels, alpha, error);
      e += 1;
    }
  }
  const n = sums.examples;
  const fraction = population === undefined ? 0 : Math.min(1, n / population);
  const errors = sums.errors({ examples: n, draws: Math.max(1, labels), fraction }, error === 'sampled');
  const scale = 'mean over examples, sum over outputs';
  return { form: 'dense', scale, estimator, examples: n, parameters: P, labels, error, ...errors };
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

class DenseSums {
  examples = 0;
  private readonly mean: Float64Array;
  private readonly centre: Float64Array;
  private readonly m2: Float64Array;
  private readonly label: Float64Array;

  constructor(private readonly P: number) {
    [this.mean, this.centre, this.m2, this.label] = Array.from({ length: 4 }, () => new Float64Array(P * P));
  }

  /** One example with the residuals [K, T] of its labels. */
  add(elements: ExampleElements, residuals: Float64Array, K: number, alpha: number, error: string): void {
    const { P } = this;
    const n = ++this.examples;
    const draw = drawsOf(elements, residuals, K, alpha);
    for (let i = 0; i < P; i++)
      for (let j = 0; j <= i; j++) {
        const at = i * P + j;
        const element = elements.at(i, j);
        const { value, spread } = draw(i, j, element.fisher);
        this.mean[at] += (value - this.mean[at]) / n;
        const centre = error === 'sampled' ? value : element.fisher;
        const d = centre - this.centre[at];
        this.centre[at] += d / n;
        this.m2[at] += d * (centre - this.centre[at]);
        this.label[at] += error === 'sampled' ? spread : mixedVariance(element, alpha);
      }
  }

  errors(design: ErrorDesign, sampled: boolean) {
    const { P } = this;
    const n = this.examples;
    const [fisher, labelError, dataError, standardError] = Array.from(
      { length: 4 },
      () => new Float64Array(P * P),
    );
    let labelled = true;
    let split = true;
    let known = true;
    for (let i = 0; i < P; i++)
      for (let j = 0; j <= i; j++) {
        const at = i * P + j;
        const s2 = n > 1 ? this.m2[at] / (n - 1) : NaN;
        const v = sampled
          ? sampledErrors(s2, this.label[at] / n, design)
          : closedFormErrors(this.label[at], s2, design);
        if (v.label === null) labelled = false;
        if (v.data === null) split = false;
        if (v.total === null) known = false;
        for (const to of [at, j * P + i]) {
          fisher[to] = this.mean[at];
          labelError[to] = Math.sqrt(v.label ?? 0);
          dataError[to] = Math.sqrt(v.data ?? 0);
          standardError[to] = Math.sqrt(v.total ?? 0);
        }
      }
    return {
      fisher,
      labelError: labelled ? labelError : null,
      dataError: labelled && split ? dataError : null,
      standardError: known ? standardError : null,
    };
  }
}

/** α² 𝒱1 + (1 − α)² 𝒱2 + 2α(1 − α) C, not below 0. */
const mixedVariance = ({ type1, type2, cross }: Element, alpha: number): number =>
  Math.max(0, alpha ** 2 * type1 + (1 - alpha) ** 2 * type2 + 2 * alpha * (1 - alpha) * cross);

/** Mean over the labels of α s_i s_j + (1 − α)(𝔽_ij − δᵀH_ij), and its variance over them (divisor K − 1). */
function drawsOf(elements: ExampleElements, residuals: Float64Array, K: number, alpha: number) {
  const { P, T, jacobian } = elements;
  const scores = new Float64Array(alpha === 0 ? 0 : K * P);
  if (alpha !== 0)
    for (let k = 0; k < K; k++)
      for (let a = 0; a < T; a++)
        for (let i = 0; i < P; i++) scores[k * P + i] += residuals[k * T + a] * jacobian[a * P + i];
  const H = new Float64Array(T);
  const z = new Float64Array(K);
  return (i: number, j: number, fisher: number): { value: number; spread: number } => {
    if (K === 0) return { value: fisher, spread: 0 };
    if (alpha !== 1) elements.hessian(i, j, H);
    let mean = 0;
    for (let k = 0; k < K; k++) {
      let d = 0;
      for (let a = 0; a < T; a++) d += residuals[k * T + a] * H[a];
      z[k] = (1 - alpha) * (fisher - d);
      if (alpha !== 0) z[k] += alpha * scores[k * P + i] * scores[k * P + j];
      mean += z[k] / K;
    }
    let spread = 0;
    if (K > 1) for (let k = 0; k < K; k++) spread += (z[k] - mean) ** 2 / (K - 1);
    return { value: mean, spread };
  };
}
