/**
 * @module linalg/lanczos
 *
 * Eigenvalues at the ends of a symmetric operator of which only products are known (Golub & Van Loan, 4th ed., algorithm 10.1.1): in
 * the span of v, Av, A²v, … it is tridiagonal, T = VᵀAV, and T's eigenvalues (Ritz values) settle on those of A from the ends inwards,
 * from inside. Every new vector is made orthogonal to all before it, twice (Parlett, The Symmetric Eigenvalue Problem, §6.9, 13.4), so no
 * value comes twice by rounding. One that is multiple is found once; v, random, meets every eigenspace.
 *
 * Each Ritz pair comes with its residual ‖Ay − θy‖ = β_k |s_k| (§13.2): some eigenvalue of A is no further from θ than that. Cost: k
 * products, 4nk² operations, k + 2 vectors of memory. For all eigenvalues of a matrix that fits, use `symmetricEigen`.
 */
import { FimError } from '../core/errors.js';
import { Sequence } from '../core/random.js';
import { type Eigen, sorted } from './eigen.js';
import { diagonalise } from './tridiagonal.js';

/** How far the Lanczos process goes. */
export interface LanczosOptions {
  /** Products to make; never more than n. Default 32. */
  readonly steps?: number;
  /** Of the random start. Default 0. */
  readonly seed?: number;
  /** Start [n] in place of the random one: what is asked is then of its Krylov space only. */
  readonly start?: Float64Array;
}

/** The largest eigenvalues with their vectors. */
export interface LeadingPairs {
  /** Falling [k]. */
  readonly values: Float64Array;
  /** Of unit length, one [n] each. */
  readonly vectors: Float64Array[];
  /** ‖Av − μv‖ of each [k]. */
  readonly residuals: Float64Array;
}

/** Ritz values and vectors, in the order of rising values. */
export interface RitzPairs extends Eigen {
  /** ‖Ay − θy‖ of each pair [pairs]. All 0 (to rounding) where the space closed before the last step. */
  readonly residuals: Float64Array;
}

/** Ritz values without their vectors. */
export interface RitzValues {
  /** Rising [k]. */
  readonly values: Float64Array;
  /** Component of each vector along the start [k]. */
  readonly first: Float64Array;
  /** ‖Ay − θy‖ of each [k]. */
  readonly residuals: Float64Array;
}

/** Where a step leaves less of a product than this part of the operator's size, the space is closed. */
const CLOSED = 2 ** -50;

/**
 * One step at a time, for products that must be waited for:
 *
 *     for (let v = lanczos.next(); v; v = lanczos.next()) lanczos.take(await product(v));
 */
export class Lanczos {
  private readonly basis: Float64Array[] = [];
  private readonly alpha: number[] = [];
  /** beta[j] couples j and j + 1; the last one leads out of the space. */
  private readonly beta: number[] = [];
  private readonly steps: number;
  private vector: Float64Array | null;
  private size = 0;

  /**
   * Throws `linalg/lanczos`.
   * @throws FimError with `random/seed`, `random/sequence`
   */
  constructor(
    /** Size of the operator. */
    readonly n: number,
    options: LanczosOptions = {},
  ) {
    const { steps = 32, seed = 0, start } = options;
    if (!Number.isSafeInteger(steps) || steps < 1) throw refused('steps is an integer from 1', String(steps));
    this.steps = Math.min(steps, n);
    const random = new Sequence(seed, 'linalg/lanczos');
    const v = start?.slice() ?? Float64Array.from({ length: n }, () => random.normal());
    if (v.length !== n) throw refused(`the start has ${n} elements`, `${v.length}`);
    const norm = length(v);
    if (n > 0 && (!(norm > 0) || norm === Infinity))
      throw refused('the start has a finite length above 0', String(norm));
    this.vector = n === 0 ? null : v.map((x) => x / norm);
  }

  /** The vector [n], of length 1, whose product is to be taken next; null where none is left. The same until `take`; not to be changed. */
  next(): Float64Array | null {
    return this.vector;
  }

  /** Takes A times the vector of `next`. Throws `linalg/lanczos` where it has another size or is not finite. */
  take(product: ArrayLike<number>): void {
    const { n, basis, vector } = this;
    if (!vector) throw refused('a product is taken after each next(), until that is null', 'one more');
    if (product.length !== n) throw refused(`a product has ${n} elements`, String(product.length));
    const w = Float64Array.from(product);
    const before = length(w);
    if (!Number.isFinite(before)) throw refused('products are finite', String(before));
    this.size = Math.max(this.size, before);
    basis.push(vector);
    this.alpha.push(dot(w, vector));
    for (let pass = 0; pass < 2; pass++) for (const v of basis) subtract(w, v, dot(w, v));
    const beta = length(w);
    this.beta.push(beta);
    const closed = beta <= CLOSED * this.size;
    if (closed) this.beta[this.beta.length - 1] = 0;
    this.vector = closed || basis.length === this.steps ? null : w.map((x) => x / beta);
  }

