/**
 * @module report/rl/dots-figure
 *
 * One row an algorithm or a pair: its value as a mark, its interval as a bar, and a dashed line at what means "no difference".
 */
import { type Area, type FigureText, svgFigure, textWidth, xAxis } from '../figures/frame.js';
import { errorBar, mark } from '../figures/marks.js';
import { markup, type Markup, round } from '../markup.js';
import { linearScale } from '../scale.js';

export interface Dot {
  readonly name: string;
  /** Which colour and mark. */
  readonly index: number;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  /** At the right. */
  readonly note: string;
}

export interface DotsFigure extends FigureText {
  readonly x: string;
  readonly dots: readonly Dot[];
  /** Ends of the axis; default: what the intervals need. */
  readonly range?: readonly [number, number];
  /** Where the dashed line stands. */
  readonly reference?: number;
  readonly width?: number;
  readonly standalone?: boolean;
}

const ROW = 26;

/** The figure as SVG. */
export function dotsFigure(figure: DotsFigure): Markup {
  const { dots, width = 860, reference } = figure;
  const ends = [
    ...dots.flatMap((d) => [d.value, d.low ?? d.value, d.high ?? d.value]),
    ...(reference === undefined ? [] : [reference]),
  ];
  const [low, high] = figure.range ?? [Math.min(...ends), Math.max(...ends)];
  const scale = linearScale(low, high, { nice: figure.range === undefined });
  const area: Area = {
    left: Math.ceil(Math.max(...dots.map((d) => textWidth(d.name))) + 22),
    right: Math.floor(width - Math.max(...dots.map((d) => textWidth(d.note))) - 24),
    top: 8,
    bottom: 8 + dots.length * ROW,
  };
  const x = (v: number): number => area.left + scale.at(v) * (area.right - area.left);
  const dashed =
    reference === undefined
      ? null
      : markup`<line class="reference" x1="${round(x(reference))}" x2="${round(x(reference))}" y1="${area.top}" y2="${area.bottom}"/>`;
  const rows = dots.map((dot, i) => {
    const middle = area.top + (i + 0.5) * ROW;
    const bar =
      dot.low === undefined || dot.high === undefined
        ? null
        : errorBar(dot.index, 'x', middle, x(dot.low), x(dot.high), 4);
    return markup`<g><text class="strong" x="${area.left - 14}" y="${middle + 4}" text-anchor="end">${dot.name}</text>${bar}${mark(dot.index, x(dot.value), middle, 4.5)}<text x="${width - 8}" y="${middle + 4}" text-anchor="end">${dot.note}</text></g>`;
  });
  return svgFigure(
    figure,
    { width, height: area.bottom + 46 },
    [xAxis(scale, area, figure.x), dashed, rows],
    figure.standalone,
  );
}
