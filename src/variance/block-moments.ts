/**
 * @module variance/block-moments
 *
 * Moments of first derivatives for every tensor, layer and the whole network, cross-layer blocks included, through the Gram matrices of
 * scores (theory (4.1), (11.1)); means over the examples, of one label at each:
 *
 *   tr 𝔽,  (tr 𝔽)²,  Var‖s‖²     of the trace
 *   ‖𝔽‖_F²,  E‖ssᵀ − 𝔽‖_F²       of the block by type 1
 *   ‖E 𝔽‖_F²                     over pairs of inputs (variance/block-pairs)
 *
 * from all K columns of the likelihood, exactly: K backward passes and K² numbers an example; or with `labels` from that many sampled
 * labels in each of `repeats` repeats, unbiased, with the error of the sampling from their spread.
 */
import { UniformStream } from '../core/random.js';
import type { FloatArray } from '../core/tensor.js';
import { operationsOf } from '../engine/cost.js';
import type { Engine } from '../engine/types.js';
import { type Group, groupsOf } from '../fisher/forms/diagonal/groups.js';
import { DEFAULT_BUDGET, planSites } from '../fisher/memory.js';
import { Passes } from '../fisher/passes.js';
import { floats } from '../fisher/scratch.js';
import type { ExampleBatch, ExampleSource } from '../fisher/source.js';
import { input, N, nodesOf, ops as b, type Value } from '../graph/index.js';
import { enumeratedTotal, pairwiseTotalVariance } from '../likelihood/total.js';
import type { ComponentMoments, Likelihood, Outputs } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { inputWidth, neuronCount, scoresOf, type Score } from '../scores/index.js';
import { type PairMean, PairSums, type ScoreParts } from './block-pairs.js';
import { addInto, enumeratedError, pairwiseError, sampledError, squaredNorm } from './gram-errors.js';
import { forwardOutputs, labelResiduals } from './probe-batch.js';
import { RepeatSums } from './repeats.js';

/** Means over the examples for one label at each. */
export interface BlockMoments {
  /** The tensors that they are taken over. */
  readonly group: Group;
  /** E tr 𝔽. */
  readonly trace: number;
  /** E (tr 𝔽)². */
  readonly traceSquared: number;
  /** E Var‖s‖². */
  readonly traceLabels: number;
  /** E ‖𝔽‖_F². */
  readonly fisher: number;
  /** Σ_ij 𝒱1_ij. */
  readonly type1: number;
  /** Error of `type1` from sampled labels; 0 where it is exact. */
  readonly type1Error: number;
  /** ‖E 𝔽‖_F²; null where no pairs were asked for, or below two inputs. */
  readonly mean: PairMean | null;
}

/** How block moments are taken. */
export interface BlockOptions {
  readonly batch?: number | undefined;
  readonly budget?: number | undefined;
  /** Examples of a run whose pairs are taken, at least 2; 0: none. Default 0. */
  readonly window?: number;
  /** Labels of each repeat, at least 2; left out: all columns, exactly. */
  readonly labels?: number | undefined;
  /** Repeats, where labels are sampled. Default 16. */
  readonly repeats?: number;
  /** Of the labels. */
  readonly seed?: number;
  /** Ends after the batch in hand. */
  readonly signal?: AbortSignal | undefined;
}

/** Moments by group, and the examples that went in. */
export interface BlockResult {
  readonly blocks: readonly BlockMoments[];
  readonly examples: number;
  readonly interrupted: boolean;
}

/** Columns of a batch with their weights; c: fourth moments of independent components. */
interface Columns {
  readonly ct: FloatArray;
  readonly w: Float64Array;
  readonly c: Float64Array | null;
}

const FIGURES = 5;

/** Operations that pairs of inputs may take, and examples of a run at most. */
const PAIR_OPERATIONS = 5e8;
const LARGEST_WINDOW = 64;

/**
 * Operations of one example of one repeat of `blockMoments` with K columns, and a window of pairs that `examples` examples can afford.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `tensor/size`
 */
export function blockCost(
  network: Network,
  K: number,
  examples: number,
): {
  /** Of one example. */
  readonly operations: number;
  /** At least 2. */
  readonly window: number;
} {
  const { outputs, neurons } = gramGraph(network, K, true);
  const onHost = 4 * K * K * groupsOf(network).length;
  const pair = 2 * K * K * (neurons + groupsOf(network).length);
  const window = Math.floor(1 + (2 * PAIR_OPERATIONS) / (examples * pair));
  return {
    operations: operationsOf(nodesOf(Object.values(outputs)), 1) + onHost,
    window: Math.max(2, Math.min(LARGEST_WINDOW, window)),
  };
}

/**
 * Block moments of tensors, layers and the network.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`, `random/seed`,
 * `tensor/size`
 */
