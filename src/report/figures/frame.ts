/**
 * @module report/figures/frame
 *
 * Frame of every figure: an SVG with title and description for screen readers, a plotting area between margins, and
 * axes with grid lines, ticks and labels. Strings in, markup out: no document, no measuring. Text widths are estimated at
 * 0.56 of the letter's height, which is wide for system fonts, so labels never touch.
 */
import { type Content, markup, type Markup, raw, round } from '../markup.js';
import type { Scale } from '../scale.js';
import { FIGURE_CSS, themeCss } from '../theme.js';

export const FONT_SIZE = 12;
/** Width of a figure for a telephone, on which its letters keep their size. */
export const NARROW = 350;

/** Words of a figure, for those who do not see it. */
export interface FigureText {
  /** Read aloud, and shown by the page above the figure. */
  readonly title: string;
  /** What a reader who cannot see it should know. */
  readonly description: string;
}

export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Estimated width of text in the figure's font. */
export function textWidth(text: string, size = FONT_SIZE): number {
  return [...text].length * size * 0.56;
}

/** The SVG element. `standalone` carries its own colours, for a file of its own; a page brings them once. */
export function svgFigure(
  text: FigureText,
  size: { readonly width: number; readonly height: number },
  content: Content,
  standalone = false,
): Markup {
  const { width, height } = size;
  const style = standalone
    ? raw(`<style>${themeCss('svg')}svg{background:var(--fim-ground)}${FIGURE_CSS}</style>`)
    : null;
  return markup`<svg class="fim-figure" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" role="img"><title>${text.title}</title><desc>${text.description}</desc>${style}${content}</svg>`;
}

/** Horizontal axis under `area`, with grid lines through it. */
export function xAxis(scale: Scale, area: Area, label: string): Markup {
  const x = (value: number): number => round(area.left + scale.at(value) * (area.right - area.left));
  const ticks = scale.ticks.map((tick) => {
    const at = x(tick.value);
    const thin = tick.label === '';
    return markup`${thin ? null : markup`<line class="grid" x1="${at}" x2="${at}" y1="${area.top}" y2="${area.bottom}"/>`}<line class="axis" x1="${at}" x2="${at}" y1="${area.bottom}" y2="${area.bottom + (thin ? 3 : 5)}"/>${thin ? null : markup`<text x="${at}" y="${area.bottom + 18}" text-anchor="middle">${tick.label}</text>`}`;
  });
  const middle = round((area.left + area.right) / 2);
  return markup`<g>${ticks}<line class="axis" x1="${area.left}" x2="${area.right}" y1="${area.bottom}" y2="${area.bottom}"/><text class="strong" x="${middle}" y="${area.bottom + 36}" text-anchor="middle">${label}</text></g>`;
}

/** Vertical axis left of `area`, with grid lines through it; its label lies flat above, where it can be read. */
export function yAxis(scale: Scale, area: Area, label: string): Markup {
  const y = (value: number): number => round(area.bottom - scale.at(value) * (area.bottom - area.top));
  const ticks = scale.ticks.map((tick) => {
    const at = y(tick.value);
    const thin = tick.label === '';
    return markup`${thin ? null : markup`<line class="grid" x1="${area.left}" x2="${area.right}" y1="${at}" y2="${at}"/>`}<line class="axis" x1="${area.left - (thin ? 3 : 5)}" x2="${area.left}" y1="${at}" y2="${at}"/>${thin ? null : markup`<text x="${area.left - 9}" y="${round(at + 4)}" text-anchor="end">${tick.label}</text>`}`;
  });
  const start = round(Math.max(2, area.left - yMargin(scale) + 4));
  return markup`<g>${ticks}<line class="axis" x1="${area.left}" x2="${area.left}" y1="${area.top}" y2="${area.bottom}"/><text class="strong" x="${start}" y="${area.top - 12}">${label}</text></g>`;
}

/** Room that a vertical axis needs at its left. */
export function yMargin(scale: Scale): number {
  return Math.ceil(Math.max(...scale.ticks.map((tick) => textWidth(tick.label)), 12) + 14);
}
