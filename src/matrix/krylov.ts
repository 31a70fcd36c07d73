/**
 * @module matrix/krylov
 *
 * Matrices of groups of examples in a Krylov space, Σ_{x∈g} t_xiᵀ I(h_x) t_xj of the tangents t_xi = J_x v_i [T], put together while the
 * space grows. Groups are stretches of the examples in the order of the visits. Memory: N·T float32 numbers a step, and nothing where the
 * steps pass what may be kept.
 */
import type { FloatArray } from '../core/tensor.js';
import { symmetricEigen } from '../linalg/index.js';
import { type Carried, inner } from './carrier.js';

/** How far a Krylov space goes. */
export interface KrylovRequest {
  /** Most products. */
  readonly steps: number;
  /** Groups of examples whose matrices are kept; 0: none. */
  readonly groups: number;
  /** Numbers that their tangents may hold. */
  readonly keep: number;
  /** Start [P]. */
  readonly start: Float64Array;
}

/** A Krylov space, and the groups in it. */
export interface Krylov {
  /** Nodes and weights from its start. */
  readonly whole: Quadrature;
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

/** Stretches of n examples in the order of the visits. */
export class Stretches {
  /** Examples of each [B]. */
  readonly counts: Float64Array;

  constructor(
    /** B. */
    readonly groups: number,
    /** n. */
    readonly examples: number,
  ) {
    this.counts = new Float64Array(groups);
    for (let x = 0; x < examples; x++) this.counts[this.of(x)] += 1;
  }

  /** Which the example at a place is in. */
  of(place: number): number {
    return Math.min(this.groups - 1, Math.floor((place * this.groups) / this.examples));
  }
}

/** Matrices [k, k] of groups in a space. */
export class ProjectedGroups {
  private readonly found = new Map<string, Quadrature>();

  /** Of groups [B], and their sums [k, k]. */
  constructor(
    /** Examples of each group [B]. */
    readonly counts: Float64Array,
    /** Σ_{x∈g} t_xiᵀ I(h_x) t_xj of each, [k, k] row by row; the lower triangle is read. */
    private readonly sums: readonly Float64Array[],
    /** k. */
    private readonly size: number,
  ) {}

  /** VᵀF_SV [k, k] of the examples of some groups. */
  matrixOf(groups: readonly number[]): Float64Array {
    const k = this.size;
    const n = groups.reduce((sum, g) => sum + this.counts[g], 0);
    const out = new Float64Array(k * k);
    for (const g of groups)
      for (let j = 0; j < k; j++) for (let i = 0; i <= j; i++) out[j * k + i] += this.sums[g][j * k + i] / n;
    for (let j = 0; j < k; j++) for (let i = 0; i < j; i++) out[i * k + j] = out[j * k + i];
    return out;
  }

  /**
   * Its eigenvalues [k], rising, and the squares of the eigenvectors' first components [k]: a quadrature from the start; kept.
   * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
   * `linalg/not-finite`, `linalg/shape`
   */
  quadratureOf(groups: readonly number[]): Quadrature {
    const k = this.size;
    const key = groups.join(' ');
    const known = this.found.get(key);
    if (known) return known;
    const { values, vectors } = symmetricEigen(this.matrixOf(groups), k);
    const made = { values, weights: vectors.slice(0, k).map((v) => v * v) };
    this.found.set(key, made);
    return made;
  }
}

/** Tangents of a growing space, which make the groups' matrices. */
export class KeptTangents {
  private readonly kept: Float32Array[] = [];
  /** Of each step, rows of the groups' lower triangles. */
  private readonly rows: Float64Array[][] = [];
  private full = false;

  constructor(
    private readonly stretches: Stretches,
    private readonly T: number,
    private readonly most: number,
  ) {}

  /** Begins a step. */
  begin(): void {
    const { kept, stretches, T } = this;
    if (this.full || (kept.length + 1) * stretches.examples * T > this.most) {
      this.full = true;
      kept.length = 0;
      return;
    }
    kept.push(new Float32Array(stretches.examples * T));
    this.rows.push(Array.from({ length: stretches.groups }, () => new Float64Array(kept.length)));
  }

  /** Takes tangents t [n, T] and I t [n, T] of the examples from `place` on. */
  take(place: number, tangents: FloatArray, weighted: FloatArray, n: number): void {
    if (this.full) return;
    const { T, kept, stretches } = this;
    const k = kept.length - 1;
    kept[k].set(tangents.subarray(0, n * T), place * T);
    for (let e = 0; e < n; e++) {
      const row = this.rows[k][stretches.of(place + e)];
      const from = (place + e) * T;
      for (let i = 0; i <= k; i++) {
        const own = kept[i];
        let sum = 0;
        for (let a = 0; a < T; a++) sum += own[from + a] * weighted[e * T + a];
        row[i] += sum;
      }
    }
  }

  /** The groups in the space; null where not every step was kept. */
  projected(): ProjectedGroups | null {
    const k = this.rows.length;
    if (this.full || k === 0) return null;
    return new ProjectedGroups(
      this.stretches.counts,
      Array.from(this.stretches.counts, (_, g) => {
        const own = new Float64Array(k * k);
        this.rows.forEach((row, j) => own.set(row[g], j * k));
        return own;
      }),
      k,
    );
  }
}

/** The groups in a space whose vectors are held by rows. */
export function groupsOfRows(basis: readonly Carried[], stretches: Stretches, T: number): ProjectedGroups {
  const k = basis.length;
  const { examples, groups, counts } = stretches;
  const ends = Array.from(counts, (_, g) => counts.subarray(0, g + 1).reduce((s, n) => s + n, 0) * T);
  const sums = Array.from({ length: groups }, (_, g) => {
    const [from, to] = [g === 0 ? 0 : ends[g - 1], ends[g]];
    const own = new Float64Array(k * k);
    for (let j = 0; j < k; j++)
      for (let i = 0; i <= j; i++)
        own[j * k + i] = examples * inner(basis[i].t.subarray(from, to), basis[j].s.subarray(from, to));
    return own;
  });
  return new ProjectedGroups(counts, sums, k);
}
