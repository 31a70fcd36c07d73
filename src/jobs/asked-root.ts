/**
 * @module jobs/asked-root
 *
 * Root of the signs as it is asked for, with what it takes: for `kernel` the mean tangent kernel Ḡ over the first twenty examples in the
 * order of the seed, T backward passes each, in float64 where float32 does not hold it. Every part of an estimate takes the same twenty.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { batches } from '../data/batches.js';
import { createSmallEngine } from '../engine/small/index.js';
import type { Engine } from '../engine/types.js';
import { DEFAULT_BUDGET, type EstimatorChoice, type ExampleSource, givenBudget } from '../fisher/index.js';
import { meanMetric, METRIC_EXAMPLES } from '../fisher/proxy/metric.js';
import { requireKernel, type RootChoice, rootFor } from '../likelihood/roots/index.js';
import { atPrecision, type Network } from '../model/network.js';
import type { AskedRoot, EstimateListener, EstimateSubject } from './request.js';
import { weighingOf } from './weighing.js';

/** What the root depends on. */
interface RootRequest {
  readonly root?: AskedRoot | undefined;
  /** Left open, or by layer: signs may be drawn. */
  readonly estimator?: EstimatorChoice | undefined;
  readonly seed?: number | undefined;
  readonly memory?: number | undefined;
}

/** The root with its kernel; undefined: none was asked for, or no signs are drawn, which is said. Throws `likelihood/kernel`. */
export async function askedRoot(
  { engine, network, likelihood, dataset }: EstimateSubject,
  { root, estimator = 'auto', seed, memory }: RootRequest,
  listener: EstimateListener = {},
): Promise<RootChoice | undefined> {
  if (root !== 'kernel') return root;
  if (estimator !== 'rademacher' && estimator !== 'auto') {
    listener.say?.(`${setting('root', root)}: not used, it goes with signs and not with ${estimator}`);
    return undefined;
  }
  const T = network.h.shape[1] as number;
  requireKernel(rootFor(likelihood, T), T);
  const { n, among } = weighingOf(dataset);
  const examples = Math.min(METRIC_EXAMPLES, n);
  const kernelBy = async (by: Engine, of: Network): Promise<number[]> => {
    const source: ExampleSource = (batch, dtype) =>
      batches(dataset, { batch, dtype, order: 'seed', seed, examples, among });
    const budget = givenBudget(of, memory) ?? DEFAULT_BUDGET;
    return [...((await meanMetric(by, of, likelihood, source, budget)).gram as Float64Array)];
  };
  const kernel = await kernelBy(engine, network);
  if (kernel.every(Number.isFinite)) return { kernel };
  // Squares that float32 does not hold.
  const again = await kernelBy(createSmallEngine(), atPrecision(network, 'float64'));
  if (again.every(Number.isFinite)) return { kernel: again };
  throw new FimError({
    code: 'likelihood/kernel',
    where: setting('root', 'kernel'),
    rule: 'takes the mean of JJᵀ over some examples, whose numbers are finite',
    got: `not finite over ${examples} examples, in float64`,
    cause: 'inputs or weights whose squares overflow',
    next: setting('root', 'eigen'),
  });
}
