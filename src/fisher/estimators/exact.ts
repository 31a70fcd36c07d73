/**
 * @module fisher/estimators/exact
 *
 * Exact columns of I(h) = Σ_k w_k Δ_kΔ_kᵀ: E_y ssᵀ without a draw, by as many backward passes as there are columns.
 */
import type { FloatArray } from '../../core/tensor.js';
import type { Likelihood, Span } from '../../likelihood/types.js';
import type { BatchOutputs, ColumnSource } from '../columns.js';
import type { ColumnEstimator } from './estimator.js';

/** The columns of I(h): the exact Fisher, and the closed-form variance of one label. */
export function exactColumns(likelihood: Likelihood, T: number): ColumnSource {
  const { components } = likelihood;
  return {
    columns: likelihood.columnCount(T),
    fill: ({ h }, span, ct, w) => likelihood.columns(h, ct, w, span),
    ...(components
      ? { fourth: ({ h }: BatchOutputs, span: Span, c: FloatArray) => components.fourth(h, c, span) }
      : {}),
  };
}

export const exact: ColumnEstimator = {
  name: 'exact',
  drawn: false,
  stream: 'exact',
  curved: false,
  alpha: 1,
  targets: false,
  columns: ({ likelihood, outputs }) => exactColumns(likelihood, outputs),
  count: ({ likelihood, outputs }) => likelihood.weightedColumns(outputs),
  oneDraw: null,
};
