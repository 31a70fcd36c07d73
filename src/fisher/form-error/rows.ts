/**
 * @module fisher/form-error/rows
 *
 * Sums of a parameter without a product, whose scores are held in full: its dense block where it is small, else its diagonal.
 */
import { multiply } from '../../linalg/index.js';
import type { RowsFactors } from './factors.js';
import { entriesOf, type TilePart } from './kept.js';
import { dot, type Grouping, PairSums } from './pair-sums.js';
import { rowsOf, squaresOfColumns } from './tiles.js';

/** Sums of such a parameter. */
export function plainRows({ part, s }: RowsFactors, K: number, groups: Grouping): TilePart {
  const { size, kept } = part;
  const block = new PairSums(groups);
  return {
    part,
    tile(t) {
      const { row, rows, column, columns } = t;
      const left = rowsOf(s, K * size, row, rows);
      const right = rowsOf(s, K * size, column, columns);
      const v = multiply(left, right, rows * K, size, columns * K, { transposeB: true });
      if (kept === 'block') block.addTile(squaresOfColumns(v, rows, columns, K), t);
      return v;
    },
    finish() {
      const diagonal = entriesOf(diagonalSums(groups, (x) => rowsOf(s, size, x * K, K), size));
      const own = kept === 'block' ? entriesOf(block) : diagonal;
      return { diagonal, unit: own, expand: own, reduce: own, ekfac: own };
    },
  };
}

/** Sums of the diagonals Σ_k s_k² of every example, of its scores [K, size]. */
export function diagonalSums(groups: Grouping, scores: (x: number) => Float64Array, size: number): PairSums {
  const sums = Array.from({ length: groups.count }, () => new Float64Array(size));
  const own = new Float64Array(groups.count);
  groups.of.forEach((g, x) => addDiagonal(scores(x), sums[g], own, g));
  return PairSums.ofVectors(groups, sums, own);
}

/** Adds the diagonal of one example to its group's. */
export function addDiagonal(s: Float64Array, sum: Float64Array, own: Float64Array, g: number): void {
  const d = new Float64Array(sum.length);
  for (let at = 0; at < s.length; at++) d[at % sum.length] += s[at] * s[at];
  for (let i = 0; i < d.length; i++) sum[i] += d[i];
  own[g] += dot(d, d);
}
