/**
 * @module optim/rmsprop
 *
 * RMSprop (T. Hinton, lecture 6e, 2012): v ← αv + (1−α)g², θ ← θ − ηg/√(v + ε), ε inside the root as in TensorFlow, from which the
 * published settings of A2C come (`epsilonInside: false` puts it outside, as PyTorch does). v starts at `initial`: 1 in TensorFlow,
 * 0 in PyTorch.
 */
import type { Optimiser } from './optimiser.js';

/** Decay rate and ε of `rmsprop`. */
export interface RmspropOptions {
  /** α; default 0.99. */
  alpha?: number;
  /** ε; default 1e-5. */
  epsilon?: number;
  /** Whether ε is added under the root; default true. */
  epsilonInside?: boolean;
  /** First value of the running mean square; default 1. */
  initial?: number;
}

/** Gradient over the root of a running mean of g². */
export function rmsprop(options: RmspropOptions = {}): Optimiser {
  const { alpha = 0.99, epsilon = 1e-5, epsilonInside = true, initial = 1 } = options;
  return {
    name: 'rmsprop',
    state: (name) => [{ slot: `rmsprop/v/${name}`, initial }],
    rule: (_step, rate) => ({ kind: 'rmsprop', rate, alpha, epsilon, epsilonInside }),
  };
}
