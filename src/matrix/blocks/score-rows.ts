/**
 * @module matrix/blocks/score-rows
 *
 * Rows R [r, n] of a low-rank block as products with them: in full, or in factors, where the part of a row in a weight [out, in] is an
 * outer product g_ρ a_ρᵀ and only A [r, in] and G [r, out] are held, or A [r/K, in] where K rows of an example have one a. Then
 * RRᵀ = Σ_l (A_lA_lᵀ) ∘ (G_lG_lᵀ). A. Jacot et al., NeurIPS 2018.
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
  /** What it is made of. */
  readonly made: RowsMade;
}

/** What rows are made of: all their numbers, factors, or rows over regions one after the other. */
export type RowsMade =
  | {
      /** All numbers [rank, size]. */
      readonly full: Float64Array;
    }
  | {
      /** Inputs and gradients, of which a row is a product. */
      readonly factors: RowFactors;
    }
  | {
      /** Rows over regions, one after the other. */
      readonly parts: readonly ScoreRows[];
    };

/**
 * RSᵀ [r, s] of rows that are made of the same; null: they are not.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
 */
export function crossGram(R: ScoreRows, S: ScoreRows): Float64Array | null {
  const [a, b] = [R.made, S.made];
  const nt = (x: Float64Array, y: Float64Array, width: number): Float64Array =>
    multiply(x, y, x.length / width, width, y.length / width, { transposeB: true });
  if ('full' in a && 'full' in b) return R.size === S.size ? nt(a.full, b.full, R.size) : null;
  if ('factors' in a && 'factors' in b) {
    const [f, g] = [a.factors, b.factors];
    if (f.inner !== g.inner || f.outer !== g.outer) return null;
    const [inputs, gradients] = [nt(f.A, g.A, f.inner), nt(f.G, g.G, f.outer)];
    const [K, L] = [f.columns ?? 1, g.columns ?? 1];
    const width = g.A.length / g.inner;
    return gradients.map(
      (x, at) => x * inputs[Math.floor(at / S.rank / K) * width + Math.floor((at % S.rank) / L)],
    );
  }
  if (!('parts' in a && 'parts' in b) || a.parts.length !== b.parts.length) return null;
  const sum = new Float64Array(R.rank * S.rank);
  for (const [i, part] of a.parts.entries()) {
    const own = crossGram(part, b.parts[i]);
    if (!own) return null;
    own.forEach((x, at) => (sum[at] += x));
  }
  return sum;
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
    made: { full: R },
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
  /** A [r/K, in]; the 1 of a bias is a column of it. */
  readonly A: Float64Array;
  /** G [r, out]. */
  readonly G: Float64Array;
  /** Width of A. */
  readonly inner: number;
  /** Width of G. */
  readonly outer: number;
  /** K: rows of G that go with one of A, one after the other. Default 1. */
  readonly columns?: number;
}

/**
 * Rows in factors. Throws `matrix/rows`.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
 */
export function factoredRows(factors: RowFactors): ScoreRows {
  const { A, G, inner, outer, columns: K = 1 } = factors;
  const m = A.length / inner;
  if (!Number.isInteger(m) || G.length !== m * K * outer)
    throw wrongRows(`A of r × ${inner} and G of ${K}r × ${outer} numbers`, `${A.length} and ${G.length}`);
  const rank = m * K;
  const size = inner * outer;
  /** Σ over the K rows of an example of f(row, o) [m, out]. */
  const perExample = (f: (r: number, g: number) => number): Float64Array => {
    const out = new Float64Array(m * outer);
    for (let r = 0, at = 0; r < rank; r++)
      for (let o = 0, to = Math.floor(r / K) * outer; o < outer; o++, at++, to++) out[to] += f(r, G[at]);
    return out;
  };
  return {
    rank,
    size,
    made: { factors },
    times(v) {
      const right = multiply(A, v, m, inner, outer, { transposeB: true });
      const out = new Float64Array(rank);
      for (let r = 0, at = 0; r < rank; r++)
        for (let o = 0, from = Math.floor(r / K) * outer; o < outer; o++, at++, from++)
          out[r] += right[from] * G[at];
      return out;
    },
    transposed: (u) =>
      multiply(
        perExample((r, g) => u[r] * g),
        A,
        outer,
        m,
        inner,
        { transposeA: true },
      ),
    gram() {
      const [a, g] = [gram(A, m, inner), gram(G, rank, outer)];
      for (let r = 0, at = 0; r < rank; r++) {
        const row = Math.floor(r / K) * m;
        for (let c = 0; c < rank; c++, at++) g[at] *= a[row + Math.floor(c / K)];
      }
      return g;
    },
    squares: () =>
      multiply(
        perExample((_, g) => g * g),
        A.map((x) => x * x),
        outer,
        m,
        inner,
        { transposeA: true },
      ),
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
    made: { parts },
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
