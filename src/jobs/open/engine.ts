/**
 * @module jobs/open/engine
 *
 * An engine for a network, chosen by the operators and the size of the graph of its exact diagonal, the graph that is run most. It
 * lets timers and Ctrl-C be heard between batches (jobs/yielding).
 */
import type { FloatType } from '../../core/tensor.js';
import { createEngine, type EngineChoice } from '../../engine/index.js';
import { wholeGraph } from '../../fisher/passes.js';
import { statisticsGraph } from '../../fisher/forms/diagonal/statistics.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import { yielding } from '../yielding.js';

export interface EngineRequest {
  /** Default `auto`. */
  readonly engine?: 'auto' | 'ort' | 'small' | undefined;
  /** Threads over which batches go. Default 1. */
  readonly threads?: number | undefined;
  /** Examples per pass. */
  readonly batch: number;
}

/** Makes the engine and says why it was this one; the caller disposes of it. Throws what `createEngine` throws. */
export async function openEngine(
  network: Network,
  likelihood: Likelihood,
  request: EngineRequest,
): Promise<EngineChoice> {
  const T = network.h.shape[1] as number;
  const columns = likelihood.columnCount(T);
  const s = statisticsGraph(network.h, network.parameters, {
    columns,
    squares: true,
    label: null,
    totals: 'norms',
  });
  const choice = await createEngine({
    engine: request.engine ?? 'auto',
    dtype: network.h.dtype as FloatType,
    threads: request.threads ?? 1,
    graph: wholeGraph(network, s),
    batch: request.batch,
  });
  return { ...choice, engine: yielding(choice.engine) };
}
