/**
 * @module report/figures/share
 *
 * Parts of a whole as one lying bar, each part named with its share. For a few parts that add up to something.
 */
import { formatPercent } from '../format.js';
import { markup, type Markup, round } from '../markup.js';
import { type FigureText, svgFigure, textWidth } from './frame.js';
import { colourOf } from './marks.js';

/** A whole in its parts, as one bar. */
export interface ShareFigure extends FigureText {
  /** Not negative; their sum is the whole. */
  readonly parts: readonly {
    /** Name of the part. */
    readonly name: string;
    /** Its size, in any unit. */
    readonly amount: number;
  }[];
  /** Width in pixels; default 420. */
  readonly width?: number;
  /** Whether the figure is a document of its own, with its styles inside. */
  readonly standalone?: boolean;
}

/** Height of a line of names. */
const LINE = 18;

/** The figure as SVG. Parts that are 0 are named but take no room. */
export function shareFigure(figure: ShareFigure): Markup {
  const { parts, width = 420 } = figure;
  const whole = parts.reduce((sum, part) => sum + part.amount, 0);
  let left = 0;
  let text = 0;
  let line = 0;
  const drawn = parts.map((part, i) => {
    const share = whole > 0 ? part.amount / whole : 0;
    const bar = markup`<rect class="fill${colourOf(i)}" fill-opacity=".85" x="${round(left)}" y="2" width="${round(share * width)}" height="14"/>`;
    left += share * width;
    const label = `${part.name} ${formatPercent(share)}`;
    const room = 14 + textWidth(label);
    if (text > 0 && text + room > width) [text, line] = [0, line + 1];
    const y = 27 + line * LINE;
    const item = markup`<rect class="fill${colourOf(i)}" fill-opacity=".85" x="${round(text)}" y="${y}" width="9" height="9"/><text x="${round(text + 14)}" y="${y + 9}">${label}</text>`;
    text += room + 18;
    return markup`${bar}${item}`;
  });
  return svgFigure(figure, { width, height: 42 + line * LINE }, drawn, figure.standalone);
}
