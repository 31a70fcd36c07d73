/**
 * @module jobs/entries
 *
 * Estimator of the entries, where it is left open and they are what is asked for: exact columns where their passes (T − 1 under softmax)
 * are affordable, since a closed-form label error takes as many and exact columns have none; else signs beside at least one exact pair. Never
 * sampled labels, whose entries are zero for most parameters of a near-certain network until many are drawn.
 */
import { type Estimator, estimatorCost } from '../fisher/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';

/** Operations of all examples that exact columns may always take: minutes at most. */
const AFFORDED = 1e13;
/** Times the operations of signs with an exact pair that they may take in any case. */
const WORTH = 4;
/** Draws of signs that tell their own error. */
const DRAWS = 2;

/** What is decided, and why. */
export interface EntriesChoice {
  readonly estimator: Extract<Estimator, 'exact' | 'rademacher'>;
  readonly reason: string;
}

/** Decides by counted operations (fisher/cost). */
export function entriesEstimator(
  network: Network,
  likelihood: Likelihood,
  { examples, labels = DRAWS }: { readonly examples: number; readonly labels?: number | undefined },
): EntriesChoice {
  const cost = (estimator: 'exact' | 'rademacher') =>
    estimatorCost(network, likelihood, {
      estimator,
      labels: estimator === 'exact' ? 0 : labels,
      error: estimator === 'exact' ? 'none' : labels > 1 ? 'sampled' : 'closed-form',
      ...(estimator === 'exact' ? {} : { exactPairs: 1 }),
    });
  const [exact, signs] = [cost('exact'), cost('rademacher')];
  const T = network.h.shape[1] as number;
  const times = Number((exact / signs).toPrecision(2));
  if (exact * examples <= AFFORDED || exact <= WORTH * signs) {
    return {
      estimator: 'exact',
      reason: 'estimator exact: entries are asked for, and it has no label error',
    };
  }
  return {
    estimator: 'rademacher',
    reason: `estimator rademacher: exact columns of ${T} outputs are not affordable for ${examples} examples, at ${times} times the operations; errors of entries include those of signs`,
  };
}
