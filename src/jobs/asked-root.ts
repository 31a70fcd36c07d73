/**
 * @module jobs/asked-root
 *
 * Root of the signs as it is asked for, with what it takes: for `kernel` the mean tangent kernel Ḡ over the first twenty examples in the
 * order of the seed, T backward passes each. Every part of an estimate takes the same twenty.
 */
import { batches } from '../data/batches.js';
import { DEFAULT_BUDGET, type EstimatorChoice, givenBudget } from '../fisher/index.js';
import { meanMetric, METRIC_EXAMPLES } from '../fisher/proxy/metric.js';
import { requireKernel, type RootChoice, rootFor } from '../likelihood/roots/index.js';
import type { AskedRoot, EstimateSubject } from './request.js';
import { weighingOf } from './weighing.js';

/** What the root depends on. */
interface RootRequest {
  readonly root?: AskedRoot | undefined;
  /** Left open, or by layer: signs may be drawn. */
  readonly estimator?: EstimatorChoice | undefined;
  readonly seed?: number | undefined;
  readonly memory?: number | undefined;
}

/** The root with its kernel; undefined: none was asked for, or no signs are drawn. Throws `likelihood/kernel`. */
export async function askedRoot(
  { engine, network, likelihood, dataset }: EstimateSubject,
  { root, estimator = 'auto', seed, memory }: RootRequest,
): Promise<RootChoice | undefined> {
  if (root !== 'kernel') return root;
  if (estimator !== 'rademacher' && estimator !== 'auto') return undefined;
  const T = network.h.shape[1] as number;
  requireKernel(rootFor(likelihood, T), T);
  const { n, among } = weighingOf(dataset);
  const { gram } = await meanMetric(
    engine,
    network,
    likelihood,
    (batch, dtype) =>
      batches(dataset, { batch, dtype, order: 'seed', seed, examples: Math.min(METRIC_EXAMPLES, n), among }),
    givenBudget(network, memory) ?? DEFAULT_BUDGET,
  );
  return { kernel: [...(gram as Float64Array)] };
}