  /**
   * The values [k] of the space so far, rising, with their residuals [k] and the first component of each vector in the space: the weights
   * of Gauss quadrature are its squares. O(k²), nothing of size n. Throws `linalg/no-convergence`.
   */
  ritz(): RitzValues {
    const k = this.basis.length;
    const ends = new Float64Array(2 * k);
    if (k > 0) ends[0] = 1;
    if (k > 0) ends[2 * k - 1] = 1;
    const { d, out } = this.diagonalised(ends, 2);
    const { values, vectors } = sorted(d, ends, 2);
    return {
      values,
      first: vectors.slice(0, k),
      residuals: Float64Array.from(values, (_, j) => out * Math.abs(vectors[k + j])),
    };
  }

  /** Coefficients [k] of f(A)v/‖v‖ in the space so far, v the start: f(T)e₁, exact where the space is closed. Throws `linalg/no-convergence`. */
  coefficients(f: (value: number) => number): Float64Array {
    const k = this.basis.length;
    const S = new Float64Array(k * k);
    for (let i = 0; i < k; i++) S[i * k + i] = 1;
    const { d } = this.diagonalised(S, k);
    const { values, vectors } = sorted(d, S, k);
    return Float64Array.from({ length: k }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < k; j++) sum += vectors[i * k + j] * f(values[j]) * vectors[j];
      return sum;
    });
  }

  /** Σ c_j v_j [n] of coefficients [k] in the space so far. */
  combined(coefficients: Float64Array): Float64Array {
    const out = new Float64Array(this.n);
    this.basis.forEach((v, j) => subtract(out, v, -coefficients[j]));
    return out;
  }

  /** The `count` largest pairs, the largest first: each vector [n] by itself. Throws `linalg/no-convergence`. */
  leading(count: number): LeadingPairs {
    const { n, basis } = this;
    const k = basis.length;
    const S = new Float64Array(k * k);
    for (let i = 0; i < k; i++) S[i * k + i] = 1;
    const { d, out } = this.diagonalised(S, k);
    const { values, vectors: T } = sorted(d, S, k);
    const places = Array.from({ length: Math.min(count, k) }, (_, j) => k - 1 - j);
    return {
      values: Float64Array.from(places, (j) => values[j]),
      residuals: Float64Array.from(places, (j) => out * Math.abs(T[(k - 1) * k + j])),
      vectors: places.map((j) => {
        const v = new Float64Array(n);
        basis.forEach((b, l) => subtract(v, b, -T[l * k + j]));
        return v;
      }),
    };
  }

  /** Eigenvalues of T, in no order, rows of S as Q says, and what leads out of the space. */
  private diagonalised(Q: Float64Array, rows: number): { d: Float64Array; out: number } {
    const k = this.basis.length;
    const d = Float64Array.from(this.alpha);
    const e = Float64Array.from(this.beta);
    const out = k > 0 ? e[k - 1] : 0;
    e.fill(0, Math.max(0, k - 1));
    diagonalise(d, e, Q, rows);
    return { d, out };
  }

  /** The pairs of the space so far; at any step. Throws `linalg/no-convergence`. */
  pairs(): RitzPairs {
    const { n, basis } = this;
    const k = basis.length;
    const S = new Float64Array(k * k);
    for (let i = 0; i < k; i++) S[i * k + i] = 1;
    const { d, out } = this.diagonalised(S, k);
    const { values, vectors: T } = sorted(d, S, k);
    const vectors = new Float64Array(n * k);
    basis.forEach((v, l) => {
      for (let i = 0; i < n; i++) {
        for (let j = 0, at = i * k; j < k; j++, at++) vectors[at] += v[i] * T[l * k + j];
      }
    });
    return {
      values,
      vectors,
      residuals: Float64Array.from(values, (_, j) => out * Math.abs(T[(k - 1) * k + j])),
    };
  }
}

/**
 * Ritz values [k], vectors [n, k] and residuals [k] of x ↦ `apply`(x), k ≤ `steps`. `apply` may return the same array each time. Throws
 * `linalg/lanczos`.
 * @throws FimError with `linalg/no-convergence`, `random/seed`, `random/sequence`
 */
export function lanczos(
  apply: (x: Float64Array) => ArrayLike<number>,
  n: number,
  options: LanczosOptions = {},
): RitzPairs {
  const process = new Lanczos(n, options);
  for (let v = process.next(); v; v = process.next()) process.take(apply(v));
  return process.pairs();
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

const length = (a: Float64Array): number => Math.sqrt(dot(a, a));

function subtract(w: Float64Array, v: Float64Array, factor: number): void {
  for (let i = 0; i < w.length; i++) w[i] -= factor * v[i];
}

function refused(rule: string, got: string): FimError {
  return new FimError({ code: 'linalg/lanczos', kind: 'usage', where: 'Lanczos process', rule, got });
}
