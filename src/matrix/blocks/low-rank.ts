/**
 * @module matrix/blocks/low-rank
 *
 * A block of low rank, F = RᵀR of r rows R [r, n]: scores of m examples times K columns, with the roots of their weights and 1/√m in
 * them. Everything is done in the dual space, K = RRᵀ [r, r] = QMQᵀ:
 *
 *   (F + λ)⁻¹v = (v − Rᵀ(K + λ)⁻¹Rv)/λ                         M. A. Woodbury, 1950
 *   log det(F + λ) = Σ log(μ + λ) + (n − r) log λ
 *   L = λ^{-1/2} [1 − RᵀQ diag((1 − √(λ/(μ + λ)))/μ) QᵀR],     LLᵀ = (F + λ)⁻¹, L symmetric
 *
 * λ > 0. Rows are given as products with them, so that they need not be formed (matrix/blocks/score-rows).
 */
import {
  cholesky,
  choleskyInverse,
  choleskySolve,
  logDeterminant,
  symmetricEigen,
  symmetricEigenvalues,
} from '../../linalg/index.js';
import {
  type DampedBlock,
  type Failure,
  type MatrixBlock,
  notPositive,
  requireLambda,
  squares,
  type TopPairs,
} from './block.js';
import { densely } from './columns.js';
import { DenseBlock, traceOf } from './dense.js';
import type { ScoreRows } from './score-rows.js';

/** Part of K's largest eigenvalue below which one is 0. */
const NOTHING = 2 ** -44;
/** Above this rank the largest few come by Lanczos steps. */
const LARGE = 512;

/** Rows over some parameters. */
export interface RowSection {
  /** Names of the parameters. */
  readonly parameters: readonly string[];
  /** R over their places. */
  readonly rows: ScoreRows;
}

/** F = RᵀR. */
export class LowRankBlock implements MatrixBlock {
  /** `low-rank`. */
  readonly kind = 'low-rank';
  private dual: Float64Array | null = null;

  constructor(
    /** R [r, n]. */
    readonly rows: ScoreRows,
    /** Its columns by region, in their order; empty where they are not told apart. */
    readonly sections: readonly RowSection[] = [],
  ) {}

  /** n. */
  get size(): number {
    return this.rows.size;
  }

  /** K = RRᵀ [r, r]; kept. */
  gram(): Float64Array {
    return (this.dual ??= this.rows.gram());
  }

  /** Rᵀ(Rv) [n]. */
  multiply(v: Float64Array): Float64Array {
    return this.rows.transposed(this.rows.times(v));
  }

  /** tr K. */
  trace(): number {
    return traceOf(this.gram(), this.rows.rank);
  }

  /** Σ_r R_ri², [n]. */
  diagonal(): Float64Array {
    return this.rows.squares();
  }

  /** ‖K‖². */
  frobenius2(): number {
    return squares(this.gram());
  }

  /**
   * Those of K, or the n largest, with zeros up to n; rising [n].
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
   * `linalg/not-finite`, `linalg/shape`
   */
  eigenvalues(): Float64Array {
    const { rank, size } = this.rows;
    const values = symmetricEigenvalues(this.gram(), rank);
    const out = new Float64Array(size);
    for (let j = 0; j < Math.min(rank, size); j++) out[size - 1 - j] = Math.max(0, values[rank - 1 - j]);
    return out;
  }

  /**
   * Rᵀq/√μ of the largest μ of K; at most the rank of them.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/lanczos`,
   * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/seed`, `random/sequence`
   */
  top(k: number): TopPairs {
    const { rank } = this.rows;
    if (rank > LARGE && 8 * k < rank) return this.fewOf(k);
    const { values, vectors } = symmetricEigen(this.gram(), rank);
    const least = NOTHING * Math.max(0, values[rank - 1]);
    const places = Array.from({ length: Math.min(k, rank) }, (_, j) => rank - 1 - j).filter(
      (j) => values[j] > least,
    );
    return {
      values: Float64Array.from(places, (j) => values[j]),
      vectors: places.map((j) => {
        const q = Float64Array.from({ length: rank }, (_, i) => vectors[i * rank + j]);
        const root = Math.sqrt(values[j]);
        return this.rows.transposed(q).map((x) => x / root);
      }),
    };
  }

  /** The few largest by Lanczos steps with K. */
  private fewOf(k: number): TopPairs {
    const { values, vectors } = new DenseBlock(this.gram(), this.rows.rank).top(k);
    const roots = values.map((v) => Math.sqrt(Math.max(0, v)));
    const kept = vectors.filter((_, j) => values[j] > NOTHING * values[0]);
    return {
      values: values.slice(0, kept.length),
      vectors: kept.map((q, j) => this.rows.transposed(q).map((x) => x / roots[j])),
    };
  }

  /**
   * The k largest eigenvalues, falling [k]; zeros beyond the rank.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/lanczos`,
   * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/seed`, `random/sequence`
   */
  largest(k: number): Float64Array {
    const { rank, size } = this.rows;
    const { values } = new DenseBlock(this.gram(), rank).top(Math.min(k, rank));
    const out = new Float64Array(Math.min(k, size));
    out.forEach((_, j) => (out[j] = Math.max(0, values[j] ?? 0)));
    return out;
  }

  /** All of it [n, n], row by row. */
  toDense(): Float64Array {
    return densely(this.size, (v) => this.multiply(v));
  }

  /**
   * F + λI in the dual space; a failure for λ = 0. Throws `matrix/damping`.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
   * `linalg/not-finite`, `linalg/not-positive-definite`, `linalg/shape`
   */
  damped(lambda: number): DampedBlock | Failure {
    requireLambda(lambda);
    if (lambda === 0) return notPositive(lambda, `its rank is at most ${this.rows.rank} of ${this.size}`);
    const { rows } = this;
    const r = rows.rank;
    const shifted = this.gram().slice();
    for (let i = 0; i < r; i++) shifted[i * r + i] += lambda;
    const C = cholesky(shifted, r);
    return {
      solve(v) {
        const back = rows.transposed(choleskySolve(C, r, rows.times(v)));
        return v.map((x, i) => (x - back[i]) / lambda);
      },
      logdet: () => logDeterminant(C, r) + (this.size - r) * Math.log(lambda),
      effectiveDimension: () => Math.max(0, r - lambda * traceOf(choleskyInverse(C, r), r)),
      root: (z) => this.rooted(z, lambda),
    };
  }

  private rooted(z: Float64Array, lambda: number): Float64Array {
    const { rows } = this;
    const r = rows.rank;
    const { values, vectors } = symmetricEigen(this.gram(), r);
    const x = rows.times(z);
    const least = NOTHING * Math.max(0, values[r - 1]);
    const inside = Float64Array.from(values, (mu, j) => {
      if (mu <= least) return 0;
      let sum = 0;
      for (let i = 0; i < r; i++) sum += vectors[i * r + j] * x[i];
      // (1 − √(λ/(μ + λ)))/μ without cancellation.
      const root = Math.sqrt(lambda / (mu + lambda));
      return sum / ((mu + lambda) * (1 + root));
    });
    const turned = new Float64Array(r);
    for (let i = 0; i < r; i++) for (let j = 0; j < r; j++) turned[i] += vectors[i * r + j] * inside[j];
    const back = rows.transposed(turned);
    return z.map((v, i) => (v - back[i]) / Math.sqrt(lambda));
  }
}
