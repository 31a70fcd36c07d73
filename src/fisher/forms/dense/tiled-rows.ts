/**
 * @module fisher/forms/dense/tiled-rows
 *
 * Rows of P numbers, kept by tiles of columns so that a tile of all rows lies in one piece, [rows, width]. The last tile is filled up
 * with zeros. Rows are made in place: a vector times a number, or the elementwise product of two.
 */

/** How P columns are cut. */
export interface Tiling {
  /** P. */
  readonly columns: number;
  /** Of a tile. */
  readonly width: number;
  /** How many. */
  readonly tiles: number;
}

/** Columns of a tile, about. */
const WIDTH = 256;

/** Tiles of nearly equal width. */
export function tilingOf(columns: number): Tiling {
  const tiles = Math.max(1, Math.ceil(columns / WIDTH));
  const width = Math.max(1, Math.ceil(columns / tiles));
  return { columns, width, tiles };
}

/** Growing rows. */
export class TiledRows {
  /** Rows in use. */
  count = 0;
  private room = 0;
  private data: Float64Array[];

  constructor(private readonly tiling: Tiling) {
    this.data = Array.from({ length: tiling.tiles }, () => new Float64Array(0));
  }

  /** All rows of a tile, [at least count, width]. */
  tile(t: number): Float64Array {
    return this.data[t];
  }

  clear(): void {
    this.count = 0;
  }

  /** Adds the row factor · v, v [P]. */
  addScaled(v: Float64Array, factor: number): void {
    this.each((tile, to, first, width) => {
      for (let i = 0; i < width; i++) tile[to + i] = factor * v[first + i];
    });
  }

  /** Adds the row factor · u∘v, u and v [P]. */
  addProduct(u: Float64Array, v: Float64Array, factor: number): void {
    this.each((tile, to, first, width) => {
      for (let i = 0; i < width; i++) tile[to + i] = factor * u[first + i] * v[first + i];
    });
  }

  private each(fill: (tile: Float64Array, to: number, first: number, width: number) => void): void {
    const { columns, width, tiles } = this.tiling;
    if (this.count === this.room) this.grow();
    for (let t = 0; t < tiles; t++)
      fill(this.data[t], this.count * width, t * width, Math.min(width, columns - t * width));
    this.count += 1;
  }

  private grow(): void {
    this.room = Math.max(16, 2 * this.room);
    this.data = this.data.map((old) => {
      const tile = new Float64Array(this.room * this.tiling.width);
      tile.set(old);
      return tile;
    });
  }
}
