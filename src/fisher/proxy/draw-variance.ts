/**
 * @module fisher/proxy/draw-variance
 *
 * Variance of one draw of the proxy: of δᵀḠδ for a label from the model (theory (11.1), (11.2)) or for signs on the drawn columns of a
 * root, with the metric Ḡ in place of the network's own Gram matrix. Where the columns are so many that their products would take longer than
 * the estimate, it is the spread over draws of a stream of its own.
 */
import { UniformStream } from '../../core/random.js';
import type { ComponentMoments, Likelihood, Outputs } from '../../likelihood/types.js';
import { blocksTotal, enumeratedMoments, pairwiseTotalVariance } from '../../likelihood/total.js';
import type { Root } from '../../likelihood/roots/index.js';
import type { ColumnEstimator } from '../estimators/estimator.js';
import { Moments } from '../../stats/moments.js';
import type { ColumnRequest } from '../estimators/estimator.js';
import { type OutputMetric, oneRow, squaredLength } from './metric.js';

/** What the law of a draw depends on. */
export interface DrawLaw {
  /** The estimator. */
  readonly estimator: ColumnEstimator;
  /** p(y|h). */
  readonly likelihood: Likelihood;
  /** Of signs. */
  readonly root: Root;
  /** Columns of it that are taken exactly. */
  readonly exactPairs: number;
}

/** Whether a draw enters the proxy: of type 2 and mixes only the expected part follows it. */
export const drawsProxy = ({ drawn, curved }: ColumnEstimator): boolean => drawn && !curved;

/** Operations of a row beyond which draws stand for its law. */
const MOST_OPERATIONS = 3e8;
/** Draws of it. */
const DRAWS = 64;
/** Operations of a number of a draw, its uniform and its label, about. */
const DRAW_COST = 200;
/** Numbers of columns that are looked at together. */
const TOGETHER = 1 << 20;

/** Operations of a row's variance. */
export function drawVarianceCost(of: DrawLaw, metric: OutputMetric): number {
  if (!drawsProxy(of.estimator)) return 0;
  const cost = lawCost(of, metric);
  return cost > MOST_OPERATIONS ? DRAW_COST * DRAWS * metric.T : cost;
}

/** Operations of the law itself. */
function lawCost(of: DrawLaw, { T, gram }: OutputMetric): number {
  const { columns: K, law } = lawOf({ ...of, exactPairs: 0 }, T);
  if (law === 'enumerated') return gram ? K * T * T : of.likelihood.squaredLengths ? T : K * T;
  return K * K * T + (gram ? K * T * T : 0);
}

const lawOf = (of: DrawLaw, outputs: number) =>
  (of.estimator.oneDraw as NonNullable<ColumnEstimator['oneDraw']>)({ ...of, outputs });

/** What draws that stand for the law are keyed by. */
export type DrawSource = Pick<ColumnRequest, 'stream' | 'targets'>;

/**
 * Var δᵀḠδ of row `row`, whose example is `index`.
 * @throws FimError with `random/index`, `random/seed`, `random/sequence`
 */
export function drawVariance(
  of: DrawLaw & DrawSource,
  metric: OutputMetric,
  h: Outputs,
  row: number,
  index: number,
): number {
  if (!drawsProxy(of.estimator)) return 0;
  if (lawCost(of, metric) > MOST_OPERATIONS) return sampledVariance(of, metric, oneRow(h, row), index);
  const { T } = h;
  const { columns: K, law, fourth, block } = lawOf(of, T);
  const one = oneRow(h, row);
  if (law === 'enumerated') return enumeratedVariance(of.likelihood, metric, one, K);
  const first = law === 'signs' ? of.exactPairs : 0;
  const drawn = K - first;
  const delta = new Float64Array(drawn * T);
  const w = new Float64Array(drawn);
  const span = { from: first, count: drawn };
  if (law === 'signs') of.root.columns(one, delta, w, span);
  else of.likelihood.columns(one, delta, w, span);
  const out = new Float64Array(1);
  const images = imagesOf(delta, drawn, metric);
  const M = new Float64Array(drawn * drawn);
  for (let j = 0; j < drawn; j++)
    for (let k = 0; k <= j; k++) M[j * drawn + k] = inner(delta, j, images, k, T);
  if (law === 'blocks') {
    blocksTotal(M, w, 1, { K: drawn, columns: block ?? drawn }, out, new Float64Array(1));
    return out[0];
  }
  const c = fourth ? new Float64Array(drawn) : null;
  if (c) (of.likelihood.components as ComponentMoments).fourth(one, c, span);
  pairwiseTotalVariance(M, w, c, 1, drawn, out);
  return out[0];
}

/** Over the K labels that there are. */
function enumeratedVariance(likelihood: Likelihood, metric: OutputMetric, one: Outputs, K: number): number {
  const q = new Float64Array(K);
  const w = new Float64Array(K);
  const { T } = one;
  const together = Math.max(1, Math.floor(TOGETHER / T));
  const delta = new Float64Array(Math.min(K, together) * T);
  if (!metric.gram && likelihood.squaredLengths) likelihood.squaredLengths(one, q, w);
  else
    for (let from = 0; from < K; from += together) {
      const count = Math.min(together, K - from);
      likelihood.columns(one, delta, w.subarray(from, from + count), { from, count });
      for (let k = 0; k < count; k++) q[from + k] = squaredLength(metric, delta, k * T);
    }
  const out = new Float64Array(1);
  enumeratedMoments(q, w, 1, K, out, new Float64Array(1));
  return out[0];
}

/** From draws of a stream of its own, which the estimate does not meet. */
function sampledVariance(
  of: DrawLaw & DrawSource,
  metric: OutputMetric,
  one: Outputs,
  index: number,
): number {
  const stream = new UniformStream(of.stream.seed, `${of.stream.stream}/variance`);
  const pairs = of.estimator.count({ ...of, outputs: one.T, draws: 0 });
  const source = of.estimator.columns({ ...of, stream, outputs: one.T, draws: DRAWS });
  const ct = new Float64Array(DRAWS * one.T);
  const w = new Float64Array(DRAWS);
  source.fill({ h: one, indices: [index], occurrence: null }, { from: pairs, count: DRAWS }, ct, w);
  const spread = new Moments();
  for (let k = 0; k < DRAWS; k++) spread.add(squaredLength(metric, ct, k * one.T));
  return spread.sampleVariance;
}

/** ḠΔ_k of each column. */
function imagesOf(delta: Float64Array, K: number, { T, gram }: OutputMetric): Float64Array {
  if (!gram) return delta;
  const out = new Float64Array(K * T);
  for (let k = 0; k < K; k++)
    for (let a = 0; a < T; a++) {
      let sum = 0;
      for (let b = 0; b < T; b++) sum += gram[a * T + b] * delta[k * T + b];
      out[k * T + a] = sum;
    }
  return out;
}

function inner(x: Float64Array, j: number, y: Float64Array, k: number, T: number): number {
  let sum = 0;
  for (let a = 0; a < T; a++) sum += x[j * T + a] * y[k * T + a];
  return sum;
}
