/**
 * @module rl/algorithms/optimisers
 *
 * First-order optimisers by name, with the settings that published policy gradients use.
 */
import { adam } from '../../optim/adam.js';
import type { Optimiser } from '../../optim/optimiser.js';
import { rmsprop } from '../../optim/rmsprop.js';
import { sgd } from '../../optim/sgd.js';

export const OPTIMISERS = ['rmsprop', 'adam', 'sgd'] as const;
export type OptimiserName = (typeof OPTIMISERS)[number];

/**
 * `rmsprop`: α 0.99, ε 1e-5 inside the root, v from 1 (TensorFlow's form, that of the published A2C); `adam`: ε 1e-5 (OpenAI baselines'
 * PPO2, Stable-Baselines3); `sgd`: plain.
 */
export function optimiserOf(name: OptimiserName): Optimiser {
  switch (name) {
    case 'rmsprop':
      return rmsprop();
    case 'adam':
      return adam({ epsilon: 1e-5 });
    case 'sgd':
      return sgd();
  }
}
