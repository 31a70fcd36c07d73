/**
 * @module fisher/form-error/kept
 *
 * Sums of what a form keeps of a part of a layer, F̂, over groups of examples: ‖F‖² − ‖F − F̂‖² follows from them over all groups or
 * over all but one. It is ‖F̂‖² of a form that keeps entries (in some basis), and 2⟨F, A ⊗ G⟩ − ‖A ⊗ G‖² of a Kronecker product.
 */
import type { ComparedForm } from './forms.js';
import { dot, examplesWithout, type Grouping, PairSums } from './pair-sums.js';
import type { Part } from './parts.js';
import type { Tile } from './tiles.js';

/** What a form keeps of a part. */
export interface Kept {
  /** ‖F‖² − ‖F − F̂‖² over all groups but `out` (−1: over all), ρ as in form-error/pair-sums. */
  kept(out: number, rho: number): number;
}

/** What is asked for. */
export interface Asked {
  readonly forms: ReadonlySet<ComparedForm>;
  /** Whether the examples are the whole population. */
  readonly certain: boolean;
}

/** What is kept of a part, by the form that keeps it; null: not asked for, or too large. */
export interface PartKept {
  readonly diagonal: Kept | null;
  readonly unit: Kept | null;
  readonly expand: Kept | null;
  readonly reduce: Kept | null;
  readonly ekfac: Kept | null;
}

/** A part that is gone through tile by tile. */
export interface TilePart {
  readonly part: Part;
  /** Adds a tile to its sums. Returns ⟨s_k, s'_k'⟩ [rows·K, columns·K]. */
  tile(t: Tile): Float64Array;
  /** What is kept of it, once all tiles are through. */
  finish(): PartKept;
}

/** ‖F̂‖² of a form that keeps entries. */
export const entriesOf = (sums: PairSums): Kept => ({ kept: (out, rho) => sums.squared(out, rho) });

/**
 * Of EKFAC, whose scales are the best in the eigenbasis of the product: at least what that keeps. Scales in a basis of some of the examples
 * alone may seem to keep less.
 */
export const atLeast = (own: Kept, product: Kept): Kept => ({
  kept: (out, rho) => Math.max(own.kept(out, rho), product.kept(out, rho)),
});

/**
 * A Kronecker product of scores at one position, F_x = āāᵀ ⊗ Q: with α = (ā·ā')² and γ = ⟨Q, Q'⟩ of pairs, summed over the second by group,
 * ⟨F, A ⊗ G⟩ = mean_x ᾱ_x γ̄_x, ᾱ_x the mean of α over the other examples (and ρ of its own).
 */
export class OnePositionKronecker implements Kept {
  /** [m, B] */
  readonly alpha: Float64Array;
  readonly gamma: Float64Array;
  /** [m] */
  readonly alphaOwn: Float64Array;
  readonly gammaOwn: Float64Array;

  constructor(private readonly groups: Grouping) {
    const m = groups.of.length;
    this.alpha = new Float64Array(m * groups.count);
    this.gamma = new Float64Array(m * groups.count);
    this.alphaOwn = new Float64Array(m);
    this.gammaOwn = new Float64Array(m);
  }

  /** Adds α and γ [rows, columns] as form-error/pair-sums does. */
  addTile(alpha: Float64Array, gamma: Float64Array, { row, rows, column, columns }: Tile): void {
    const { of, count: B } = this.groups;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        const [x, y] = [row + i, column + j];
        const at = i * columns + j;
        this.alpha[x * B + of[y]] += alpha[at];
        this.gamma[x * B + of[y]] += gamma[at];
        if (row !== column) {
          this.alpha[y * B + of[x]] += alpha[at];
          this.gamma[y * B + of[x]] += gamma[at];
        } else if (i === j) {
          this.alphaOwn[x] = alpha[at];
          this.gammaOwn[x] = gamma[at];
        }
      }
  }

  kept(out: number, rho: number): number {
    const { of, count: B } = this.groups;
    const n = examplesWithout(this.groups, out);
    const [u, v] = sharesOf(n, rho);
    let [cross, A, G] = [0, 0, 0];
    for (let x = 0; x < of.length; x++) {
      if (of[x] === out) continue;
      let [alpha, gamma] = [0, 0];
      for (let g = 0; g < B; g++) {
        if (g === out) continue;
        alpha += this.alpha[x * B + g];
        gamma += this.gamma[x * B + g];
      }
      const [a, q] = [u * alpha + v * this.alphaOwn[x], u * gamma + v * this.gammaOwn[x]];
      cross += a * q;
      A += a;
      G += q;
    }
    return (2 * cross) / n - (A / n) * (G / n);
  }
}

