/**
 * @module rl/algorithms/optimisers
 *
 * First-order optimisers by name, with the settings that published policy gradients use.
 */
import { adam } from '../../optim/adam.js';
import type { Optimiser } from '../../optim/optimiser.js';
import { rmsprop } from '../../optim/rmsprop.js';
import { sgd } from '../../optim/sgd.js';

export const OPTIMISERS = ['rmsprop', 'rmsprop-tf', 'adam', 'sgd'] as const;
export type OptimiserName = (typeof OPTIMISERS)[number];

/**
 * `rmsprop`: α 0.99, ε 1e-5 outside the root, v from 0 (PyTorch's form: Stable-Baselines3, Tianshou). `rmsprop-tf`: ε inside, v from 1
 * (TensorFlow's: OpenAI baselines); where gradients are far below √ε = 3e-3, as those of a Gaussian policy over some dozens of rows are,
 * its steps are that much shorter. `adam`: ε 1e-5 (OpenAI baselines' PPO2, Stable-Baselines3). `sgd`: plain.
 */
export function optimiserOf(name: OptimiserName): Optimiser {
  switch (name) {
    case 'rmsprop':
      return rmsprop({ epsilonInside: false, initial: 0 });
    case 'rmsprop-tf':
      return rmsprop();
    case 'adam':
      return adam({ epsilon: 1e-5 });
    case 'sgd':
      return sgd();
  }
}
