/**
 * @module fisher/form-error/pair-sums
 *
 * Sums over pairs of examples by their groups: Σ_{x∈a, x'∈b} v(x, x') [B, B] and the part of each group from pairs of an example with
 * itself [B]. With them ‖M‖² of a mean M = (1/n) Σ_x M_x, v = ⟨M_x, M_x'⟩, is known without the pairs x = x', over all groups or over all
 * but one:
 *
 *   (1 − ρ) Σ_{x≠x'} v/(n(n − 1)) + ρ Σ_x v(x, x)/n
 *
 * ρ = 0: of a distribution, of which the n are a sample, unbiased; ρ = 1/N: of N examples, of which they are some, unbiased as well, and
 * with n = N the square of the mean itself.
 */

import type { Tile } from './tiles.js';

/** Groups of examples: which one each is in, and how many are in each. */
export interface Grouping {
  /** B. */
  readonly count: number;
  /** Group of each example [m]. */
  readonly of: Uint32Array;
  /** Examples of each group [B]. */
  readonly sizes: Float64Array;
}

/** B groups of m examples in their order, equal in size to ±1. */
export function groupsInOrder(m: number, most: number): Grouping {
  const count = Math.max(1, Math.min(most, m));
  const of = Uint32Array.from({ length: m }, (_, x) => Math.floor((x * count) / m));
  const sizes = new Float64Array(count);
  for (const g of of) sizes[g] += 1;
  return { count, of, sizes };
}

/** The groups that are taken, by leaving one out, or none (−1). */
export function examplesWithout({ sizes }: Grouping, out: number): number {
  let n = 0;
  sizes.forEach((s, g) => g !== out && (n += s));
  return n;
}

/** Sums over pairs of examples. */
export class PairSums {
  readonly pairs: Float64Array;
  readonly own: Float64Array;

  constructor(readonly groups: Grouping) {
    this.pairs = new Float64Array(groups.count ** 2);
    this.own = new Float64Array(groups.count);
  }

  /** Adds v(x, x') [rows, columns] for x of the tile; those of the transposed pairs too where the two differ. */
  addTile(v: Float64Array, { row, rows, column, columns }: Tile): void {
    const { of, count: B } = this.groups;
    for (let i = 0; i < rows; i++) {
      const a = of[row + i];
      for (let j = 0; j < columns; j++) {
        const c = of[column + j];
        const value = v[i * columns + j];
        this.pairs[a * B + c] += value;
        if (row !== column) this.pairs[c * B + a] += value;
        else if (i === j) this.own[a] += value;
      }
    }
  }

  /** Sums of vectors by group [B, size] in place of pairs, and what each group has of an example with itself. */
  static ofVectors(groups: Grouping, sums: readonly Float64Array[], own: Float64Array): PairSums {
    const out = new PairSums(groups);
    const B = groups.count;
    for (let a = 0; a < B; a++)
      for (let c = 0; c <= a; c++) {
        const value = dot(sums[a], sums[c]);
        out.pairs[a * B + c] = value;
        out.pairs[c * B + a] = value;
      }
    out.own.set(own);
    return out;
  }

  /** ‖M‖² over all groups but `out`. */
  squared(out: number, rho: number): number {
    const { count: B } = this.groups;
    let [all, own] = [0, 0];
    for (let a = 0; a < B; a++) {
      if (a === out) continue;
      own += this.own[a];
      for (let c = 0; c < B; c++) if (c !== out) all += this.pairs[a * B + c];
    }
    const n = examplesWithout(this.groups, out);
    return n < 2 ? all : ((1 - rho) * (all - own)) / (n * (n - 1)) + (rho * own) / n;
  }
}

/** ⟨a, b⟩. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
