/**
 * @module fisher/estimators/type-two
 *
 * Type 2, the negative Hessian of the log-likelihood at K sampled labels (P24 Eq. 3), and its mix with type 1,
 *
 *   Î2 = (1/n) Σ_x [ 𝔽(x) − (1/K) Σ_k Σ_a δ_ka H^a ],       α Î1 + (1 − α) Î2       (theory (2.3), (5.1)),
 *
 * on type 1's own labels: at equal seeds all three see the same. Both are unbiased for the Fisher information whatever α is, as long
 * as it does not depend on the labels. Type 2 may be negative; its second term vanishes on every layer of a ReLU network and on the
 * last layer of any (scores/second/exactness). Not invariant: taken in natural coordinates (fisher/curved/natural).
 */
import { inNaturalForm } from '../curved/natural.js';
import type { ColumnEstimator } from './estimator.js';
import { typeOne } from './type-one.js';

export const typeTwo: ColumnEstimator = {
  ...typeOne,
  name: 'type2',
  curved: true,
  alpha: 0,
  coordinates: inNaturalForm,
};

export const mix: ColumnEstimator = { ...typeTwo, name: 'mix', alpha: 0.5 };
