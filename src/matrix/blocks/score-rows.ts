/**
 * @module matrix/blocks/score-rows
 *
 * Rows R [r, n] of a low-rank block as products with them: in full, or in factors, where the part of a row in a weight [out, in] is an
 * outer product g_ρ a_ρᵀ and only A [r, in] and G [r, out] are held. Then RRᵀ = Σ_l (A_lA_lᵀ) ∘ (G_lG_lᵀ). A. Jacot et al., NeurIPS 2018.
 */
import { FimError } from '../../core/errors.js';
import { gram, multiply } from '../../linalg/index.js';

/** R [r, n]. */
export interface ScoreRows {
  /** r. */
  readonly rank: number;
  /** n. */
  readonly size: number;
  /** Rv [r]. */
  times(v: Float64Array): Float64Array;
  /** Rᵀu [n]. */
  transposed(u: Float64Array): Float64Array;
  /** RRᵀ [r, r]. */
  gram(): Float64Array;
  /** Σ_ρ R_ρi², [n]. */
  squares(): Float64Array;
}

/**
 * Rows in full: R [r, n], row by row.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`, `matrix/rows`
 */
export function denseRows(R: Float64Array, rank: number, size: number): ScoreRows {
  if (R.length !== rank * size) throw wrongRows(`${rank} × ${size} numbers`, `${R.length}`);
  return {
    rank,
    size,
    times(v) {
      const out = new Float64Array(rank);
      for (let r = 0, at = 0; r < rank; r++) for (let i = 0; i < size; i++, at++) out[r] += R[at] * v[i];
      return out;
    },
    transposed(u) {
      const out = new Float64Array(size);
      for (let r = 0, at = 0; r < rank; r++) for (let i = 0; i < size; i++, at++) out[i] += R[at] * u[r];
      return out;
    },
    gram: () => gram(R, rank, size),
    squares() {
      const out = new Float64Array(size);
      for (let r = 0, at = 0; r < rank; r++) for (let i = 0; i < size; i++, at++) out[i] += R[at] * R[at];
      return out;
    },
  };
}

/** Rows that are outer products: row ρ is g_ρ a_ρᵀ, read as [out, in]. */
export interface RowFactors {
  /** A [r, in]; the 1 of a bias is a column of it. */
  readonly A: Float64Array;
  /** G [r, out]. */
  readonly G: Float64Array;
  /** Width of A. */
  readonly inner: number;
  /** Width of G. */
  readonly outer: number;
}

/**
 * Rows in factors. Throws `matrix/rows`.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
 */
export function factoredRows({ A, G, inner, outer }: RowFactors): ScoreRows {
  const rank = A.length / inner;
  if (!Number.isInteger(rank) || G.length !== rank * outer)
    throw wrongRows(`A of r × ${inner} and G of r × ${outer} numbers`, `${A.length} and ${G.length}`);
  const size = inner * outer;
  return {
    rank,
    size,
    times(v) {
      const right = multiply(A, v, rank, inner, outer, { transposeB: true });
      const out = new Float64Array(rank);
      for (let r = 0, at = 0; r < rank; r++)
        for (let o = 0; o < outer; o++, at++) out[r] += right[at] * G[at];
      return out;
    },
    transposed(u) {
      const weighted = G.map((g, at) => g * u[Math.floor(at / outer)]);
      return multiply(weighted, A, outer, rank, inner, { transposeA: true });
    },
    gram() {
      const [a, g] = [gram(A, rank, inner), gram(G, rank, outer)];
      return a.map((x, i) => x * g[i]);
    },
    squares() {
      const square = (x: Float64Array): Float64Array => x.map((y) => y * y);
      return multiply(square(G), square(A), outer, rank, inner, { transposeA: true });
    },
  };
}

/** Rows over several regions, one after the other: R = (R₁, R₂, …), all of r rows. Throws `matrix/rows`. */
export function joinedRows(parts: readonly ScoreRows[]): ScoreRows {
  const rank = parts[0]?.rank ?? 0;
  if (parts.some((p) => p.rank !== rank))
    throw wrongRows('as many rows in each part', parts.map((p) => p.rank).join(', '));
  let size = 0;
  const offsets = parts.map((p) => (size += p.size) - p.size);
  const sum = (all: Float64Array[], length: number): Float64Array =>
    Float64Array.from({ length }, (_, i) => all.reduce((s, x) => s + x[i], 0));
  const joined = (of: (part: ScoreRows) => Float64Array): Float64Array => {
    const out = new Float64Array(size);
    parts.forEach((p, k) => out.set(of(p), offsets[k]));
    return out;
  };
  return {
    rank,
    size,
    times: (v) =>
      sum(
        parts.map((p, k) => p.times(v.slice(offsets[k], offsets[k] + p.size))),
        rank,
      ),
    transposed: (u) => joined((p) => p.transposed(u)),
    gram: () =>
      sum(
        parts.map((p) => p.gram()),
        rank * rank,
      ),
    squares: () => joined((p) => p.squares()),
  };
}

function wrongRows(rule: string, got: string): FimError {
  return new FimError({ code: 'matrix/rows', kind: 'usage', where: 'rows of a low-rank block', rule, got });
}
