/**
 * @module rl/policies/divergence
 *
 * Entropy of a policy and the divergence between two, in closed form, per state.
 *
 *   family                     H(h)                          ∂H/∂h                        KL(h₀ ‖ h)
 *   categorical                −Σ p log p                    −p_a (log p_a + H)           Σ p₀ (log p₀ − log p)
 *   gaussian-mv, link log-sd   Σ log σ + m/2 log 2πe         0 (means), 1 (log σ)         Σ log σ/σ₀ + (σ₀² + (μ₀ − μ)²)/2σ² − ½
 */
import { FimError } from '../../core/errors.js';
import type { FloatArray } from '../../core/tensor.js';
import type { Likelihood, Outputs } from '../../likelihood/index.js';

/** Entropy and Kullback–Leibler divergence of the distributions of actions, with their gradients. */
export interface Divergence {
  /** H [n], and ∂H/∂h [n, T] where `gradient` is given. */
  entropy(h: Outputs, out: Float64Array, gradient?: FloatArray): void;
  /** KL(before ‖ now) [n]. */
  kl(before: Outputs, now: Outputs, out: Float64Array): void;
}

/** Throws `rl/policy` for a family that no policy of `actorCritic` has. */
export function divergenceOf(likelihood: Likelihood): Divergence {
  if (likelihood.name === 'categorical') return categorical;
  if (likelihood.name === 'gaussian-mv' && likelihood.coordinates === 'log-sd') return gaussian;
  throw new FimError({
    code: 'rl/policy',
    kind: 'usage',
    where: 'entropy and divergence of a policy',
    rule: 'the policy is categorical, or gaussian-mv with link log-sd',
    got: `${likelihood.name}, ${likelihood.coordinates}`,
  });
}

/** log Σ exp of one row. */
function logSum(h: FloatArray, from: number, T: number): number {
  let max = -Infinity;
  for (let a = 0; a < T; a++) if (h[from + a] > max) max = h[from + a];
  let sum = 0;
  for (let a = 0; a < T; a++) sum += Math.exp(h[from + a] - max);
  return max + Math.log(sum);
}

const categorical: Divergence = {
  entropy({ data, n, T }, out, gradient) {
    for (let i = 0; i < n; i++) {
      const from = i * T;
      const log = logSum(data, from, T);
      let H = 0;
      for (let a = 0; a < T; a++) H -= Math.exp(data[from + a] - log) * (data[from + a] - log);
      out[i] = H;
      if (!gradient) continue;
      for (let a = 0; a < T; a++) {
        const lp = data[from + a] - log;
        gradient[from + a] = -Math.exp(lp) * (lp + H);
      }
    }
  },
  kl(before, now, out) {
    const { n, T } = before;
    for (let i = 0; i < n; i++) {
      const from = i * T;
      const [p, q] = [logSum(before.data, from, T), logSum(now.data, from, T)];
      let sum = 0;
      for (let a = 0; a < T; a++) {
        const lp = before.data[from + a] - p;
        sum += Math.exp(lp) * (lp - (now.data[from + a] - q));
      }
      out[i] = sum;
    }
  },
};

const HALF_LOG_TWO_PI_E = 0.5 * Math.log(2 * Math.PI * Math.E);

const gaussian: Divergence = {
  entropy({ data, n, T }, out, gradient) {
    const m = T / 2;
    for (let i = 0; i < n; i++) {
      let H = m * HALF_LOG_TWO_PI_E;
      for (let a = m; a < T; a++) H += data[i * T + a];
      out[i] = H;
      if (gradient) for (let a = 0; a < T; a++) gradient[i * T + a] = a < m ? 0 : 1;
    }
  },
  kl(before, now, out) {
    const { n, T } = before;
    const m = T / 2;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let a = 0; a < m; a++) {
        const at = i * T + a;
        const d = before.data[at + m] - now.data[at + m];
        const shift = (before.data[at] - now.data[at]) * Math.exp(-now.data[at + m]);
        // ½(e²ᵈ − 1) − d by expm1: small differences keep their digits.
        sum += 0.5 * Math.expm1(2 * d) - d + 0.5 * shift * shift;
      }
      out[i] = sum;
    }
  },
};