/** Factors u, v of the mean that an example is multiplied with, u·(sum over all) + v·(its own): (1 − ρ)/(n − 1) over the others and ρ of it. */
export function sharesOf(n: number, rho: number): [number, number] {
  if (n < 2) return [1, 0];
  const u = (1 - rho) / (n - 1);
  return [u, rho - u];
}

/** Sums A_g [in, in] and G_g [out, out] by group with ‖A_x‖² and ‖G_x‖² by group. */
export interface FactorSums {
  readonly A: readonly Float64Array[];
  readonly G: readonly Float64Array[];
  readonly ownA: Float64Array;
  readonly ownG: Float64Array;
}

/** T_x(G', A') = Σ_k ⟨S_k, G' S_k A'⟩ summed over the examples x of each group [B] or [B, B], the factors' sums over all or over each group. */
export interface CrossSums {
  /** T(G, A) */
  readonly whole: Float64Array;
  /** T(G_g, A), T(G, A_g) */
  readonly partG: Float64Array;
  readonly partA: Float64Array;
  /** T(G_x, A), T(G_x, A_g) */
  readonly ownG: Float64Array;
  readonly ownGPart: Float64Array;
  /** T(G, A_x), T(G_g, A_x) */
  readonly ownA: Float64Array;
  readonly ownAPart: Float64Array;
  /** T(G_x, A_x) */
  readonly own: Float64Array;
}

/** Zeros for B groups. */
export function emptyCross(B: number): CrossSums {
  const each = () => new Float64Array(B);
  const square = () => new Float64Array(B * B);
  return {
    whole: each(),
    partG: square(),
    partA: square(),
    ownG: each(),
    ownGPart: square(),
    ownA: each(),
    ownAPart: square(),
    own: each(),
  };
}

/**
 * A Kronecker product of scores at several positions. Without a group g the factors are G − G_g and A − A_g, and of the four terms the
 * last, T(G_g, A_g), is taken to first order in how the group's factors differ from all: it is 1/B² of the whole, and that difference's
 * square.
 */
export class SharedKronecker implements Kept {
  private readonly A: PairSums;
  private readonly G: PairSums;

  constructor(
    private readonly groups: Grouping,
    factors: FactorSums,
    private readonly cross: CrossSums,
  ) {
    this.A = PairSums.ofVectors(groups, factors.A, factors.ownA);
    this.G = PairSums.ofVectors(groups, factors.G, factors.ownG);
  }

  kept(out: number, rho: number): number {
    const { count: B, sizes } = this.groups;
    const n = examplesWithout(this.groups, out);
    const [u, v] = sharesOf(n, rho);
    const share = out < 0 ? 0 : sizes[out] / (n + sizes[out]);
    const c = this.cross;
    let sum = 0;
    for (let x = 0; x < B; x++) {
      if (x === out) continue;
      const [G, A] = out < 0 ? [0, 0] : [c.partG[x * B + out], c.partA[x * B + out]];
      const both = share * (G + A - share * c.whole[x]);
      sum += u * u * (c.whole[x] - G - A + both);
      const ownG = c.ownG[x] - (out < 0 ? 0 : c.ownGPart[x * B + out]);
      const ownA = c.ownA[x] - (out < 0 ? 0 : c.ownAPart[x * B + out]);
      sum += u * v * (ownG + ownA) + v * v * c.own[x];
    }
    return (2 * sum) / n - this.A.squared(out, rho) * this.G.squared(out, rho);
  }
}

/** Adds ⟨M, part⟩ of every group to row x of `into` [B, B]. */
export function addInner(
  into: Float64Array,
  x: number,
  M: Float64Array,
  parts: readonly Float64Array[],
): void {
  const B = parts.length;
  parts.forEach((p, g) => (into[x * B + g] += dot(M, p)));
}
