/**
 * @module fisher/proxy/draw-variance
 *
 * Variance of one draw of the proxy: of δᵀḠδ for a label from the model (theory (11.1), (11.2)) or for signs on the drawn columns of a
 * root, with the metric Ḡ in place of the network's own Gram matrix.
 */
import type { ComponentMoments, Likelihood, Outputs } from '../../likelihood/types.js';
import { blocksTotal, enumeratedMoments, pairwiseTotalVariance } from '../../likelihood/total.js';
import type { Root } from '../../likelihood/roots/index.js';
import type { ColumnEstimator } from '../estimators/estimator.js';
import { type OutputMetric, oneRow } from './metric.js';

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

/** Operations of a row's variance. */
export function drawVarianceCost({ estimator, likelihood, root }: DrawLaw, T: number): number {
  if (!drawsProxy(estimator)) return 0;
  const { columns: K, law } = lawOf({ estimator, likelihood, root, exactPairs: 0 }, T);
  return K * T * T + (law === 'enumerated' ? 0 : K * K * T);
}

const lawOf = (of: DrawLaw, outputs: number) =>
  (of.estimator.oneDraw as NonNullable<ColumnEstimator['oneDraw']>)({ ...of, outputs });

/** Var δᵀḠδ of row `row`. */
export function drawVariance(of: DrawLaw, metric: OutputMetric, h: Outputs, row: number): number {
  if (!drawsProxy(of.estimator)) return 0;
  const { T } = h;
  const { columns: K, law, fourth, block } = lawOf(of, T);
  const one = oneRow(h, row);
  const first = law === 'signs' ? of.exactPairs : 0;
  const drawn = K - first;
  const delta = new Float64Array(drawn * T);
  const w = new Float64Array(drawn);
  const span = { from: first, count: drawn };
  if (law === 'signs') of.root.columns(one, delta, w, span);
  else of.likelihood.columns(one, delta, w, span);
  const out = new Float64Array(1);
  const images = imagesOf(delta, drawn, metric);
  if (law === 'enumerated') {
    const q = Float64Array.from({ length: drawn }, (_, k) => inner(delta, k, images, k, T));
    enumeratedMoments(q, w, 1, drawn, out, new Float64Array(1));
    return out[0];
  }
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
