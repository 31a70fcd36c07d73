/**
 * @module fisher/estimators/empirical
 *
 * Squared scores of the labels that the data came with: another matrix, not an estimate of the Fisher information.
 */
import { takeLabels } from '../../likelihood/batch.js';
import { weighByClass } from '../../likelihood/class-weights.js';
import type { Labels, Likelihood } from '../../likelihood/types.js';
import type { ColumnSource } from '../columns.js';
import type { ColumnEstimator } from './estimator.js';

/** One residual per example, times the weight of its class where classes have weights. */
export function dataColumns(
  likelihood: Likelihood,
  labels: Labels,
  classWeights: readonly number[] | null = null,
): ColumnSource {
  return {
    columns: 1,
    fill({ h, indices }, _span, ct, w) {
      const own = takeLabels(labels, indices);
      likelihood.residual(h, own, ct);
      if (classWeights) weighByClass(ct, own, h.n, h.T, classWeights);
      w.fill(1, 0, h.n);
    },
  };
}

export const empirical: ColumnEstimator = {
  name: 'empirical',
  drawn: false,
  stream: 'empirical',
  curved: false,
  alpha: 1,
  targets: true,
  columns: ({ likelihood, targets, classWeights }) =>
    dataColumns(likelihood, targets as Labels, classWeights),
  count: () => 1,
  oneDraw: null,
};
