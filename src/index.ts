/**
 * @module fim
 *
 * The Fisher information of any network, with error bars. This is the short way in; the floors have subpaths of their own
 * (`fim/graph`, `fim/engine`, `fim/likelihood`, `fim/model`, `fim/fisher`, …).
 */
import type { FloatType } from './core/tensor.js';
import type { Dataset } from './data/dataset.js';
import { createEngine } from './engine/index.js';
import type { DiagonalEstimate } from './fisher/index.js';
import type { Labels, Likelihood } from './likelihood/types.js';
import { type Network, parameterCount } from './model/index.js';
import { type EstimateListener, type EstimateRequest, runEstimate } from './run/index.js';

export interface EstimateOptions extends EstimateRequest, EstimateListener {
  /** Labels of the data, for the empirical Fisher: `likelihood.readTargets(…)`. */
  readonly targets?: Labels | null;
  readonly engine?: 'auto' | 'ort' | 'small';
  readonly threads?: number;
}

/**
 * The diagonal of the Fisher information matrix, mean over examples, sum over outputs, with the standard error of every number.
 * Makes an engine of the right size, uses it and gives it back; to keep one, see `runEstimate` here and
 * `createEngine` in `fim/engine`.
 */
export async function estimate(
  network: Network,
  likelihood: Likelihood,
  dataset: Dataset,
  options: EstimateOptions = {},
): Promise<DiagonalEstimate> {
  const { targets = null, engine: name, threads, ...request } = options;
  const batch = Math.min(request.batch ?? 256, dataset.n);
  const { engine } = await createEngine({
    engine: name ?? 'auto',
    dtype: network.h.dtype as FloatType,
    flops: 10 * parameterCount(network) * batch,
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    return await runEstimate(
      { engine, network, likelihood, dataset, targets },
      { ...request, batch },
      request,
    );
  } finally {
    engine.dispose();
  }
}

// ---- networks ----
export { denseNetwork, loadNetwork, networkToOnnx, parameterCount } from './model/index.js';
export type { DenseOptions, LoadedNetwork, Network } from './model/index.js';
// ---- likelihoods ----
export { getLikelihood } from './likelihood/index.js';
export type { Likelihood } from './likelihood/index.js';
// ---- data ----
export { loadDataset, loadDigits, makeDataset, readArrays, writeArrays } from './data/index.js';
export type { Dataset } from './data/index.js';
export { tensor } from './core/tensor.js';
export type { Tensor } from './core/tensor.js';
// ---- estimates ----
export { estimateDiagonal } from './fisher/index.js';
export type { DiagonalEstimate, Figure, TensorEstimate } from './fisher/index.js';
// ---- training ----
export { fit, labelled, runEstimate } from './run/index.js';
export { adam, sgd } from './optim/index.js';
// ---- errors ----
export { FimError } from './core/errors.js';
