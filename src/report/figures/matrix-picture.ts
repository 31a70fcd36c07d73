/**
 * @module report/figures/matrix-picture
 *
 * Matrix as a picture: a square or a rectangle of cells, the darker the larger the number is in size on a logarithmic scale of four decades,
 * in one colour above 0 and another below. A large matrix is shown in at most 48 cells a side, each the number of largest size in it.
 */
import { markup, type Markup, raw, round } from '../markup.js';
import { type FigureText, svgFigure } from './frame.js';

/** A matrix of numbers. */
export interface MatrixPicture extends FigureText {
  /** Row by row [rows, columns]. */
  readonly values: ArrayLike<number>;
  /** Rows. */
  readonly rows: number;
  /** Columns. */
  readonly columns: number;
  /** Width in pixels; default 260. */
  readonly width?: number;
}

/** Cells of a side, at most; decades that are told apart; shades. */
const CELLS = 48;
const DECADES = 4;
const SHADES = 8;

/** The figure as SVG. */
export function matrixPicture({ values, rows, columns, width = 260, ...text }: MatrixPicture): Markup {
  const [down, across] = [Math.min(CELLS, rows), Math.min(CELLS, columns)];
  const cell = width / Math.max(down, across);
  const shown = reduced({ values, rows, columns }, down, across);
  const most = shown.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
  const paths = new Map<number, string>();
  shown.forEach((v, at) => {
    const shade = shadeOf(Math.abs(v), most);
    if (shade === 0) return;
    const key = v < 0 ? -shade : shade;
    const [x, y] = [round((at % across) * cell), round(Math.floor(at / across) * cell)];
    const side = round(cell);
    paths.set(key, `${paths.get(key) ?? ''}M${x} ${y}h${side}v${side}h-${side}z`);
  });
  const marks = [...paths].map(
    ([shade, path]) =>
      markup`<path class="${shade < 0 ? 'fill2' : 'fill1'}" fill-opacity="${round(Math.abs(shade) / SHADES)}" d="${raw(path)}"/>`,
  );
  const size = { width: across * cell, height: down * cell };
  const frame = markup`<rect class="axis" fill="none" x="0.5" y="0.5" width="${round(size.width - 1)}" height="${round(size.height - 1)}"/>`;
  return svgFigure(text, size, [...marks, frame]);
}

/** 0: nothing to see; SHADES: the largest. */
function shadeOf(size: number, most: number): number {
  if (!(size > 0) || most === 0) return 0;
  const decades = Math.log10(size / most) + DECADES;
  return decades <= 0 ? 0 : Math.max(1, Math.round((SHADES * decades) / DECADES));
}

/** The number of largest size in each cell. */
function reduced(
  { values, rows, columns }: Pick<MatrixPicture, 'values' | 'rows' | 'columns'>,
  down: number,
  across: number,
): Float64Array {
  const out = new Float64Array(down * across);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const at = Math.floor((i * down) / rows) * across + Math.floor((j * across) / columns);
      const v = values[i * columns + j];
      if (Math.abs(v) > Math.abs(out[at])) out[at] = v;
    }
  return out;
}
