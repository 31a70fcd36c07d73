/**
 * @module optim/sgd
 *
 * Stochastic gradient descent with optional heavy-ball momentum: u ← μu + g, θ ← θ − ηu.
 */
import type { Optimiser } from './optimiser.js';

/** Gradient descent with momentum. */
export function sgd({ momentum = 0 }: { momentum?: number } = {}): Optimiser {
  return {
    name: 'sgd',
    state: (name) => (momentum === 0 ? [] : [{ slot: `sgd/momentum/${name}`, initial: 0 }]),
    rule: (_step, rate) => ({ kind: 'sgd', rate, momentum }),
  };
}
