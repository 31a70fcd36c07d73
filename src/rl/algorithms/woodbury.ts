/**
 * @module rl/algorithms/woodbury
 *
 * Natural policy gradient by the exact inverse of the batch's empirical Fisher in its N × N Gram matrix, with damping fixed, by the
 * method of moments (pairs of one trajectory dropped), or leave-one-out (optim/woodbury, optim/damping-rules).
 */
import { woodbury as inverse } from '../../optim/woodbury.js';
import { naturalActorCritic, type NaturalActorCriticOptions } from './natural-actor-critic.js';
import type { Algorithm, AlgorithmContext } from './types.js';

export interface WoodburyOptions extends NaturalActorCriticOptions {
  dampingRule: 'fixed' | 'moments' | 'leave-one-out';
  /** λ of the rule `fixed`, the smallest λ of the others. */
  damping: number;
}

export function woodbury(context: AlgorithmContext, options: WoodburyOptions): Promise<Algorithm> {
  const { dampingRule: rule, damping } = options;
  const how = rule === 'fixed' ? damping : { rule, min: damping };
  return naturalActorCritic('woodbury', context, options, inverse({ damping: how, spectrum: true }));
}
