/**
 * @module optim/adam
 *
 * Adam (Kingma & Ba 2015, algorithm 1): m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η m̂/(√v̂ + ε) with
 * m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). The two corrections are folded into the rate: η√(1−β₂ᵗ)/(1−β₁ᵗ) and ε√(1−β₂ᵗ).
 */
import type { Optimiser } from './optimiser.js';

/** Decay rates β₁ and β₂ and the ε of `adam`. */
export interface AdamOptions {
  /** β₁; default 0.9. */
  beta1?: number;
  /** β₂; default 0.999. */
  beta2?: number;
  /** ε; default 1e-8. */
  epsilon?: number;
}

/**
 * Adam with bias correction: m̂/(√v̂ + ε) of running means of g and g² (D. Kingma, J. Ba, ICLR 2015).
 *
 * @example
 * ```ts
 * import { adam } from 'fim';
 *
 * console.log(adam().state('W').map(({ slot }) => slot)); // [ 'adam/m/W', 'adam/v/W' ]
 * ```
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimiser {
  return {
    name: 'adam',
    state: (name) => [
      { slot: `adam/m/${name}`, initial: 0 },
      { slot: `adam/v/${name}`, initial: 0 },
    ],
    rule(step, learningRate) {
      const second = Math.sqrt(1 - beta2 ** step);
      const rate = (learningRate * second) / (1 - beta1 ** step);
      return { kind: 'adam', rate, beta1, beta2, epsilon: epsilon * second };
    },
  };
}
