/**
 * @module studies/variance/uses
 *
 * Consistency of one-label estimates, and what their error does to three uses of a Fisher, on a trained digits network:
 *
 *   consistency   ‖Î − 𝓘‖²/‖𝓘‖² over the diagonal, in N (inputs with replacement, one label) and in K (labels at fixed inputs)
 *   pruning       share of the exact top 10 % by saliency 𝓘_ii θ_i² that the estimate's top 10 % keeps
 *   EWC           Σ Î_ii d_i² against Σ 𝓘_ii d_i², d the move of the weights in one epoch on permuted pixels
 *   step          mean KL of the diagonal natural gradient step that the estimate says is of KL δ, over that of the exact diagonal
 *
 * Each beside what the predicted standard errors say: E‖Î − 𝓘‖² in closed form, draws of entries with these errors (study/gammaDraws),
 * and for EWC the label variance of the weighted sum (study/exactParts).
 */
import { Sequence, type Tensor, castTensor, permutation } from 'fim/core';
import { type Dataset, batches } from 'fim/data';
import type { Engine } from 'fim/engine';
import { type ExampleSource, estimateDiagonal } from 'fim/fisher';
import {
  type Architecture,
  type Hooks,
  type StudyData,
  type Training,
  continueDigits,
  digitsLikelihood,
  significant,
  sourceOf,
  trainDigits,
} from 'fim/jobs';
import type { Network } from 'fim/model';
import type { Piece } from '../face/piece.js';
import { flatWeights, StepJudge } from './evaluator.js';
import { exactParts, type ExactParts } from './exact-parts.js';
import { gammaDraws } from './gamma-draws.js';

export interface UsesStudy {
  readonly architecture: Architecture;
  readonly seeds: readonly number[];
  /** Labels per input. */
  readonly labels: readonly number[];
  /** Inputs drawn with replacement. */
  readonly counts: readonly number[];
  readonly repeats: number;
  /** Draws that a prediction is averaged over. */
  readonly predictions: number;
}

export const USES_STUDY: UsesStudy = {
  architecture: { name: 'tanh', activation: 'tanh', hidden: [64, 48, 32] },
  seeds: [0, 1, 2],
  labels: [1, 4, 16, 64],
  counts: [50, 200, 800, 3200],
  repeats: 8,
  predictions: 4,
};

export const USES_QUICK: UsesStudy = {
  architecture: { name: 'tanh', activation: 'tanh', hidden: [8, 6] },
  seeds: [0, 1],
  labels: [1, 4],
  counts: [20, 80],
  repeats: 3,
  predictions: 2,
};

/** Errors ‖Î − 𝓘‖²/‖𝓘‖² of the repeats at one size, and their closed-form expectation. */
export interface SizePoint {
  readonly size: number;
  readonly squared: readonly number[];
  readonly expected: number;
}

export interface UsePoint {
  readonly labels: number;
  /** Predicted ‖se‖/‖𝓘‖ over the diagonal. */
  readonly error: number;
  /** Share of the top 10 % that is kept. */
  readonly overlap: readonly number[];
  readonly overlapPredicted: readonly number[];
  /** Relative errors of the penalty. */
  readonly penalty: readonly number[];
  /** Relative standard error of the weighted sum, and what independent entries would give. */
  readonly penaltyPredicted: number;
  readonly penaltyIndependent: number;
  /** KL over that of the exact step. */
  readonly divergence: readonly number[];
  readonly divergencePredicted: readonly number[];
}

export interface UsesRecord {
  readonly seed: number;
  readonly accuracy: number | null;
  readonly inInputs: Readonly<Record<'type1' | 'type2', readonly SizePoint[]>>;
  readonly inLabels: Readonly<Record<'type1' | 'type2', readonly SizePoint[]>>;
  readonly uses: readonly UsePoint[];
  /** Mean KL of the exact diagonal's step, and the KL that it was scaled to. */
  readonly exactStep: number;
  readonly stepTarget: number;
}

/** Of one seed, about, for each of its estimates. */
const SECONDS = 0.5;

/** A piece for each seed. */
export function usesPieces(
  engine: Engine,
  study: UsesStudy,
  training: Training,
  data: StudyData,
): Piece<UsesRecord>[] {
  const { labels, counts, repeats, predictions, architecture } = study;
  const key = [
    ...[architecture.name, ...architecture.hidden, 'K', ...labels],
    ...['N', ...counts, 'R', repeats, predictions],
  ];
  return study.seeds.map((seed) => ({
    key: `uses-${key.join('-')}-seed-${seed}`,
    seconds: SECONDS * 2 * repeats * (labels.length + counts.length),
    run: (hooks) => usesOf(engine, study, training, data, seed, hooks),
  }));
}

