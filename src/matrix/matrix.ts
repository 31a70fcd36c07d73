/**
 * @module matrix/matrix
 *
 * A Fisher F [P, P] as something to compute with, whatever form holds it: products, quadratic forms, damped solves, determinants, traces,
 * eigenpairs, draws from N(0, (F + λI)⁻¹). λ is added to F on this scale, the mean over examples: a posterior over n examples is of nF
 * and its prior, and that n is the caller's. Vectors are flat, parameters in the order of the layout. What cannot be solved is a value
 * with its cause. Everything is asynchronous, since a form may be products alone, which pass over the data.
 */
import type { Failure, TopPairs } from './blocks/block.js';
import type { Block } from './layout.js';

/** A number of a matrix. */
export interface Evaluated {
  /** The number. */
  readonly value: number;
  /** Standard error by the random probes it was made with; 0: none. */
  readonly probeError: number;
}

/** d with (F + λI)d = v. */
export interface Solved {
  /** d [P]. */
  readonly solution: Float64Array;
  /** ‖v − (F + λI)d‖/‖v‖; 0 where a factorisation gave d. */
  readonly residual: number;
  /** Products with F that were taken. */
  readonly iterations: number;
}

/** The k largest eigenvalues with their vectors, and how far these are off. */
export interface TopResult extends TopPairs {
  /** ‖Fv − μv‖ of each [k]; 0 where a factorisation gave them. */
  readonly residuals: Float64Array;
}

/** A Fisher F [P, P]. */
export interface FisherMatrix {
  /** How it is held, in a word. */
  readonly form: string;
  /** Places of the parameters in a vector. */
  readonly layout: readonly Block[];
  /** P. */
  readonly size: number;
  /** Fv [P]. */
  multiply(v: Float64Array): Promise<Float64Array>;
  /** vᵀFv of v [P]. */
  quadratic(v: Float64Array): Promise<number>;
  /** (F + λI)⁻¹v of v [P]; a failure where F + λI is not positive definite or the solve does not get there. */
  solve(v: Float64Array, lambda: number): Promise<Solved | Failure>;
  /** log det(F + λI). */
  logdet(lambda: number): Promise<Evaluated | Failure>;
  /** tr F(F + λI)⁻¹. */
  effectiveDimension(lambda: number): Promise<Evaluated | Failure>;
  /** tr F. */
  trace(): Promise<Evaluated>;
  /** ‖F‖. */
  frobenius(): Promise<Evaluated>;
  /** The k largest eigenvalues with their vectors. */
  top(k: number): Promise<TopResult>;
  /** Lz [P] of standard normals z keyed by (seed, draw, place), LLᵀ = (F + λI)⁻¹: a draw from N(0, (F + λI)⁻¹). */
  sample(lambda: number, seed: number, draw?: number): Promise<Float64Array | Failure>;
  /** The diagonal [P]; null where the form does not hold it. */
  diagonal(): Promise<Float64Array | null>;
  /** All of F [P, P], row by row; null where that is too large. */
  toDense(): Promise<Float64Array | null>;
}

/** Largest P of which a form writes itself out in full. */
export const LARGEST_WRITTEN = 4096;
