/**
 * @module optim/rmsprop
 *
 * RMSprop (T. Hinton, lecture 6e, 2012): v ← αv + (1−α)g², θ ← θ − ηg/√(v + ε), ε inside the root as in TensorFlow, from which the
 * published settings of A2C come (`epsilonInside: false` puts it outside, as PyTorch does). v starts at `initial`: 1 in TensorFlow,
 * 0 in PyTorch.
 */
import { tensor } from '../core/tensor.js';
import { ops as b } from '../graph/index.js';
import type { Optimiser } from './optimiser.js';

export interface RmspropOptions {
  alpha?: number;
  epsilon?: number;
  epsilonInside?: boolean;
  initial?: number;
}

export function rmsprop(options: RmspropOptions = {}): Optimiser {
  const { alpha = 0.99, epsilon = 1e-5, epsilonInside = true, initial = 1 } = options;
  return {
    name: 'rmsprop',
    update(builder, name, parameter, gradient) {
      const shape = parameter.shape as readonly number[];
      const slot = `rmsprop/v/${name}`;
      const v0 = builder.state(slot, shape);
      const size = shape.reduce((p, q) => p * q, 1);
      builder.slots.set(slot, tensor(builder.dtype, shape, new Array<number>(size).fill(initial)));
      const v = b.add(b.scale(v0, alpha), b.scale(b.square(gradient), 1 - alpha));
      builder.next.set(slot, v);
      const root = epsilonInside ? b.sqrt(b.shift(v, epsilon)) : b.shift(b.sqrt(v), epsilon);
      return b.sub(parameter, b.div(b.mul(gradient, builder.rate('rate')), root));
    },
    rates: (_step, learningRate) => ({ rate: learningRate }),
  };
}
