/**
 * @module fisher/forms/dense/tile-moments
 *
 * Mean and central squares of a tile of elements over some examples, from their sums. Σ ω²(f − c)² = Σ ω²f² − 2cΣ ω²f + c²Σ ω² cancels
 * where an element hardly differs between the examples, and a label variance where draws hardly differ: a deviation below 2⁻¹⁰ of what it
 * is the deviation of would keep fewer than 10 digits, and is computed again from the scores, element by element.
 */
import type { TileSums } from './batch-sums.js';
import type { ExampleScores } from './example-scores.js';
import type { ElementRepair } from './element-repair.js';

/** Examples of a batch in numbers: how many, Σ ω, Σ ω². */
export interface BatchTotals {
  readonly examples: number;
  readonly weight: number;
  readonly squares: number;
}

/** A tile: the first row and column, how many of each, and the elements of a row of its arrays. */
export interface Box {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  readonly width: number;
}

/** Of a tile's elements [rows, width]. */
export interface TileMoments {
  /** Σ ωf̂/Σ ω. */
  readonly value: Float64Array;
  /** Σ ωf/Σ ω of what the spread is of. */
  readonly centre: Float64Array;
  /** Σ ω²(f − c)²; null: no errors. */
  readonly m2: Float64Array | null;
  /** Σ ω²(f − c); null: not weighted. */
  readonly lean: Float64Array | null;
  /** Σ ω²𝒱; null: nothing drawn. */
  readonly label: Float64Array | null;
}

/** A variance that is less than this of the terms that it is the difference of. */
const CANCELLED = 2 ** -20;

/** Sums and weights of examples, 1 where all weigh the same. */
export function totalsOf(examples: readonly ExampleScores[]): BatchTotals {
  let weight = 0;
  let squares = 0;
  for (const { weight: w } of examples) {
    weight += w;
    squares += w * w;
  }
  return { examples: examples.length, weight, squares };
}

/** The moments of a tile, in the arrays of its sums. On and below the diagonal only. */
export function momentsOf(sums: TileSums, box: Box, totals: BatchTotals, repair: ElementRepair): TileMoments {
  const { value = new Float64Array(0), exact, squares, scale, lean = null, label = null, labelScale } = sums;
  const centre = exact ?? value;
  const { examples, weight: W, squares: W2 } = totals;
  for (let r = 0; r < box.rows; r++) {
    const i = box.row + r;
    const until = r * box.width + Math.min(box.columns, i - box.column + 1);
    for (let at = r * box.width; at < until; at++) {
      value[at] /= W;
      if (exact) exact[at] /= W;
      if (!squares || !scale) continue;
      const c = centre[at];
      const j = box.column + at - r * box.width;
      const first = lean ? lean[at] : c * W;
      if (lean) lean[at] -= c * W2;
      // One example has no spread.
      const m2 = examples < 2 ? 0 : squares[at] - 2 * c * first + c * c * W2;
      squares[at] = m2 < CANCELLED * scale[at] && examples > 1 ? repair.spread(i, j) : m2;
      if (label && labelScale && label[at] < CANCELLED * labelScale[at]) label[at] = repair.label(i, j);
    }
  }
  return { value, centre, m2: squares ?? null, lean, label };
}
