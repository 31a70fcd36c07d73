/**
 * @module matrix/blocks/diagonal
 *
 * A diagonal block, d [n]. Everything is O(n).
 */
import {
  type DampedBlock,
  type Failure,
  largestPlaces,
  type MatrixBlock,
  notPositive,
  requireLambda,
  squares,
  type TopPairs,
  total,
} from './block.js';
import { unit } from './columns.js';

/** F = diag(d). */
export class DiagonalBlock implements MatrixBlock {
  /** `diagonal`. */
  readonly kind = 'diagonal';

  /** Of the diagonal d [n]. */
  constructor(
    /** d [n]. */
    readonly values: Float64Array,
  ) {}

  /** n. */
  get size(): number {
    return this.values.length;
  }

  /** Fv [n]. */
  multiply(v: Float64Array): Float64Array {
    return this.values.map((d, i) => d * v[i]);
  }

  /** Σ d. */
  trace(): number {
    return total(this.values);
  }

  /** d [n]. */
  diagonal(): Float64Array {
    return this.values.slice();
  }

  /** Σ d². */
  frobenius2(): number {
    return squares(this.values);
  }

  /** Rising [n]. */
  eigenvalues(): Float64Array {
    return this.values.slice().sort();
  }

  /** Unit vectors of the largest entries. */
  top(k: number): TopPairs {
    const places = [...largestPlaces(this.values, k)];
    return {
      values: Float64Array.from(places, (i) => this.values[i]),
      vectors: places.map((i) => unit(this.size, i)),
    };
  }

  /** All of it [n, n], row by row. */
  toDense(): Float64Array {
    const n = this.size;
    const out = new Float64Array(n * n);
    for (let i = 0; i < n; i++) out[i * n + i] = this.values[i];
    return out;
  }

  /** d + λ; a failure where an entry is not positive. Throws `matrix/damping`. */
  damped(lambda: number): DampedBlock | Failure {
    requireLambda(lambda);
    const { values } = this;
    const shifted = values.map((d) => d + lambda);
    const least = shifted.reduce((low, v) => (v > low ? low : v), Infinity);
    if (!(least > 0)) return notPositive(lambda, least);
    return {
      solve: (v) => v.map((x, i) => x / shifted[i]),
      logdet: () => shifted.reduce((sum, v) => sum + Math.log(v), 0),
      effectiveDimension: () => values.reduce((sum, d, i) => sum + d / shifted[i], 0),
      root: (z) => z.map((x, i) => x / Math.sqrt(shifted[i])),
    };
  }
}
