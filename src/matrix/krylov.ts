/**
 * @module matrix/krylov
 *
 * Matrices of groups of examples in a Krylov space, Σ_{x∈g} t_xiᵀ I(h_x) t_xj of the tangents t_xi = J_x v_i [T], put together while the
 * space grows. Groups are stretches of the examples in the order of the visits. Memory: N·T float32 numbers a step, and nothing where the
 * steps pass what may be kept.
 */
import type { FloatArray } from '../core/tensor.js';
import { type Lanczos, symmetricEigen } from '../linalg/index.js';

/** How far a Krylov space goes. */
export interface KrylovRequest {
  /** Most products. */
  readonly steps: number;
  /** Largest pairs that end it once they are known; 0: all steps are made. */
  readonly until: number;
  /** Groups of examples whose matrices are kept; 0: none. */
  readonly groups: number;
  /** Numbers that their tangents may hold. */
  readonly keep: number;
  /** Of the random start. */
  readonly seed?: number;
  /** In place of a random start [P]. */
  readonly start?: Float64Array;
}

/** A Krylov space, and the groups in it. */
export interface Krylov {
  /** The process, ended. */
  readonly lanczos: Lanczos;
  /** Null where none were kept. */
  readonly projected: ProjectedGroups | null;
}

/** Nodes and weights of a quadrature. */
export interface Quadrature {
  /** Rising [k]. */
  readonly values: Float64Array;
  /** Of each, adding up to 1 [k]. */
  readonly weights: Float64Array;
}

/** Matrices [k, k] of groups in a growing space. */
export class ProjectedGroups {
  /** Examples of each group [B]. */
  readonly counts: Float64Array;
  private readonly kept: Float32Array[] = [];
  /** Of each group, rows of its lower triangle. */
  private readonly rows: Float64Array[][] = [];
  private readonly found = new Map<string, Quadrature>();
  private full = false;

  constructor(
    private readonly groups: number,
    private readonly examples: number,
    private readonly T: number,
    private readonly most: number,
  ) {
    this.counts = new Float64Array(groups);
    for (let x = 0; x < examples; x++) this.counts[this.groupOf(x)] += 1;
  }

  /** Whether every step is in. */
  get complete(): boolean {
    return !this.full && this.kept.length > 0;
  }

  /** Begins a step. */
  begin(): void {
    if (this.full || (this.kept.length + 1) * this.examples * this.T > this.most) {
      this.full = true;
      this.kept.length = 0;
      return;
    }
    this.kept.push(new Float32Array(this.examples * this.T));
    this.rows.push(Array.from({ length: this.groups }, () => new Float64Array(this.kept.length)));
  }

  /** Takes tangents t [n, T] and I t [n, T] of the examples from `place` on. */
  take(place: number, tangents: FloatArray, weighted: FloatArray, n: number): void {
    if (this.full) return;
    const { T, kept } = this;
    const k = kept.length - 1;
    kept[k].set(tangents.subarray(0, n * T), place * T);
    for (let e = 0; e < n; e++) {
      const row = this.rows[k][this.groupOf(place + e)];
      const from = (place + e) * T;
      for (let i = 0; i <= k; i++) {
        const own = kept[i];
        let sum = 0;
        for (let a = 0; a < T; a++) sum += own[from + a] * weighted[e * T + a];
        row[i] += sum;
      }
    }
  }

  /** VᵀF_SV [k, k] of the examples of some groups. */
  matrixOf(groups: readonly number[]): Float64Array {
    const k = this.rows.length;
    const n = groups.reduce((sum, g) => sum + this.counts[g], 0);
    const out = new Float64Array(k * k);
    for (const g of groups)
      this.rows.forEach((row, j) => row[g].forEach((v, i) => (out[j * k + i] += v / n)));
    for (let j = 0; j < k; j++) for (let i = 0; i < j; i++) out[i * k + j] = out[j * k + i];
    return out;
  }

  /**
   * Its eigenvalues [k], rising, and the squares of the eigenvectors' first components [k]: a quadrature from the start; kept.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
   * `linalg/not-finite`, `linalg/shape`
   */
  quadratureOf(groups: readonly number[]): Quadrature {
    const k = this.rows.length;
    const key = `${k}:${groups.join(' ')}`;
    const known = this.found.get(key);
    if (known) return known;
    const { values, vectors } = symmetricEigen(this.matrixOf(groups), k);
    const made = { values, weights: vectors.slice(0, k).map((v) => v * v) };
    this.found.set(key, made);
    return made;
  }

  private groupOf(x: number): number {
    return Math.min(this.groups - 1, Math.floor((x * this.groups) / this.examples));
  }
}
