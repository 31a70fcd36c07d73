/**
 * @module jobs/asked-root
 *
 * Root of the signs as it is asked for, with what it takes: for `kernel` the mean tangent kernel Ḡ over the first twenty examples in the
 * order of the seed, T backward passes each. Every part of an estimate takes the same twenty.
 */
import { batches } from '../data/batches.js';
import { DEFAULT_BUDGET, givenBudget } from '../fisher/index.js';
import { meanMetric, METRIC_EXAMPLES } from '../fisher/proxy/metric.js';
import {
  type KernelChoice,
  requireKernel,
  type RootChoice,
  rootFor,
  type RootWord,
} from '../likelihood/roots/index.js';
import type { EstimateSubject } from './request.js';
import { weighingOf } from './weighing.js';

/** A word, or a kernel that is known already. */
export type AskedRoot = RootWord | KernelChoice;

/** The root with its kernel; undefined: none was asked for. Throws `likelihood/kernel`. */
export async function askedRoot(
  { engine, network, likelihood, dataset }: EstimateSubject,
  {
    root,
    seed,
    memory,
  }: { root?: AskedRoot | undefined; seed?: number | undefined; memory?: number | undefined },
): Promise<RootChoice | undefined> {
  if (root !== 'kernel') return root;
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
