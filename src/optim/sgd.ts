/**
 * @module optim/sgd
 *
 * Stochastic gradient descent with optional heavy-ball momentum: u ← μu + g, θ ← θ − ηu.
 */
import { ops as b } from '../graph/index.js';
import type { Optimiser } from './optimiser.js';

export function sgd({ momentum = 0 }: { momentum?: number } = {}): Optimiser {
  return {
    name: 'sgd',
    update(builder, name, parameter, gradient) {
      let direction = gradient;
      if (momentum !== 0) {
        const slot = `sgd/momentum/${name}`;
        const u = builder.state(slot, parameter.shape as readonly number[]);
        direction = b.add(b.scale(u, momentum), gradient);
        builder.next.set(slot, direction);
      }
      return b.sub(parameter, b.mul(direction, builder.rate('rate')));
    },
    rates: (_step, learningRate) => ({ rate: learningRate }),
  };
}
