/**
 * @module rl/algorithms/smac
 *
 * Actor-critic with the rank-1 inverse of one sampled score (Y. Huo et al. 2026, arXiv 2601.18626, SM-ActorCritic):
 *
 *   d = (1/λ)[g − q (q·g)/(λ + |q|²)],   θ ← θ + η d
 *
 * by plain gradient ascent: no momentum, no scaling by element, no clipping. Where |q|² ≪ λ this is A2C at learning rate η/λ to first
 * order (algorithm `a2c` with `critic: separate`), so that is the control it has to beat. Which sample q is, segments, critic and
 * schedule are not said by the sources: here they are options.
 */
import { shermanMorrison } from '../../optim/sherman-morrison.js';
import { naturalActorCritic, type NaturalActorCriticOptions } from './natural-actor-critic.js';
import type { Algorithm, AlgorithmContext } from './types.js';

export interface SmacOptions extends NaturalActorCriticOptions {
  damping: number;
  sample: 'batch' | 'fresh';
  scope: 'network' | 'layer';
}

export function smac(context: AlgorithmContext, options: SmacOptions): Promise<Algorithm> {
  const { damping, sample, scope } = options;
  return naturalActorCritic('smac', context, options, shermanMorrison({ damping, sample, scope }));
}
