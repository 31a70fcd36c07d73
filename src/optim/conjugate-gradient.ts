/**
 * @module optim/conjugate-gradient
 *
 * (𝓘̂ + λI) d = g by conjugate gradients: only products 𝓘̂v, none of it stored. Few iterations give an inexact direction, which is what
 * TRPO and NPG use (10 iterations, λ = 0.1); the relative residual ‖g − (𝓘̂ + λI)d‖/‖g‖ is reported, by the recurrence of the method.
 * M. R. Hestenes, E. Stiefel, J. Res. NBS 49 (1952); J. Schulman et al., ICML 2015, appendix C.
 * Cost: one Fisher product (about 4 forward passes) and O(P) an iteration. In float32 networks residuals stall near 1e-6.
 */
import { requireDamping } from './damping.js';
import { type FisherKind, FisherProduct } from '../matrix/fisher-product.js';
import type { PreconditionerFactory } from './preconditioner.js';
import {
  checkLimits,
  type ConjugateGradientLimits,
  conjugateGradientSolve,
} from '../matrix/conjugate-gradient.js';
import { axpy } from '../matrix/vectors.js';

export { conjugateGradientSolve } from '../matrix/conjugate-gradient.js';
export type { ConjugateGradientLimits, ConjugateGradientSolution } from '../matrix/conjugate-gradient.js';

/** Damping, which Fisher and limits of `conjugateGradient`. */
export interface ConjugateGradientOptions extends ConjugateGradientLimits {
  /** Default `true`. */
  readonly fisher?: FisherKind;
  /** λ. Default 0.1. */
  readonly damping?: number;
}

/** Report: `damping`, `iterations`, `residual`. Throws `optim/damping`, `optim/conjugate-gradient`. */
export function conjugateGradient(options: ConjugateGradientOptions = {}): PreconditionerFactory {
  const { fisher = 'true', damping = 0.1 } = options;
  requireDamping(damping);
  const limits = checkLimits(options);
  return async ({ linear, likelihood, maxBatch }) => {
    const fisherProduct = new FisherProduct(fisher, linear, likelihood, maxBatch);
    const Ap = new Float64Array(linear.P);
    const product = async (v: Float64Array): Promise<Float64Array> => {
      await fisherProduct.times(v, Ap);
      axpy(damping, v, Ap);
      return Ap;
    };
    return {
      name: 'conjugate-gradient',
      async direction(batch, g) {
        fisherProduct.begin(batch);
        const { solution, iterations, residual } = await conjugateGradientSolve(product, g, limits);
        return { direction: solution, report: { damping, iterations, residual } };
      },
      save: () => ({}),
      load: () => {},
      dispose: () => {},
    };
  };
}
