/**
 * @module optim/damping-rules
 *
 * λ by rule. A natural gradient is a ridge regression of the advantages on the scores, Â = Sw + ε with w ~ (0, τ²I), so
 * (SᵀS/N + λI)w = Sᵀ Â/N, and the λ that predicts best is
 *
 *   λ* = Var ε/(N τ²) = (1 − R²)/R² · tr 𝓘̂/N,   tr 𝓘̂ = tr K/N,   R² = τ² tr 𝓘̂/Var Â
 *
 *   fixed           a number
 *   moments         E Â_iÂ_j = τ² K_ij for i ≠ j, hence τ̂² = Σ Â_iÂ_jK_ij / Σ K_ij², with Â centred and of unit variance, over pairs of
 *                   different trajectories: errors of advantages go together within one. R² is kept in [0.001, 0.99]. O(N²)
 *   leave-one-out   the λ of least Σ_i e_i², e_i = (M⁻¹Â)_i/(M⁻¹)_ii, M = K + λNI: the errors of predicting each Â_i from the others.
 *                   One eigendecomposition, O(N³), then O(N²) for each λ tried; N ≤ 512. Pairs within a trajectory count
 *
 * As R² → 0 the direction tends to that of the plain gradient. Damping that only matches the Fisher (O. Ledoit, M. Wolf 2004) is too
 * small: the error that counts is the inverse's, on the gradient. Source of e_i: D. M. Allen, Technometrics 16 (1974).
 */
import {
  byMoments,
  type ChosenDamping,
  type Damping,
  type DampingData,
  dampingError,
  standardised,
} from './damping.js';
import { byLeavingOneOut } from './leave-one-out.js';

/**
 * λ for this batch. Throws `optim/damping` where the rule has nothing to go by.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`
 */
export function chooseDamping(damping: Damping, data: DampingData): ChosenDamping {
  if (typeof damping === 'number') return { damping, R2: null };
  const { advantages, n } = data;
  if (!advantages) {
    throw dampingError(
      `${damping.rule} regresses advantages on scores`,
      'a batch without advantages',
      'give a fixed λ',
    );
  }
  const y = standardised(advantages, n);
  const chosen = damping.rule === 'moments' ? byMoments(data, y) : byLeavingOneOut(data, y);
  const { min = 0, max = Infinity } = damping;
  const kept = Math.min(max, Math.max(min, chosen.damping));
  if (kept > 0 && Number.isFinite(kept)) return { ...chosen, damping: kept };
  throw dampingError(
    'λ > 0',
    String(kept),
    'give `min`, or a fixed λ',
    'all scores of the batch are zero, or not finite',
  );
}
