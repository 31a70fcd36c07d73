/**
 * @module report/figures/rows
 *
 * One named row a quantity, its value and interval along a horizontal axis: bars from zero on a linear axis, dots on a
 * logarithmic one, where a bar's length would mean nothing.
 */
import { markup, type Markup, round } from '../markup.js';
import { linearScale, logScale, type Scale } from '../scale.js';
import { type Area, type FigureText, NARROW, svgFigure, textWidth, xAxis } from './frame.js';
import { errorBar, mark } from './marks.js';

/** One row: a name, a value and its interval. */
export interface FigureRow {
  /** At the left. */
  readonly name: string;
  /** Length of the bar, or place of the mark. */
  readonly value: number;
  /** Interval; absent where the error is unknown. */
  readonly low?: number;
  /** Upper end of the interval. */
  readonly high?: number;
  /** Written at the right, e.g. `16.58 ± 0.47`. */
  readonly note: string;
}

/** Rows of values with intervals, one under another. */
export interface RowsFigure extends FigureText {
  /** From top to bottom. */
  readonly rows: readonly FigureRow[];

  /** The axis of values. */
  readonly x: {
    /** Text beside the axis. */
    readonly label: string;
    /** Its scale. */
    readonly kind: 'linear' | 'log';
  };
  /** Width in pixels; default 860, stacked 350. */
  readonly width?: number;
  /** Names and notes above their bars, for a narrow screen. */
  readonly stacked?: boolean;
  /** Whether the figure is a document of its own, with its styles inside. */
  readonly standalone?: boolean;
}

const ROW = 30;
/** Height of the words above a bar. */
const WORDS = 18;

/** Linear where the smallest row can still be seen beside the largest, else logarithmic. */
export function rowsKind(values: readonly number[]): 'linear' | 'log' {
  const positive = values.filter((v) => v > 0);
  if (positive.length < values.length || positive.length === 0) return 'linear';
  return Math.max(...positive) / Math.min(...positive) > 50 ? 'log' : 'linear';
}

function scaleFor(figure: RowsFigure): Scale {
  const ends = figure.rows
    .flatMap((row) => [row.value, row.low ?? row.value, row.high ?? row.value])
    .filter(Number.isFinite);
  if (figure.x.kind === 'linear')
    return linearScale(Math.min(0, ...ends), Math.max(0, ...ends), { ticks: 5 });
  const positive = figure.rows
    .flatMap((row) => [row.value, row.high ?? row.value, row.low ?? row.value])
    .filter((v) => v > 0);
  // A lower end near zero would stretch the axis over decades that hold nothing.
  const least = Math.min(...figure.rows.map((row) => row.value).filter((v) => v > 0));
  return logScale(Math.max(Math.min(...positive), least / 3) / 1.2, Math.max(...positive) * 1.2);
}

/** The figure as SVG. */
export function rowsFigure(figure: RowsFigure): Markup {
  const { rows, stacked = false, width = stacked ? NARROW : 860 } = figure;
  const wanted = Math.max(...rows.map((row) => textWidth(row.name)), 20);
  const notes = Math.max(...rows.map((row) => textWidth(row.note)), 10);
  const names = Math.min(stacked ? width - notes - 24 : width * 0.32, wanted);
  const scale = scaleFor(figure);
  const height = stacked ? ROW + WORDS : ROW;
  const area: Area = {
    left: stacked ? 12 : Math.ceil(names + 16),
    right: Math.floor(stacked ? width - 12 : width - notes - 24),
    top: 8,
    bottom: 8 + rows.length * height,
  };
  const x = (v: number): number =>
    area.left +
    Math.min(1, Math.max(0, scale.kind === 'log' && !(v > 0) ? 0 : scale.at(v))) * (area.right - area.left);
  const letters = Math.max(2, Math.floor(names / textWidth('x')));
  const drawn = rows.map((row, i) => {
    const words = area.top + i * height + (stacked ? 14 : ROW / 2 + 4);
    const middle = area.top + (i + 1) * height - ROW / 2;
    const bar =
      scale.kind === 'linear'
        ? markup`<rect class="fill1" fill-opacity=".7" x="${round(Math.min(x(0), x(row.value)))}" y="${middle - 8}" width="${round(Math.abs(x(row.value) - x(0)))}" height="16"/>`
        : null;
    const whisker =
      row.low === undefined || row.high === undefined
        ? null
        : errorBar(scale.kind === 'linear' ? 'ink' : 0, 'x', middle, x(row.low), x(row.high), 5);
    const dot = scale.kind === 'log' ? mark(0, x(row.value), middle, 4.5) : null;
    const name = [...row.name].length > letters ? `…${[...row.name].slice(1 - letters).join('')}` : row.name;
    const [at, anchor] = stacked ? [area.left - 8, 'start'] : [area.left - 10, 'end'];
    return markup`<g><text class="strong" x="${at}" y="${words}" text-anchor="${anchor}">${name}<title>${row.name}</title></text>${bar}${whisker}${dot}<text x="${width - 8}" y="${words}" text-anchor="end">${row.note}</text></g>`;
  });
  return svgFigure(
    figure,
    { width, height: area.bottom + 46 },
    [xAxis(scale, area, figure.x.label), drawn],
    figure.standalone,
  );
}
