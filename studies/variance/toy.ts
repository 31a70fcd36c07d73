/**
 * @module studies/variance/toy
 *
 * P24's Figure 1: natural gradient descent on two numbers, with the Fisher of each minibatch estimated by type 1 or by type 2.
 *
 *   x ~ N(0, 𝟙₂),  y | x ~ p(y | h = θ*ᵀx),  θ* = (1, 1);  model h = θᵀx, Gaussian with σ² = 1 or Bernoulli
 *   θ ← θ + η Î⁻¹ ḡ,   ḡ = mean δ x over the minibatch's own labels
 *   Î₁ = mean δ̃² xxᵀ with one sampled label ỹ at each x,   Î₂ = mean I(h) xxᵀ: h is linear, so type 2 needs no label and is exact
 *
 * 256 training points, minibatches of 4, η = 0.01, 256 epochs, 4096 test points as printed (P24 prints "μ = 1" for the regression,
 * read here as μ = θ*ᵀx). Not printed: the start, here θ₀ ~ N(0, 𝟙₂), and damping, here none. Both types see the same points, minibatches and start.
 */
import { Sequence, UniformStream, permutation } from 'fim/core';
import { significant } from 'fim/jobs';
import {
  type ComponentMoments,
  type Labels,
  type Likelihood,
  type Outputs,
  getLikelihood,
  makeLabels,
  outputs,
} from 'fim/likelihood';

export const TOY_KINDS = ['regression', 'classification'] as const;
export type ToyKind = (typeof TOY_KINDS)[number];
export type ToyType = 1 | 2;

export interface ToySettings {
  readonly train: number;
  readonly test: number;
  readonly minibatch: number;
  readonly epochs: number;
  readonly learningRate: number;
}

export const TOY: ToySettings = { train: 256, test: 4096, minibatch: 4, epochs: 256, learningRate: 0.01 };

/** Points x [n, 2] with labels. */
export interface ToyPoints {
  readonly n: number;
  readonly x: Float64Array;
  readonly labels: Labels;
}

export interface ToyProblem {
  readonly likelihood: Likelihood;
  readonly seed: number;
  readonly train: ToyPoints;
  readonly test: ToyPoints;
}

export type Vector = readonly [number, number];
/** a b; b d */
export type Matrix = readonly [a: number, b: number, d: number];

const TRUTH: Vector = [1, 1];

export function toyProblem(kind: ToyKind, seed: number, settings: ToySettings): ToyProblem {
  const likelihood =
    kind === 'regression' ? getLikelihood('gaussian', { variance: 1 }) : getLikelihood('bernoulli');
  const points = (part: string, n: number): ToyPoints => {
    const normals = new Sequence(seed, `toy/${part}/x`);
    const x = Float64Array.from({ length: 2 * n }, () => normals.normal());
    const examples = Uint32Array.from({ length: n }, (_, i) => i);
    const labels = sampled(
      likelihood,
      outputsAt(x, TRUTH),
      examples,
      0,
      new UniformStream(seed, `toy/${part}/y`),
    );
    return { n, x, labels };
  };
  return { likelihood, seed, train: points('train', settings.train), test: points('test', settings.test) };
}

/** h = θᵀx. */
export function outputsAt(x: Float64Array, theta: Vector): Outputs {
  const n = x.length / 2;
  const h = new Float64Array(n);
  for (let i = 0; i < n; i++) h[i] = theta[0] * x[2 * i] + theta[1] * x[2 * i + 1];
  return outputs(h, n, 1);
}

function sampled(
  likelihood: Likelihood,
  h: Outputs,
  examples: ArrayLike<number>,
  occurrence: number,
  stream: UniformStream,
): Labels {
  const labels = makeLabels(likelihood, h.n, 1, 1);
  const occurrences = new Uint32Array(h.n).fill(occurrence);
  likelihood.sample(h, { stream, examples, occurrences, from: 0, count: 1 }, labels);
  return labels;
}

/** mean w xxᵀ. */
function weightedGram(x: Float64Array, weight: Float64Array): Matrix {
  let [a, b, d] = [0, 0, 0];
  for (let i = 0; i < weight.length; i++) {
    a += weight[i] * x[2 * i] * x[2 * i];
    b += weight[i] * x[2 * i] * x[2 * i + 1];
    d += weight[i] * x[2 * i + 1] * x[2 * i + 1];
  }
  const n = weight.length;
  return [a / n, b / n, d / n];
}

/** Where the labels of type 1 come from: keyed by the example and how often it was met before. */
export interface ToyDraws {
  readonly stream: UniformStream;
  readonly examples: ArrayLike<number>;
  readonly occurrence: number;
}

/** Î of one type from one label at each x. */
export function toyFisher(
  likelihood: Likelihood,
  x: Float64Array,
  theta: Vector,
  type: ToyType,
  { stream, examples, occurrence }: ToyDraws,
): Matrix {
  const h = outputsAt(x, theta);
  const weight = new Float64Array(h.n);
  if (type === 2) likelihood.information(h, weight);
  else {
    likelihood.residual(h, sampled(likelihood, h, examples, occurrence, stream), weight);
    for (let i = 0; i < h.n; i++) weight[i] **= 2;
  }
  return weightedGram(x, weight);
}

