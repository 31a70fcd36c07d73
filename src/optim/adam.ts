/**
 * @module optim/adam
 *
 * Adam (Kingma & Ba 2015, algorithm 1): m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η m̂/(√v̂ + ε) with
 * m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). The two corrections are folded into the rate: η√(1−β₂ᵗ)/(1−β₁ᵗ) and ε√(1−β₂ᵗ).
 */
import { ops as b } from '../graph/index.js';
import type { Optimiser } from './optimiser.js';

export interface AdamOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimiser {
  return {
    name: 'adam',
    update(builder, name, parameter, gradient) {
      const shape = parameter.shape as readonly number[];
      const m0 = builder.state(`adam/m/${name}`, shape);
      const v0 = builder.state(`adam/v/${name}`, shape);
      const m = b.add(b.scale(m0, beta1), b.scale(gradient, 1 - beta1));
      const v = b.add(b.scale(v0, beta2), b.scale(b.square(gradient), 1 - beta2));
      builder.next.set(`adam/m/${name}`, m);
      builder.next.set(`adam/v/${name}`, v);
      const step = b.div(b.mul(m, builder.rate('rate')), b.add(b.sqrt(v), builder.rate('epsilon')));
      return b.sub(parameter, step);
    },
    rates(step, learningRate) {
      const second = Math.sqrt(1 - beta2 ** step);
      return { rate: (learningRate * second) / (1 - beta1 ** step), epsilon: epsilon * second };
    },
  };
}
