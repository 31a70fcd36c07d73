/**
 * @module report/figures/histogram
 *
 * Counts over bins, with lines at values of note (a median, a quantile).
 */
import { markup, type Markup, round } from '../markup.js';
import { linearScale, logScale } from '../scale.js';
import { type Area, type FigureText, svgFigure, textWidth, xAxis, yAxis, yMargin } from './frame.js';

/** Counts over bins, with lines at values of note. */
export interface HistogramFigure extends FigureText {
  /** Ascending; one more than `counts`. */
  readonly edges: readonly number[];
  /** Count of each bin. */
  readonly counts: readonly number[];

  /** The axis of the bins. */
  readonly x: {
    /** Text beside the axis. */
    readonly label: string;
    /** Its scale. */
    readonly kind: 'linear' | 'log';
  };
  /** Text beside the axis of counts. */
  readonly yLabel: string;

  /** Vertical lines with a name each. */
  readonly lines?: readonly {
    /** Where it stands. */
    readonly value: number;
    /** Its name. */
    readonly name: string;
  }[];
  /** Width in pixels; default 860. */
  readonly width?: number;
  /** Height in pixels; default 320. */
  readonly height?: number;
  /** Whether the figure is a document of its own, with its styles inside. */
  readonly standalone?: boolean;
}

/** The figure as SVG. */
export function histogramFigure(figure: HistogramFigure): Markup {
  const { width = 860, height = 320, edges, counts, lines = [] } = figure;
  const [first, last] = [edges[0], edges[edges.length - 1]];
  const xScale = figure.x.kind === 'log' ? logScale(first, last) : linearScale(first, last, { nice: false });
  const yScale = linearScale(0, Math.max(1, ...counts), { ticks: 4 });
  const area: Area = {
    left: yMargin(yScale),
    right: width - 16,
    top: lines.length > 0 ? 54 : 32,
    bottom: height - 46,
  };
  const x = (v: number): number => area.left + xScale.at(v) * (area.right - area.left);
  const y = (v: number): number => area.bottom - yScale.at(v) * (area.bottom - area.top);
  const bars = counts.map((count, i) => {
    if (count === 0) return null;
    const [left, right] = [x(edges[i]), x(edges[i + 1])];
    const gap = right - left > 4 ? 1 : 0;
    return markup`<rect class="fill1" fill-opacity=".8" x="${round(left)}" y="${round(y(count))}" width="${round(right - left - gap)}" height="${round(area.bottom - y(count))}"/>`;
  });
  const notes = lines
    .filter((line) => line.value >= first && line.value <= last)
    .map((line) => {
      const at = x(line.value);
      const toLeft = at + textWidth(line.name) + 8 > width;
      return markup`<line class="reference" x1="${round(at)}" x2="${round(at)}" y1="${area.top - 6}" y2="${area.bottom}"/><text class="strong" x="${round(toLeft ? at - 5 : at + 5)}" y="${area.top - 10}" text-anchor="${toLeft ? 'end' : 'start'}">${line.name}</text>`;
    });
  const axis = yAxis(yScale, area, lines.length > 0 ? '' : figure.yLabel);
  const title = lines.length > 0 ? markup`<text class="strong" x="6" y="18">${figure.yLabel}</text>` : null;
  return svgFigure(
    figure,
    { width, height },
    [xAxis(xScale, area, figure.x.label), axis, title, bars, notes],
    figure.standalone,
  );
}
