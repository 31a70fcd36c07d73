/**
 * @module fisher/form-error/tiles
 *
 * Tiles of pairs of examples: some examples by some, so that nothing of the size of all pairs of all columns is held. Every pair of
 * different tiles is gone through once and counts twice.
 */

/** Examples `row` … by examples `column` …. */
export interface Tile {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

/** Most rows of a tile's Gram matrix, columns of examples counted. */
const MOST_ROWS = 1536;
/** Most numbers of a tile's scores. */
const MOST_NUMBERS = 2 ** 22;

/** Every tile of m examples with K columns of `size` numbers each. */
export function* tilesOf(m: number, K: number, size: number): Generator<Tile> {
  const fit = Math.min(Math.floor(MOST_ROWS / K), Math.floor(MOST_NUMBERS / (K * size)));
  const width = Math.max(1, fit);
  for (let row = 0; row < m; row += width)
    for (let column = row; column < m; column += width)
      yield {
        row,
        rows: Math.min(width, m - row),
        column,
        columns: Math.min(width, m - column),
      };
}

/** Rows of a matrix of `width` columns, in place. */
export const rowsOf = (a: Float64Array, width: number, from: number, count: number): Float64Array =>
  a.subarray(from * width, (from + count) * width);

/** Σ_kk' v² [rows, columns] of v [rows·K, columns·K]. */
export function squaresOfColumns(v: Float64Array, rows: number, columns: number, K: number): Float64Array {
  const out = new Float64Array(rows * columns);
  let at = 0;
  for (let i = 0; i < rows * K; i++) {
    const row = Math.floor(i / K) * columns;
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < K; k++, at++) sum += v[at] * v[at];
      out[row + j] += sum;
    }
  }
  return out;
}
