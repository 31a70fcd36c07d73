/**
 * @module fisher/forms/diagonal/plan
 *
 * The passes that an estimator and its error need: `value` runs over the estimator's own columns, `spread`, where the errors come from
 * other columns, over the exact ones for the closed-form variance of one draw (and for the exact per-example values that the data
 * error is the spread of).
 */
import type { ErrorSource } from '../../estimate.js';
import type { ColumnCount, ColumnEstimator } from '../../estimators/estimator.js';
import type { PassSpec } from './statistics.js';

/**
 * Columns up to which Gram matrices go to the host, for third moments of a pairwise total, O(K³) an example. Beyond, only sums over
 * pairs of columns do.
 */
const LARGEST_GRAM = 24;

/** Where the value comes from, and where the errors do. */
export type Role = 'value' | 'spread';

/** A pass and the law of its totals over draws. */
export interface Planned {
  readonly spec: PassSpec;
  readonly law: 'none' | 'enumerated' | 'pairwise' | 'blocks' | 'signs' | 'draws';
}

/** The passes by what they give; without `spread`, one gives both. */
export interface PassPlan {
  readonly value: Planned;
  readonly spread: Planned | null;
}

/** The passes that an estimator of K draws and its error need. */
export function planPasses(estimator: ColumnEstimator, error: ErrorSource, request: ColumnCount): PassPlan {
  const columns = estimator.count(request);
  const fixed = estimator.drawn ? columns - request.draws : 0;
  const plain = { columns, squares: true, label: null, totals: 'norms', fixed, peaks: true } as const;
  if (!estimator.oneDraw) return { value: { spec: plain, law: 'none' }, spread: null };
  if (error === 'sampled') {
    const label = request.draws > 1 ? 'enumerated' : null;
    return { value: { spec: { ...plain, label }, law: 'draws' }, spread: null };
  }
  const { law, columns: exact, label, fourth, block } = estimator.oneDraw(request);
  const gram = exact <= LARGEST_GRAM || law === 'blocks';
  const totals = law === 'enumerated' ? 'norms' : gram ? 'gram' : 'pairs';
  return {
    value: { spec: { ...plain, squares: false }, law: 'none' },
    spread: {
      spec: { columns: exact, squares: true, label, fourth, totals, fixed, ...(block && { block }) },
      law,
    },
  };
}

/** The pass that gives the errors. */
export const spreadOf = ({ value, spread }: PassPlan): Planned => spread ?? value;