/** Î⁻¹ ḡ; not finite where Î is singular. */
export function naturalGradient([a, b, d]: Matrix, [g0, g1]: Vector): Vector {
  const det = a * d - b * b;
  return [(d * g0 - b * g1) / det, (a * g1 - b * g0) / det];
}

/** Mean score of the given labels. */
export function toyGradient(likelihood: Likelihood, x: Float64Array, theta: Vector, labels: Labels): Vector {
  const h = outputsAt(x, theta);
  const delta = new Float64Array(h.n);
  likelihood.residual(h, labels, delta);
  let [g0, g1] = [0, 0];
  for (let i = 0; i < h.n; i++) {
    g0 += (delta[i] * x[2 * i]) / h.n;
    g1 += (delta[i] * x[2 * i + 1]) / h.n;
  }
  return [g0, g1];
}

/** Mean negative log-likelihood, in nats. */
export function toyLoss(likelihood: Likelihood, points: ToyPoints, theta: Vector): number {
  const log = new Float64Array(points.n);
  likelihood.logProbability(outputsAt(points.x, theta), points.labels, log);
  return -log.reduce((a, b) => a + b, 0) / points.n;
}

/**
 * Variance of a minibatch's Î summed over its four entries, inputs and labels together (P24 Theorem 4.7), with the law of x put as the
 * given points: (1/m) Σ_ij [Var_x(I x_i x_j) + E_x(M x_i² x_j²)], M = Var δ² for type 1 and 0 for type 2.
 */
export function toyVariance(
  likelihood: Likelihood,
  x: Float64Array,
  theta: Vector,
  type: ToyType,
  minibatch: number,
): number {
  const h = outputsAt(x, theta);
  const information = new Float64Array(h.n);
  likelihood.information(h, information);
  const labels = new Float64Array(h.n);
  if (type === 1) (likelihood.components as ComponentMoments).fourth(h, labels);
  let sum = 0;
  for (const [i, j, times] of [
    [0, 0, 1],
    [0, 1, 2],
    [1, 1, 1],
  ]) {
    let [first, second, label] = [0, 0, 0];
    for (let k = 0; k < h.n; k++) {
      const xx = x[2 * k + i] * x[2 * k + j];
      first += (information[k] * xx) / h.n;
      second += (information[k] * xx) ** 2 / h.n;
      label += (labels[k] * xx * xx) / h.n;
    }
    sum += times * (second - first * first + label);
  }
  return sum / minibatch;
}

/** One descent: what it was after each epoch, 0 the start. */
export interface ToyPath {
  readonly theta0: readonly number[];
  readonly theta1: readonly number[];
  readonly loss: readonly number[];
  readonly variance: readonly number[];
  /** Longest single step; null where it was not finite. */
  readonly longestStep: number | null;
  /** Epoch in which θ ceased to be finite; null where it never did. Arrays end before it. */
  readonly diverged: number | null;
}

/** Natural gradient descent with one type of estimate. */
export function toyDescent(problem: ToyProblem, settings: ToySettings, type: ToyType): ToyPath {
  const { likelihood, train, test, seed } = problem;
  const { minibatch, epochs, learningRate } = settings;
  const start = new Sequence(seed, 'toy/start');
  let theta: Vector = [start.normal(), start.normal()];
  const stream = new UniformStream(seed, 'toy/fisher');
  const path = {
    theta0: [] as number[],
    theta1: [] as number[],
    loss: [] as number[],
    variance: [] as number[],
  };
  let longestStep = 0;
  const look = () => {
    path.theta0.push(significant(theta[0], 7));
    path.theta1.push(significant(theta[1], 7));
    path.loss.push(significant(toyLoss(likelihood, test, theta), 7));
    path.variance.push(significant(toyVariance(likelihood, test.x, theta, type, minibatch), 5));
  };
  look();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = permutation(train.n, seed * 65_537 + epoch, 'toy/order');
    for (let from = 0; from < train.n; from += minibatch) {
      const examples = order.subarray(from, from + minibatch);
      const { x, labels } = rows(train, examples);
      const fisher = toyFisher(likelihood, x, theta, type, { stream, examples, occurrence: epoch - 1 });
      const step = naturalGradient(fisher, toyGradient(likelihood, x, theta, labels));
      longestStep = Math.max(longestStep, learningRate * Math.hypot(...step));
      theta = [theta[0] + learningRate * step[0], theta[1] + learningRate * step[1]];
      if (!theta.every(Number.isFinite)) return { ...path, longestStep: null, diverged: epoch };
    }
    look();
  }
  return { ...path, longestStep: significant(longestStep), diverged: null };
}

function rows({ x, labels }: ToyPoints, indices: ArrayLike<number>): { x: Float64Array; labels: Labels } {
  const m = indices.length;
  const out = new Float64Array(2 * m);
  const data = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    out.set(x.subarray(2 * indices[i], 2 * indices[i] + 2), 2 * i);
    data[i] = labels.data[indices[i]];
  }
  return { x: out, labels: { ...labels, data } };
}
