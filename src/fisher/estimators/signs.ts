/**
 * @module fisher/estimators/signs
 *
 * Random signs on a root RRᵀ = I(h): (JᵀRξ)(JᵀRξ)ᵀ for K draws of ξ (Martens, Sutskever and Swersky 2012, curvature propagation),
 * unbiased, with a relative standard deviation of at most √2 on the diagonal.
 */
import type { UniformStream } from '../../core/random.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { ColumnSource } from '../columns.js';
import type { ColumnEstimator } from './estimator.js';

/** K draws of Rademacher signs on a root of I(h): Rξ with weight 1/K. */
export function signColumns(likelihood: Likelihood, stream: UniformStream, K: number): ColumnSource {
  return {
    columns: K,
    fill({ h, indices, occurrence }, span, ct, w) {
      likelihood.rademacher(h, { stream, examples: indices, occurrences: occurrence, ...span }, ct);
      w.fill(1 / K, 0, h.n * span.count);
    },
  };
}

export const signs: ColumnEstimator = {
  name: 'rademacher',
  drawn: true,
  stream: 'rademacher',
  curved: false,
  alpha: 1,
  targets: false,
  columns: ({ likelihood, stream, draws }) => signColumns(likelihood, stream, draws),
  count: (_likelihood, _T, draws) => draws,
  oneDraw: (likelihood, T) => ({
    columns: likelihood.weightedColumns(T),
    label: 'pairwise',
    fourth: false,
    law: 'signs',
  }),
};