/** KL that a step is scaled to, by the quadratic form of the estimate at hand, in nats. */
const STEP = 0.01;
const KEPT = 0.1;
/** Damping of the step, as a share of the mean of the exact diagonal. */
const DAMPING = 0.1;

async function usesOf(
  engine: Engine,
  study: UsesStudy,
  training: Training,
  data: StudyData,
  seed: number,
  { signal, onProgress }: Hooks,
): Promise<UsesRecord | null> {
  const quiet = signal ? { signal } : {};
  const trained = await trainDigits(engine, data, study.architecture, training, seed, {
    ...quiet,
    onProgress: (share, text) => onProgress?.(0.3 * share, text),
  });
  if (trained === null) return null;
  const { network, test } = trained[trained.length - 1];
  const moved = await secondTask(engine, network, training, data, seed, quiet);
  if (moved === null) return null;
  const theta = flatWeights(network);
  const squares = flatWeights(moved).map((v, i) => (v - theta[i]) ** 2);
  const exact = await exactParts(engine, network, data.inputs, squares);
  const estimator = estimates(engine, network, data.inputs, seed);
  const judge = await StepJudge.compile(engine, network, digitsLikelihood, data.inputs);
  try {
    const norm = exact.fisher.reduce((sum, f) => sum + f * f, 0);
    const squared = (fisher: Float64Array) =>
      significant(fisher.reduce((sum, f, i) => sum + (f - exact.fisher[i]) ** 2, 0) / norm);
    const stepOf = (fisher: Float64Array) => naturalStep(fisher, exact);
    const exactStep = await judge.divergence(stepOf(exact.fisher));
    const random = new Sequence(seed, 'uses/predictions');
    const context: Context = { study, exact, theta, squares, judge, exactStep, norm, random, stepOf };
    const inLabels = { type1: [] as SizePoint[], type2: [] as SizePoint[] };
    const inInputs = { type1: [] as SizePoint[], type2: [] as SizePoint[] };
    const uses: UsePoint[] = [];
    for (const [k, K] of study.labels.entries()) {
      onProgress?.(0.3 + (0.4 * k) / study.labels.length, `${K} labels`);
      for (const type of ['type1', 'type2'] as const) {
        const drawn: Float64Array[] = [];
        for (let r = 0; r < study.repeats; r++) {
          if (signal?.aborted) return null;
          drawn.push(await estimator(type, K, null, `labels/${K}/${r}`));
        }
        const variance = exact[type].reduce((a, b) => a + b, 0) / (data.inputs.n * K);
        inLabels[type].push({ size: K, squared: drawn.map(squared), expected: significant(variance / norm) });
        if (type === 'type1') uses.push(await usePoint(context, K, data.inputs.n, drawn));
      }
    }
    for (const [k, N] of study.counts.entries()) {
      onProgress?.(0.7 + (0.3 * k) / study.counts.length, `${N} inputs`);
      for (const type of ['type1', 'type2'] as const) {
        const errors: number[] = [];
        for (let r = 0; r < study.repeats; r++) {
          if (signal?.aborted) return null;
          errors.push(squared(await estimator(type, 1, N, `inputs/${N}/${r}`)));
        }
        const variance = exact[type].reduce(
          (sum, v, i) => sum + v + Math.max(0, exact.fisherSquared[i] - exact.fisher[i] ** 2),
          0,
        );
        inInputs[type].push({ size: N, squared: errors, expected: significant(variance / N / norm) });
      }
    }
    const accuracy = test?.accuracy ?? null;
    return { seed, accuracy, inInputs, inLabels, uses, exactStep: significant(exactStep), stepTarget: STEP };
  } finally {
    judge.dispose();
  }
}

interface Context {
  readonly study: UsesStudy;
  readonly exact: ExactParts;
  readonly theta: Float64Array;
  readonly squares: Float64Array;
  readonly judge: StepJudge;
  readonly exactStep: number;
  readonly norm: number;
  readonly random: Sequence;
  readonly stepOf: (fisher: Float64Array) => Float64Array;
}

