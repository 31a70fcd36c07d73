/**
 * @module optim/sherman-morrison
 *
 * The Fisher from a single score, q = ∇log π(a|s) of one state and action, damped and inverted by J. Sherman, W. J. Morrison (1950):
 *
 *   (λI + qqᵀ)⁻¹ g = (1/λ) [g − q (q·g)/(λ + |q|²)]
 *
 * Y. Huo et al., arXiv 2601.18626 (SM-ActorCritic). q is the score of one sample, never the mean score, which vanishes on policy.
 * Which sample is not said by the sources; here it is a choice:
 *
 *   batch   a row of the minibatch, the action that was taken there: q and g share noise of order 1/N
 *   fresh   the state of a row, an action drawn anew from the policy: q and g are independent given the states
 *
 * `layer` does the same with a q of each layer (a weight and its bias) by itself: a block-diagonal inverse.
 * Along q the step shrinks by λ/(λ + |q|²), across q not at all: with |q|² ≪ λ this is g/λ, and with many directions in the Fisher it
 * is nearly so whatever λ. Cost: one run at batch 1 and O(P).
 */
import { FimError } from '../core/errors.js';
import { UniformStream } from '../core/random.js';
import type { FloatArray } from '../core/tensor.js';
import { makeLabels, outputs } from '../likelihood/index.js';
import { layersOf } from '../model/layers.js';
import type { Network } from '../model/network.js';
import { requireDamping } from './damping.js';
import { type Block, blocksOf } from '../matrix/layout.js';
import { OneScore } from './one-score.js';
import type { PreconditionerContext, PreconditionerFactory, ScoreBatch } from './preconditioner.js';

/** Damping and sample of `shermanMorrison`. */
export interface ShermanMorrisonOptions {
  /** λ. Default 0.1. */
  readonly damping?: number;
  /** Default `batch`. */
  readonly sample?: 'batch' | 'fresh';
  /** Default `network`. */
  readonly scope?: 'network' | 'layer';
}

/** d = (F̂ + λI)⁻¹g by rank-1 updates, one example after another. */
export interface ShermanMorrisonSolution {
  /** d [P]. */
  readonly direction: Float64Array;
  /** |q|². */
  readonly scoreNorm2: number;
  /** Cosine of d with g; NaN for g = 0. */
  readonly cosine: number;
}

/**
 * (1/λ) [g − q (q·g)/(λ + |q|²)] for each group of parts of the vectors by itself, into `d` (all vectors [P]); one group of everything is
 * the plain inverse. d·g and |d|² follow from the three products of q and g: two passes over the vectors in all.
 */
export function shermanMorrisonSolve(
  g: Float64Array,
  q: Float64Array,
  damping: number,
  groups: readonly (readonly Pick<Block, 'offset' | 'size'>[])[],
  d: Float64Array = new Float64Array(g.length),
): ShermanMorrisonSolution {
  const inverse = 1 / damping;
  let [scoreNorm2, gNorm2, dg, dNorm2] = [0, 0, 0, 0];
  for (const group of groups) {
    let [qg, qq, gg] = [0, 0, 0];
    for (const { offset, size } of group) {
      for (let i = offset; i < offset + size; i++) {
        const a = q[i];
        const b = g[i];
        qg += a * b;
        qq += a * a;
        gg += b * b;
      }
    }
    const along = qg / (damping + qq);
    for (const { offset, size } of group) {
      for (let i = offset; i < offset + size; i++) d[i] = (g[i] - q[i] * along) * inverse;
    }
    scoreNorm2 += qq;
    gNorm2 += gg;
    dg += gg - along * qg;
    dNorm2 += gg - along * (2 * qg - along * qq);
  }
  return { direction: d, scoreNorm2, cosine: dg / Math.sqrt(gNorm2 * dNorm2) };
}

/**
 * Report: `damping`, `scoreNorm2` = |q|², `scoreRatio` = |q|²/λ, `cosine` of d with g.
 * Throws `optim/damping`, `optim/score-not-finite`.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`, `random/index`, `random/seed`
 */
export function shermanMorrison(options: ShermanMorrisonOptions = {}): PreconditionerFactory {
  const { damping = 0.1, sample = 'batch', scope = 'network' } = options;
  requireDamping(damping);
  return async (context) => {
    const { engine, network, store, linear } = context;
    const score = await OneScore.compile(engine, network, store);
    const groups = scope === 'layer' ? layerGroups(network) : [[{ offset: 0, size: linear.P }]];
    const q = new Float64Array(linear.P);
    const draw = sampler(context, sample);
    return {
      name: 'sherman-morrison',
      async direction(batch, g) {
        const { row, delta } = draw(batch);
        await score.at(batch.inputs, row, delta, q);
        const { direction, scoreNorm2, cosine } = shermanMorrisonSolve(g, q, damping, groups);
        if (!Number.isFinite(scoreNorm2)) throw notFinite(row, scoreNorm2);
        return { direction, report: { damping, scoreNorm2, scoreRatio: scoreNorm2 / damping, cosine } };
      },
      save: () => ({}),
      load: () => {},
      dispose: () => score.dispose(),
    };
  };
}

type Draw = (batch: ScoreBatch) => { row: number; delta: FloatArray };

/** Which score: a row by key (seed, update), and δ of the action taken there or of one drawn anew. */
function sampler(context: PreconditionerContext, sample: 'batch' | 'fresh'): Draw {
  const { seed, likelihood, linear } = context;
  const { T, network } = linear;
  const rows = new UniformStream(seed, 'optim/rank1/row');
  const rowOf = ({ n, step }: ScoreBatch): number => Math.floor(n * rows.at(step, 0, 0, 0));
  if (sample === 'batch') {
    return (batch) => {
      const row = rowOf(batch);
      return { row, delta: batch.residuals.subarray(row * T, (row + 1) * T) };
    };
  }
  const stream = new UniformStream(seed, 'optim/rank1/action');
  const labels = makeLabels(likelihood, 1, T, 1);
  const delta = network.h.dtype === 'float64' ? new Float64Array(T) : new Float32Array(T);
  return (batch) => {
    const row = rowOf(batch);
    const h = outputs(batch.h.data.subarray(row * T, (row + 1) * T), 1, T);
    likelihood.sample(h, { stream, examples: [batch.step], occurrences: null, from: 0, count: 1 }, labels);
    likelihood.residual(h, labels, delta);
    return { row, delta };
  };
}

/** Layers by the graph; one whose bias does not follow the product at once (log σ beside it) is known by its name. */
function layerGroups(network: Network): Block[][] {
  const blocks = new Map(blocksOf(network).map((b) => [b.name, b]));
  const groups = new Map<string, Block[]>();
  for (const { name, parameters } of layersOf(network)) {
    const [first] = parameters;
    const dot = first.lastIndexOf('.');
    const key = dot > 0 ? first.slice(0, dot) : name;
    groups.set(key, [...(groups.get(key) ?? []), ...parameters.map((p) => blocks.get(p) as Block)]);
  }
  return [...groups.values()];
}

function notFinite(row: number, got: number): FimError {
  return new FimError({
    code: 'optim/score-not-finite',
    where: `score of row ${row} of the batch`,
    rule: '|q|² must be finite',
    got: String(got),
    cause: 'parameters that have diverged, or σ so small that the score overflows',
    next: 'lower the learning rate, or raise the damping or the entropy coefficient',
  });
}
