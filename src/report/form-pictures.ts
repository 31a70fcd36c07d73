/**
 * @module report/form-pictures
 *
 * Pictures of what a form of the Fisher keeps of each layer, with how well the elements of each array are known.
 */
import { matrixPicture } from './figures/matrix-picture.js';
import { formatCount, formatNumber } from './format.js';
import { htmlFigure } from './html.js';
import { markup, type Markup } from './markup.js';

/** An array of a form. */
export interface PicturedArray {
  /** `kfac/fc1.weight/A`. */
  readonly name: string;
  /** Its shape; of a stack the first matrix is shown. */
  readonly shape: readonly number[];
  /** Its numbers. */
  readonly value: ArrayLike<number>;
  /** Their errors; null: not known. */
  readonly standardError: ArrayLike<number> | null;
}

/** Arrays of a page, at most. */
const MOST = 24;

/** The section; null: there is nothing to show. */
export function formPictures(arrays: readonly PicturedArray[]): Markup | null {
  if (arrays.length === 0) return null;
  const shown = arrays.slice(0, MOST);
  const rest = arrays.length - shown.length;
  const figures = shown.map((array) => htmlFigure(pictureOf(array), captionOf(array)));
  const left = rest === 0 ? null : markup`<p>And ${formatCount(rest)} arrays more, in the file.</p>`;
  return markup`<p>The darker a cell the larger its number in size, over four decades; the second colour is below 0. A cell of a large array shows the largest number in it.</p><div class="pictures">${figures}</div>${left}`;
}

function pictureOf({ name, shape, value }: PicturedArray): Markup {
  const [rows, columns] = shape.slice(-2);
  return matrixPicture({
    title: name,
    description: `Picture of ${name}, ${shape.join(' by ')} numbers.`,
    values: value,
    rows: rows ?? 1,
    columns: columns ?? 1,
  });
}

/** Size, and the median relative error of the elements that are not 0. */
function captionOf({ name, shape, value, standardError }: PicturedArray): Markup {
  const size = shape.join(' × ');
  const stack = shape.length > 2 ? ', the first of the stack' : '';
  const relative = standardError && medianRelative(value, standardError);
  const known =
    relative === null || !Number.isFinite(relative)
      ? ''
      : `, median error ${formatNumber(100 * relative, 2)} % of an element`;
  return markup`<code>${name}</code>, ${size}${stack}${known}`;
}

function medianRelative(value: ArrayLike<number>, error: ArrayLike<number>): number {
  const ratios: number[] = [];
  for (let i = 0; i < value.length; i++) if (value[i] !== 0) ratios.push(error[i] / Math.abs(value[i]));
  ratios.sort((a, b) => a - b);
  return ratios.length === 0 ? NaN : ratios[ratios.length >> 1];
}
