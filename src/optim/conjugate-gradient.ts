/**
 * @module optim/conjugate-gradient
 *
 * (𝓘̂ + λI) d = g by conjugate gradients: only products 𝓘̂v, none of it stored. Few iterations give an inexact direction, which is what
 * TRPO and NPG use (10 iterations, λ = 0.1); the relative residual ‖g − (𝓘̂ + λI)d‖/‖g‖ is reported, by the recurrence of the method.
 * M. R. Hestenes, E. Stiefel, J. Res. NBS 49 (1952); J. Schulman et al., ICML 2015, appendix C.
 * Cost: one Fisher product (about 4 forward passes) and O(P) an iteration. In float32 networks residuals stall near 1e-6.
 */
import { FimError } from '../core/errors.js';
import { requireDamping } from './damping.js';
import { type FisherKind, FisherProduct } from '../matrix/fisher-product.js';
import type { PreconditionerFactory } from './preconditioner.js';
import { axpy, dot } from '../matrix/vectors.js';

/** Iterations and relative residual at which conjugate gradients stop. */
export interface ConjugateGradientLimits {
  /** Largest number of products. Default 10. */
  readonly iterations?: number;
  /** Relative residual at which to stop. Default 1e-10. */
  readonly tolerance?: number;
}

/** Damping, which Fisher and limits of `conjugateGradient`. */
export interface ConjugateGradientOptions extends ConjugateGradientLimits {
  /** Default `true`. */
  readonly fisher?: FisherKind;
  /** λ. Default 0.1. */
  readonly damping?: number;
}

/** The solution x of A x = b, the iterations taken and the residual left. */
export interface ConjugateGradientSolution {
  /** d [P]. */
  readonly solution: Float64Array;
  /** Products with A that were taken. */
  readonly iterations: number;
  /** ‖g − Ad‖/‖g‖; 0 for g = 0. */
  readonly residual: number;
}

/**
 * Solves A d = g for g [P] and a positive definite A [P, P] given by its product, which may return one array again and again.
 * Throws `optim/conjugate-gradient` where A is not positive definite, or not finite.
 */
export async function conjugateGradientSolve(
  product: (v: Float64Array) => Promise<Float64Array>,
  g: Float64Array,
  limits: ConjugateGradientLimits = {},
): Promise<ConjugateGradientSolution> {
  const { iterations, tolerance } = checkLimits(limits);
  const d = new Float64Array(g.length);
  const r = g.slice();
  const p = g.slice();
  const start = dot(g, g);
  let rr = start;
  let done = 0;
  while (done < iterations && rr > tolerance * tolerance * start) {
    const Ap = await product(p);
    const curvature = dot(p, Ap);
    if (!(curvature > 0) || !Number.isFinite(curvature)) throw notPositive(curvature, done + 1);
    const alpha = rr / curvature;
    axpy(alpha, p, d);
    axpy(-alpha, Ap, r);
    const next = dot(r, r);
    const beta = next / rr;
    for (let i = 0; i < p.length; i++) p[i] = r[i] + beta * p[i];
    rr = next;
    done += 1;
  }
  return { solution: d, iterations: done, residual: start > 0 ? Math.sqrt(rr / start) : 0 };
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

function checkLimits(limits: ConjugateGradientLimits): { iterations: number; tolerance: number } {
  const { iterations = 10, tolerance = 1e-10 } = limits;
  if (Number.isSafeInteger(iterations) && iterations > 0 && tolerance >= 0 && tolerance < 1) {
    return { iterations, tolerance };
  }
  throw new FimError({
    code: 'optim/conjugate-gradient',
    kind: 'usage',
    where: 'conjugate gradients',
    rule: 'iterations is a positive whole number, tolerance a relative residual in [0, 1)',
    got: `iterations ${iterations}, tolerance ${tolerance}`,
  });
}

function notPositive(curvature: number, iteration: number): FimError {
  return new FimError({
    code: 'optim/conjugate-gradient',
    where: `conjugate gradients, iteration ${iteration}`,
    rule: 'vᵀ(𝓘̂ + λI)v must be positive and finite',
    got: String(curvature),
    cause: 'a gradient or parameters that are not finite, or rounding in float32 with very little damping',
    next: 'raise the damping, or work in float64',
  });
}
