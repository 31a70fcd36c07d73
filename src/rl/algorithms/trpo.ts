/**
 * @module rl/algorithms/trpo
 *
 * Trust region policy optimisation (J. Schulman et al., ICML 2015): the natural step of NPG, shortened until the surrogate improves and
 * the divergence is within its target.
 *
 *   θ_k = θ + β^k α d,  first k with  mean r_nÂ_n > mean Â_n  and  KL ≤ κε,  r = π_k/π;  none: no step
 *
 * κ = 1 in Stable-Baselines3-contrib, 1.5 in OpenAI baselines. The entropy, where it has a weight, is in the step and not in the search.
 * `kl_ratio` is KL over ε of the whole step, before any search.
 */
import { conjugateGradient } from '../../optim/conjugate-gradient.js';
import { FimError } from '../../core/errors.js';
import { length } from './natural.js';
import { naturalActorCritic, type Stride } from './natural-actor-critic.js';
import type { NpgOptions } from './npg.js';
import type { Algorithm, AlgorithmContext } from './types.js';

export interface TrpoOptions extends NpgOptions {
  /** β. */
  backtrack: number;
  /** Largest k. */
  maxBacktracks: number;
  /** κ. Default 1. */
  acceptKl?: number;
}

export function trpo(context: AlgorithmContext, options: TrpoOptions): Promise<Algorithm> {
  const { fisher, damping, cgIterations: iterations, cgTolerance: tolerance } = options;
  const inverse = conjugateGradient({ fisher, damping, iterations, tolerance });
  return naturalActorCritic('trpo', context, options, inverse, lineSearch(options));
}

function lineSearch({ backtrack, maxBacktracks, targetKl, acceptKl = 1 }: TrpoOptions): Stride {
  return async (policy, segment, { direction, alpha, metrics }) => {
    const { linear, advantages, logProbabilities } = policy;
    const before = linear.parameters();
    let ratio = NaN;
    for (let k = 0, factor = 1; k <= maxBacktracks; k++, factor *= backtrack) {
      linear.setParameters(before);
      linear.move(direction, factor * alpha);
      let kl = Infinity;
      try {
        kl = await policy.divergenceNow(segment);
      } catch (error) {
        // A step out of the finite is only too long.
        if (!(error instanceof FimError) || error.code !== 'likelihood/not-finite') throw error;
      }
      if (k === 0) ratio = kl / targetKl;
      let gain = 0;
      for (let e = 0; e < advantages.length; e++) {
        gain += (Math.exp(logProbabilities[e] - segment.logProbabilities[e]) - 1) * advantages[e];
      }
      if (kl <= acceptKl * targetKl && gain > 0) {
        return {
          ...metrics,
          kl,
          kl_ratio: ratio,
          backtracks: k,
          step_norm: factor * alpha * length(direction),
        };
      }
    }
    linear.setParameters(before);
    return { ...metrics, kl: 0, kl_ratio: ratio, backtracks: maxBacktracks + 1, step_norm: 0 };
  };
}
