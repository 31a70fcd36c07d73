/**
 * @module report/rl/lines-figure
 *
 * Many lines with bands, where each algorithm keeps its colour, dash and mark through all figures of a report: past the sixth the
 * colours come again dashed. Marks stand sparsely and shifted, so that lines that lie on one another can still be told apart. The
 * vertical axis follows the lines; a band that is much wider than all of them together is cut at the frame.
 */
import { type Area, type FigureText, svgFigure, textWidth, xAxis, yAxis, yMargin } from '../figures/frame.js';
import { colourOf, mark } from '../figures/marks.js';
import { markup, type Markup, round } from '../markup.js';
import { linearScale, type Scale } from '../scale.js';
import { SERIES_COLOURS } from '../theme.js';

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

export interface FigureLine {
  readonly name: string;
  /** Which colour, dash and mark: the algorithm's place in the report. */
  readonly index: number;
  readonly points: readonly LinePoint[];
}

export interface LinesFigure extends FigureText {
  readonly x: string;
  readonly y: string;
  readonly lines: readonly FigureLine[];
  /** Ends of the vertical axis; default: what the lines need. */
  readonly range?: readonly [number, number];
  /** The horizontal axis counts steps: it begins at 0 and is labelled 20k, 1M. */
  readonly steps?: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly standalone?: boolean;
}

const KEY_ROW = 20;
const MARKS = 6;

/** Dash of a line; empty for the first five. */
export function dashOf(index: number): string {
  return ['', '7 4', '2 3'][Math.floor(index / SERIES_COLOURS) % 3];
}

/** The figure as SVG. */
export function linesFigure(figure: LinesFigure): Markup {
  const { width = 860, height = 400, lines } = figure;
  const points = lines.flatMap((l) => l.points);
  const xs = points.map((p) => p.x);
  const xScale = figure.steps
    ? stepScale(Math.max(...xs))
    : linearScale(Math.min(...xs), Math.max(...xs), { nice: false });
  const yScale = linearScale(...(figure.range ?? rangeOf(points)));
  const left = yMargin(yScale);
  const placed = placeKey(lines, left, width - 16);
  const rows = 1 + Math.max(...placed.map((p) => p.row));
  const area: Area = {
    left,
    right: width - 24,
    top: 34 + rows * KEY_ROW,
    bottom: height + rows * KEY_ROW - 66,
  };
  const x = (v: number): number => area.left + xScale.at(v) * (area.right - area.left);
  const y = (v: number): number =>
    Math.min(area.bottom, Math.max(area.top, area.bottom - yScale.at(v) * (area.bottom - area.top)));
  const at = (list: readonly (readonly [number, number])[]): string =>
    list.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${round(px)} ${round(py)}`).join('');
  const bands = lines.map(({ index, points: own }) => {
    const banded = own.filter((p) => p.low !== undefined && p.high !== undefined);
    if (banded.length < 2) return null;
    const upper = banded.map((p) => [x(p.x), y(p.high ?? p.y)] as const);
    const lower = banded.map((p) => [x(p.x), y(p.low ?? p.y)] as const).reverse();
    return markup`<path class="band${colourOf(index)}" d="${at([...upper, ...lower])}Z"/>`;
  });
  const drawn = lines.map(({ index, points: own }, k) => {
    const path = at(own.map((p) => [x(p.x), y(p.y)]));
    const marks = own.filter((_, i) => own.length === 1 || isMarked(i, own.length, k, lines.length));
    return markup`<g>${stroke(index, path)}${marks.map((p) => mark(index, x(p.x), y(p.y), 3.5))}</g>`;
  });
  const keys = placed.map(({ line, left: from, row }) => {
    const base = 18 + row * KEY_ROW;
    return markup`${stroke(line.index, `M${round(from)} ${base - 4}H${round(from + 24)}`)}${mark(line.index, from + 12, base - 4, 3.5)}<text x="${round(from + 30)}" y="${base}">${line.name}</text>`;
  });
  return svgFigure(
    figure,
    { width, height: area.bottom + 46 },
    [xAxis(xScale, area, figure.x), yAxis(yScale, area, figure.y), bands, drawn, markup`<g>${keys}</g>`],
    figure.standalone,
  );
}

function stroke(index: number, d: string): Markup {
  const dash = dashOf(index);
  return dash === ''
    ? markup`<path class="line${colourOf(index)}" d="${d}"/>`
    : markup`<path class="line${colourOf(index)}" stroke-dasharray="${dash}" d="${d}"/>`;
}

/** Steps in thousands or millions. */
function stepScale(last: number): Scale {
  const scale = linearScale(0, Math.max(1, last), { nice: false });
  const [unit, sign] = last >= 1e6 ? [1e6, 'M'] : last >= 1e4 ? [1e3, 'k'] : [1, ''];
  const label = (value: number): string =>
    value === 0 ? '0' : `${Number((value / unit).toPrecision(6))}${sign}`;
  return { ...scale, ticks: scale.ticks.map(({ value }) => ({ value, label: label(value) })) };
}

/** Evenly spread along the line, each line's marks beside those of the others. */
function isMarked(i: number, length: number, k: number, lines: number): boolean {
  const every = length / MARKS;
  const first = (every * (k + 0.5)) / lines;
  const nearest = Math.round((i - first) / every);
  return nearest >= 0 && i === Math.floor(first + nearest * every);
}

/** Around the lines, with as much of the bands as a third of the height of all lines on each side. */
function rangeOf(points: readonly LinePoint[]): [number, number] {
  const ends = (pick: (p: LinePoint) => number): [number, number] =>
    points.reduce(
      ([low, high], p) => [Math.min(low, pick(p)), Math.max(high, pick(p))],
      [Infinity, -Infinity],
    );
  const [low, high] = ends((p) => p.y);
  const room = (high - low) / 3 || Math.abs(high) / 2 || 1;
  const [lowest] = ends((p) => p.low ?? p.y);
  const [, highest] = ends((p) => p.high ?? p.y);
  return [Math.max(lowest, low - room), Math.min(highest, high + room)];
}

/** Names in as many rows as they need. */
function placeKey(
  lines: readonly FigureLine[],
  left: number,
  right: number,
): { line: FigureLine; left: number; row: number }[] {
  let row = 0;
  let at = left;
  return lines.map((line) => {
    const size = 30 + textWidth(line.name) + 16;
    if (at > left && at + size - 16 > right) [row, at] = [row + 1, left];
    const place = { line, left: at, row };
    at += size;
    return place;
  });
}
