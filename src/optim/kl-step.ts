/**
 * @module optim/kl-step
 *
 * Step length along a direction d that changes the policy by a KL divergence of ε: KL(π_θ ‖ π_{θ+αd}) ≈ ½α²q with
 *
 *   q = (1/N) Σ_n (J_n d)ᵀ I(h_n) (J_n d),   α = √(2ε/q)
 *
 * the exact, undamped Fisher of the batch's states by one forward product, whatever inverse d came from. Published TRPO divides by the
 * damped product dᵀ(𝓘 + λI)d instead (J. Schulman et al., ICML 2015, appendix C, and the codes that followed).
 */
import { FimError } from '../core/errors.js';
import type { FloatArray } from '../core/tensor.js';
import type { Likelihood, Outputs } from '../likelihood/index.js';

/** q of tangents J_n d [N, T]; `information` is room for [N, T, T]. O(NT²). */
export function fisherForm(
  likelihood: Pick<Likelihood, 'information'>,
  h: Outputs,
  tangents: FloatArray,
  information: Float64Array = new Float64Array(h.n * h.T * h.T),
): number {
  const { n, T } = h;
  likelihood.information(h, information);
  let sum = 0;
  for (let e = 0; e < n; e++) {
    for (let a = 0; a < T; a++) {
      let row = 0;
      for (let c = 0, at = (e * T + a) * T; c < T; c++) row += information[at + c] * tangents[e * T + c];
      sum += row * tangents[e * T + a];
    }
  }
  return sum / n;
}

/** α = √(2ε/q). Throws `optim/kl-target` for an ε that no step can have, `optim/kl-direction` for such a q. */
export function klStepSize(epsilon: number, q: number): number {
  if (!(epsilon > 0) || !Number.isFinite(epsilon)) {
    throw new FimError({
      code: 'optim/kl-target',
      kind: 'usage',
      where: 'KL target',
      rule: 'is a positive number of nats per state',
      got: String(epsilon),
      next: '0.01 is the usual one',
    });
  }
  if (!(q > 0) || !Number.isFinite(q)) {
    throw new FimError({
      code: 'optim/kl-direction',
      where: 'KL-sized step',
      rule: 'the direction must change the policy: q = mean (Jd)ᵀ I (Jd) > 0 and finite',
      got: String(q),
      cause: 'a gradient of zero, a policy that has become deterministic, or an overflow',
      next: 'raise the damping or the entropy coefficient',
    });
  }
  return Math.sqrt((2 * epsilon) / q);
}