export async function blockMoments(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: BlockOptions = {},
): Promise<BlockResult> {
  const { labels, window = 0 } = options;
  const T = network.h.shape[1] as number;
  const K = labels ?? likelihood.columnCount(T);
  const repeats = labels === undefined ? 1 : (options.repeats ?? 16);
  const budget = options.budget ?? DEFAULT_BUDGET;
  const planned = planSites(network, K, options.batch ?? 64, budget).batch;
  const batch = Math.max(1, Math.min(planned, Math.floor(budget / K ** 2)));
  const gram = gramGraph(network, K, window > 1);
  const groups = groupsOf(network);
  const sums = new RepeatSums(repeats);
  const pairs = window > 1 ? new PairSums(groups, window) : null;
  const stream = new UniformStream(options.seed ?? 0, 'blocks/labels');
  const programs = await Passes.compile(engine, network, { gram }, batch);
  let interrupted = false;
  try {
    for (const examples of source(batch, programs.dtype)) {
      interrupted = options.signal?.aborted ?? false;
      if (interrupted) break;
      const { n, indices } = examples;
      const h = await forwardOutputs(programs, examples);
      likelihood.checkDomain(h, indices);
      for (let r = 0; r < repeats; r++) {
        const columns =
          labels === undefined
            ? exactColumns(likelihood, h, programs)
            : labelColumns(likelihood, h, examples, { stream, first: r * K, K }, programs);
        const output = await programs.backward('gram', { ct: columns.ct }, n);
        groups.forEach((group, g) => {
          const G = new Float64Array(n * K * K);
          for (const p of group.parameters) addInto(G, output(p));
          sums.add(String(g), r, figuresOf(G, columns, { n, K, drawn: labels !== undefined }));
        });
        if (pairs && r === 0) pairs.add(gram.parts(output), columns.w, n, K);
      }
      sums.examples += n;
    }
  } finally {
    programs.dispose();
  }
  const means = pairs?.means();
  const blocks = groups.map((group, g): BlockMoments => {
    const { value, standardError } = sums.result(String(g), FIGURES);
    const [trace, traceSquared, traceLabels, fisher, type1] = value;
    const type1Error = labels === undefined ? 0 : standardError[4];
    return { group, trace, traceSquared, traceLabels, fisher, type1, type1Error, mean: means?.[g] ?? null };
  });
  return { blocks, examples: sums.examples, interrupted };
}

/** Gram matrices of every parameter, and its scores in parts where pairs of examples are wanted. */
function gramGraph(network: Network, K: number, inParts: boolean) {
  const { h, parameters } = network;
  const T = h.shape[1] as number;
  const ct = input('ct', h.dtype, [N, K, T]);
  const scores = scoresOf(h, [...parameters.values()], ct).map((s) => (inParts ? s.aligned() : s));
  const names = new Map([...parameters].map(([p, v]) => [v, p]));
  const nameOf = (s: Score) => names.get(s.site.parameter) as string;
  const outputs: Record<string, Value> = {};
  for (const s of scores) {
    const p = nameOf(s);
    outputs[p] = s.gram();
    if (!inParts) continue;
    outputs[`neurons ${p}`] = b.reshape(s.neurons, [N, K, neuronCount(s)]);
    // Placed behind the cotangents, since a program computes what it returns.
    if (s.input) outputs[`input ${p}`] = after(s.input, ct);
  }
  return {
    late: { ct },
    outputs,
    neurons: scores.reduce((sum, s) => sum + neuronCount(s), 0),
    parts: (output: (name: string) => FloatArray | null): ReadonlyMap<string, ScoreParts> =>
      new Map(
        scores.map((s) => {
          const p = nameOf(s);
          const neurons = output(`neurons ${p}`) as FloatArray;
          return [p, { neurons, size: neuronCount(s), input: output(`input ${p}`), width: inputWidth(s) }];
        }),
      ),
  };
}

const after = (x: Value, ct: Value): Value =>
  b.add(
    x,
    b.scale(b.reduceSum(b.reshape(ct, [N, (ct.shape[1] as number) * (ct.shape[2] as number)]), [1], true), 0),
  );

function exactColumns(likelihood: Likelihood, h: Outputs, { dtype }: Passes): Columns {
  const K = likelihood.columnCount(h.T);
  const ct = floats(dtype, h.n * K * h.T);
  const w = new Float64Array(h.n * K);
  likelihood.columns(h, ct, w);
  if (likelihood.labelKind !== 'pairwise') return { ct, w, c: null };
  const c = new Float64Array(h.n * K);
  (likelihood.components as ComponentMoments).fourth(h, c);
  return { ct, w, c };
}

function labelColumns(
  likelihood: Likelihood,
  h: Outputs,
  examples: ExampleBatch,
  { stream, first, K }: { stream: UniformStream; first: number; K: number },
  { dtype }: Passes,
): Columns {
  const ct = floats(dtype, h.n * K * h.T);
  ct.set(labelResiduals(likelihood, h, examples, stream, first, K));
  return { ct, w: new Float64Array(h.n * K).fill(1 / K), c: null };
}

/** Sums over the n examples of tr 𝔽, (tr 𝔽)², Var‖s‖², ‖𝔽‖² and Σ 𝒱1, from G [n, K, K]. */
function figuresOf(
  G: Float64Array,
  { w, c }: Columns,
  { n, K, drawn }: { n: number; K: number; drawn: boolean },
): number[] {
  const row = (a: Float64Array, e: number, size: number) => a.subarray(e * size, (e + 1) * size);
  const norms = Float64Array.from({ length: n * K }, (_, i) => G[i * K + (i % K)]);
  const variance = new Float64Array(n);
  if (c) pairwiseTotalVariance(G, w, c, n, K, variance);
  else enumeratedTotal(norms, w, n, K, 2, variance);
  const out = new Array<number>(FIGURES).fill(0);
  for (let e = 0; e < n; e++) {
    let trace = 0;
    for (let k = 0; k < K; k++) trace += w[e * K + k] * norms[e * K + k];
    const own = row(G, e, K * K);
    const sampled = drawn ? sampledError(own, K) : null;
    const fisher = sampled?.fisher ?? squaredNorm(own, row(w, e, K));
    const type1 =
      sampled?.error ??
      (c ? pairwiseError(own, row(w, e, K), row(c, e, K)) : enumeratedError(own, row(w, e, K), fisher));
    const labels = drawn ? (variance[e] * K) / (K - 1) : variance[e];
    // The square of a mean of K draws is too large by the K-th part of their variance.
    const squared = trace * trace - (drawn ? labels / K : 0);
    [trace, squared, labels, fisher, type1].forEach((x, i) => (out[i] += x));
  }
  return out;
}
