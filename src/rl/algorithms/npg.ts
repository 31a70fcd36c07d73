/**
 * @module rl/algorithms/npg
 *
 * Natural policy gradient by conjugate gradients on the true Fisher, without line search (S. Kakade, NIPS 2001; A. Rajeswaran et al.,
 * NeurIPS 2017).
 */
import { conjugateGradient } from '../../optim/conjugate-gradient.js';
import type { FisherKind } from '../../matrix/fisher-product.js';
import { naturalActorCritic, type NaturalActorCriticOptions } from './natural-actor-critic.js';
import type { Algorithm, AlgorithmContext } from './types.js';

export interface NpgOptions extends NaturalActorCriticOptions {
  fisher: FisherKind;
  damping: number;
  cgIterations: number;
  cgTolerance: number;
}

export function npg(context: AlgorithmContext, options: NpgOptions): Promise<Algorithm> {
  const { fisher, damping, cgIterations: iterations, cgTolerance: tolerance } = options;
  return naturalActorCritic(
    'npg',
    context,
    options,
    conjugateGradient({ fisher, damping, iterations, tolerance }),
  );
}