async function usePoint(
  { study, exact, theta, squares, judge, exactStep, norm, random, stepOf }: Context,
  K: number,
  n: number,
  drawn: readonly Float64Array[],
): Promise<UsePoint> {
  const variance = exact.type1.map((v) => v / (n * K));
  const predicted = Array.from({ length: study.predictions }, () =>
    gammaDraws(exact.fisher, variance, random),
  );
  const kept = topShare(exact.fisher, theta);
  const overlap = (fisher: Float64Array) => {
    const own = topShare(fisher, theta);
    let both = 0;
    for (const i of own) if (kept.has(i)) both += 1;
    return significant(both / kept.size);
  };
  const dot = (a: Float64Array) => a.reduce((sum, v, i) => sum + v * squares[i], 0);
  const penalty = dot(exact.fisher);
  const divergences = async (all: readonly Float64Array[]) => {
    const ratios: number[] = [];
    for (const f of all) ratios.push(significant((await judge.divergence(stepOf(f))) / exactStep));
    return ratios;
  };
  return {
    labels: K,
    error: significant(Math.sqrt(variance.reduce((a, b) => a + b, 0) / norm)),
    overlap: drawn.map(overlap),
    overlapPredicted: predicted.map(overlap),
    penalty: drawn.map((f) => significant(dot(f) / penalty - 1)),
    penaltyPredicted: significant(Math.sqrt(exact.weightedVariance / (n * K)) / penalty),
    penaltyIndependent: significant(
      Math.sqrt(variance.reduce((sum, v, i) => sum + v * squares[i] ** 2, 0)) / penalty,
    ),
    divergence: await divergences(drawn),
    divergencePredicted: await divergences(predicted),
  };
}

/** Indices of the largest tenth by f_i θ_i². */
function topShare(fisher: Float64Array, theta: Float64Array): Set<number> {
  const saliency = fisher.map((f, i) => f * theta[i] ** 2);
  const order = Uint32Array.from(saliency, (_, i) => i).sort((i, j) => saliency[j] - saliency[i] || i - j);
  return new Set(order.subarray(0, Math.round(KEPT * order.length)));
}

/** −F⁻¹g with damped F, scaled so that ½ ΔᵀFΔ = δ by the given diagonal itself. */
function naturalStep(fisher: Float64Array, exact: ExactParts): Float64Array {
  const damping = (DAMPING * exact.fisher.reduce((a, b) => a + b, 0)) / exact.fisher.length;
  const step = exact.gradient.map((g, i) => -g / (fisher[i] + damping));
  const quadratic = step.reduce((sum, d, i) => sum + d * d * (fisher[i] + damping), 0) / 2;
  const scale = Math.sqrt(STEP / quadratic);
  return step.map((d) => d * scale);
}

/** The diagonal estimated with K labels at every input, or with one at each of `count` inputs drawn with replacement. */
function estimates(engine: Engine, network: Network, inputs: Dataset, seed: number) {
  return async (
    estimator: 'type1' | 'type2',
    labels: number,
    count: number | null,
    stream: string,
  ): Promise<Float64Array> => {
    const source: ExampleSource =
      count === null
        ? sourceOf(inputs)
        : (batch, dtype) =>
            batches(inputs, {
              batch,
              dtype,
              replacement: true,
              examples: count,
              // Inputs of every repeat anew, the same for both types.
              seed: new Sequence(seed, `uses/${stream}`).integer(2 ** 32),
            });
    const estimate = await estimateDiagonal(engine, network, digitsLikelihood, source, {
      estimator,
      labels,
      error: 'sampled',
      seed,
      stream: `uses/${stream}`,
      populationSize: inputs.n,
      batch: 50,
    });
    const parts = estimate.tensors.map((t) => t.fisher);
    const joined = new Float64Array(parts.reduce((sum, p) => sum + p.length, 0));
    let at = 0;
    for (const p of parts) {
      joined.set(p, at);
      at += p.length;
    }
    return joined;
  };
}

/** The network after one epoch on the same images with permuted pixels: the next task of continual learning. */
async function secondTask(
  engine: Engine,
  network: Network,
  training: Training,
  data: StudyData,
  seed: number,
  hooks: Hooks,
): Promise<Network | null> {
  const permuted = (d: Dataset): Dataset => {
    const [name, x] = [...d.inputs][0];
    return { ...d, inputs: new Map([[name, permutedPixels(x, seed)]]) };
  };
  return continueDigits(
    engine,
    network,
    { train: permuted(data.train), test: permuted(data.inputs) },
    { ...training, epochs: 1 },
    seed,
    hooks,
  );
}

function permutedPixels(x: Tensor, seed: number): Tensor {
  const n = x.shape[0];
  const width = x.data.length / n;
  const order = permutation(width, seed, 'uses/pixels');
  const full = castTensor(x, 'float32');
  const data = Float32Array.from(full.data, (_, at) => full.data[at - (at % width) + order[at % width]]);
  return { dtype: 'float32', shape: x.shape, data };
}
