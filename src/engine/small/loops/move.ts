/**
 * @module engine/small/loops/move
 *
 * Copies between strided blocks, which is all that Transpose, Expand, Slice, Concat and Pad do.
 */
import type { Numbers } from './types.js';

/** Rows and columns of a tile of a transposing copy: both sides stay within a few cache lines. */
const TILE = 16;

/** y[yo + r·yr + c·yc] = x[xo + r·xr + c·xc] */
export function move(
  rows: number,
  cols: number,
  y: Numbers,
  yo: number,
  yr: number,
  yc: number,
  x: Numbers,
  xo: number,
  xr: number,
  xc: number,
): void {
  if (yc === 1 && xc !== 1 && xr === 1 && rows >= TILE && cols >= TILE) {
    return tiled(rows, cols, y, yo, yr, x, xo, xc);
  }
  for (let r = 0; r < rows; r++, yo += yr, xo += xr) {
    for (let c = 0, i = yo, j = xo; c < cols; c++, i += yc, j += xc) y[i] = x[j];
  }
}

function tiled(
  rows: number,
  cols: number,
  y: Numbers,
  yo: number,
  yr: number,
  x: Numbers,
  xo: number,
  xc: number,
): void {
  for (let r0 = 0; r0 < rows; r0 += TILE) {
    const r1 = Math.min(rows, r0 + TILE);
    for (let c0 = 0; c0 < cols; c0 += TILE) {
      const c1 = Math.min(cols, c0 + TILE);
      for (let r = r0; r < r1; r++) {
        for (let c = c0; c < c1; c++) y[yo + r * yr + c] = x[xo + r + c * xc];
      }
    }
  }
}
