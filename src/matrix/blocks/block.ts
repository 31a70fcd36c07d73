/**
 * @module matrix/blocks/block
 *
 * A block of a Fisher on the diagonal, symmetric F [n, n] in whatever form holds it, and the same damped, F + λI. Every kind answers
 * the same questions, at the cost of its form; a damped matrix that is not positive definite is a value with its cause.
 */
import { FimError } from '../../core/errors.js';

/** Kinds of blocks. */
export type BlockKind = 'diagonal' | 'dense' | 'kronecker' | 'eigenbasis' | 'low-rank' | 'stack';

/** What could not be computed, and why. */
export interface Failure {
  /** The cause, in words. */
  readonly failed: string;
}

/** Whether a result is a failure. */
export const isFailure = (x: unknown): x is Failure => typeof x === 'object' && x !== null && 'failed' in x;

/** F + λI, positive definite. */
export interface DampedBlock {
  /** (F + λI)⁻¹v [n]. */
  solve(v: Float64Array): Float64Array;
  /** log det(F + λI). */
  logdet(): number;
  /** tr F(F + λI)⁻¹. */
  effectiveDimension(): number;
  /** Lz [n] with LLᵀ = (F + λI)⁻¹. */
  root(z: Float64Array): Float64Array;
}

/** Eigenpairs, the largest first. */
export interface TopPairs {
  /** Falling [k]. */
  readonly values: Float64Array;
  /** Of length 1, each [n]. */
  readonly vectors: readonly Float64Array[];
}

/** A block F [n, n]. */
export interface MatrixBlock {
  /** How it is held. */
  readonly kind: BlockKind;
  /** n. */
  readonly size: number;
  /** Fv [n]. */
  multiply(v: Float64Array): Float64Array;
  /** tr F. */
  trace(): number;
  /** The diagonal [n]. */
  diagonal(): Float64Array;
  /** ‖F‖², the sum of all entries' squares. */
  frobenius2(): number;
  /** Rising [n]. */
  eigenvalues(): Float64Array;
  /** The k largest eigenvalues with their vectors. */
  top(k: number): TopPairs;
  /** All of it [n, n], row by row. */
  toDense(): Float64Array;
  /** F + λI; a failure where it is not positive definite. */
  damped(lambda: number): DampedBlock | Failure;
}

/** Throws `matrix/damping` unless λ ≥ 0 and finite. */
export function requireLambda(lambda: number): void {
  if (lambda >= 0 && Number.isFinite(lambda)) return;
  throw new FimError({
    code: 'matrix/damping',
    kind: 'usage',
    where: 'damping λ',
    rule: 'a number from 0 on, in the units of the Fisher',
    got: String(lambda),
    next: '1e-3 times the mean of the diagonal is a common one',
  });
}

/** That F + λI is not positive definite, by its least eigenvalue μ + λ or a word about it. */
export const notPositive = (lambda: number, least: number | string): Failure => ({
  failed: `F + λI is not positive definite with λ = ${lambda}: ${
    typeof least === 'number' ? `its least eigenvalue is ${least}` : least
  }; a larger λ makes it so`,
});

/** The k largest of `values` by place, the largest first. */
export function largestPlaces(values: Float64Array, k: number): Uint32Array {
  const places = Uint32Array.from(values, (_, i) => i);
  return places.sort((i, j) => values[j] - values[i] || i - j).slice(0, k);
}

/** Σ x². */
export function squares(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return sum;
}

/** Σ x. */
export function total(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  return sum;
}
