/**
 * @module fisher/plan
 *
 * The passes that an estimator and its error need: `draws` gives the value of a sampled or empirical estimate, `columns` the exact
 * one, and beside `draws` the closed-form variance of one draw.
 */
import type { Likelihood } from '../likelihood/types.js';
import type { ErrorSource, Estimator } from './estimate.js';
import type { PassSpec } from './statistics.js';

/** `draws`: sampled or given labels. `columns`: the exact columns of I(h). */
export type PassName = 'draws' | 'columns';

/** A pass and the law of its totals over draws. */
export interface Planned {
  readonly spec: PassSpec;
  readonly law: 'none' | 'enumerated' | 'pairwise' | 'signs' | 'draws';
}

/** The passes that an estimator and its error need. */
export function planPasses(
  estimator: Estimator,
  error: ErrorSource,
  likelihood: Likelihood,
  T: number,
  K: number,
): Map<PassName, Planned> {
  const columns = likelihood.columnCount(T);
  const weighted = likelihood.weightedColumns(T);
  if (estimator === 'exact') {
    return new Map([
      ['columns', { spec: { columns: weighted, squares: true, label: null, totals: 'norms' }, law: 'none' }],
    ]);
  }
  if (estimator === 'empirical') {
    return new Map([
      ['draws', { spec: { columns: 1, squares: true, label: null, totals: 'norms' }, law: 'none' }],
    ]);
  }
  if (error === 'sampled') {
    const label = K > 1 ? 'enumerated' : null;
    return new Map([
      ['draws', { spec: { columns: K, squares: true, label, totals: 'norms' }, law: 'draws' }],
    ]);
  }
  const draws: Planned = { spec: { columns: K, squares: false, label: null, totals: 'norms' }, law: 'none' };
  return new Map([
    ['draws', draws],
    ['columns', varianceOfOneDraw(estimator, likelihood, estimator === 'rademacher' ? weighted : columns)],
  ]);
}

function varianceOfOneDraw(estimator: Estimator, likelihood: Likelihood, columns: number): Planned {
  if (estimator === 'rademacher') {
    return { spec: { columns, squares: true, label: 'pairwise', totals: 'gram' }, law: 'signs' };
  }
  const label = likelihood.labelKind;
  return label === 'enumerated'
    ? { spec: { columns, squares: true, label, totals: 'norms' }, law: 'enumerated' }
    : { spec: { columns, squares: true, label, fourth: true, totals: 'gram' }, law: 'pairwise' };
}
