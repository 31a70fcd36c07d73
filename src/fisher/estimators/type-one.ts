/**
 * @module fisher/estimators/type-one
 *
 * Squared scores of K labels that are drawn from the network itself, y ~ p(y|x) (P24 Eq. 3): unbiased.
 */
import type { UniformStream } from '../../core/random.js';
import { makeLabels } from '../../likelihood/batch.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { ColumnSource } from '../columns.js';
import type { ColumnCount, ColumnEstimator, OneDraw } from './estimator.js';
import { exactColumns } from './exact.js';

/** K labels per example, y ~ p(y|x): residuals t(y) − η with weight 1/K. */
export function labelColumns(
  likelihood: Pick<Likelihood, 'labelWidth' | 'sample' | 'residual'>,
  stream: UniformStream,
  K: number,
): ColumnSource {
  return {
    columns: K,
    fill({ h, indices, occurrence }, span, ct, w) {
      const labels = makeLabels(likelihood, h.n, h.T, span.count);
      likelihood.sample(h, { stream, examples: indices, occurrences: occurrence, ...span }, labels);
      likelihood.residual(h, labels, ct);
      w.fill(1 / K, 0, h.n * span.count);
    },
  };
}

/** The law of one label: over the columns where they enumerate it, else over independent components. */
export function ofOneLabel({ likelihood, outputs }: Pick<ColumnCount, 'likelihood' | 'outputs'>): OneDraw {
  const label = likelihood.labelKind;
  const source = () => exactColumns(likelihood, outputs);
  return {
    columns: likelihood.columnCount(outputs),
    label,
    fourth: label === 'pairwise',
    law: label,
    block: likelihood.blockColumns?.(outputs),
    source,
  };
}

export const typeOne: ColumnEstimator = {
  name: 'type1',
  drawn: true,
  stream: 'type1',
  curved: false,
  alpha: 1,
  targets: false,
  columns: ({ likelihood, stream, draws }) => labelColumns(likelihood, stream, draws),
  count: ({ draws }) => draws,
  oneDraw: ofOneLabel,
};
