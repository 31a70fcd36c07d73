/**
 * @module fisher/curved/natural
 *
 * Type 2 is not invariant: −∂²ℓ = JᵀIJ − Σ δ_a H^a holds for h the natural parameter. A network whose output is declared in other
 * coordinates (mean and log σ, say) gets the map to natural ones put into its graph; J, H and I are then those of the natural
 * parameter, while type 1 and the exact Fisher stay what they were. Prefer float64: natural coordinates lose digits where σ is small.
 */
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';

/** The network and likelihood in natural coordinates; themselves where they already are. */
export function inNaturalForm(
  network: Network,
  likelihood: Likelihood,
): {
  /** Its output is the natural parameter. */
  network: Network;
  /** The family in natural coordinates. */
  likelihood: Likelihood;
} {
  const { natural } = likelihood;
  if (!natural) return { network, likelihood };
  return { network: { ...network, h: natural.apply(network.h) }, likelihood: natural.likelihood() };
}
