/**
 * @module matrix/conjugate-gradient
 *
 * A d = g by conjugate gradients for a positive definite A of which only products are known; the relative residual ‖g − Ad‖/‖g‖ is
 * that of the recurrence. M. R. Hestenes, E. Stiefel, J. Res. NBS 49 (1952). A product and O(P) an iteration.
 */
import { FimError } from '../core/errors.js';
import { axpy, dot } from './vectors.js';

/** Powers of two below it have no finite inverse. */
const LEAST_EXPONENT = -1022;

/** Iterations and relative residual at which conjugate gradients stop. */
export interface ConjugateGradientLimits {
  /** Largest number of products. Default 10. */
  readonly iterations?: number;
  /** Relative residual at which to stop. Default 1e-10. */
  readonly tolerance?: number;
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
 * Solves A d = g for g [P] and a positive definite A [P, P] given by its product, which may return one array again and again. g is
 * brought near 1 by a power of two first, and d back by it: vectors of any size that float64 holds are solved, by the same bits.
 * Throws `optim/conjugate-gradient` where A is not positive definite, or A or g not finite.
 */
export async function conjugateGradientSolve(
  product: (v: Float64Array) => Promise<Float64Array>,
  g: Float64Array,
  limits: ConjugateGradientLimits = {},
): Promise<ConjugateGradientSolution> {
  const { iterations, tolerance } = checkLimits(limits);
  const d = new Float64Array(g.length);
  const scale = scaleOf(g);
  const r = g.map((x) => x * scale);
  const p = r.slice();
  const start = dot(r, r);
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
  for (let i = 0; i < d.length; i++) d[i] /= scale;
  return { solution: d, iterations: done, residual: start > 0 ? Math.sqrt(rr / start) : 0 };
}

/** A power of two by which the largest magnitude is in [1, 2); 1 for zeros. Throws `optim/conjugate-gradient`. */
function scaleOf(g: Float64Array): number {
  let largest = 0;
  for (const x of g) {
    if (!Number.isFinite(x)) throw notFinite(x);
    largest = Math.max(largest, Math.abs(x));
  }
  return largest === 0 ? 1 : 2 ** -Math.max(LEAST_EXPONENT, Math.floor(Math.log2(largest)));
}

function notFinite(x: number): FimError {
  return new FimError({
    code: 'optim/conjugate-gradient',
    where: 'conjugate gradients',
    rule: 'the right-hand side must be finite',
    got: String(x),
    cause: 'a gradient or parameters that are not finite',
    next: 'look for the step that made them so: shorter steps, or rescaled data',
  });
}

/** Limits with their defaults. Throws `optim/conjugate-gradient`. */
export function checkLimits(limits: ConjugateGradientLimits): { iterations: number; tolerance: number } {
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
