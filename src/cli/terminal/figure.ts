/**
 * @module cli/terminal/figure
 *
 * A small log-log figure in characters: reference lines in braille dots (2×4 to a character), points as marks of their
 * own, so that series differ without colour. Decades are labelled on both axes.
 */
import { formatNumber } from '../../report/format.js';
import { pad, widthOf } from './style.js';

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** One character for each point. */
  readonly mark: string;
  /** Painted around the mark where colour is allowed. */
  readonly paint?: (text: string) => string;
}

/** A straight line y = a·x^slope, drawn in dots. */
export interface ReferenceLine {
  readonly name: string;
  readonly through: { readonly x: number; readonly y: number };
  readonly slope: number;
}

export interface FigureOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  readonly lines?: readonly ReferenceLine[];
  /** Characters of the plotting area. */
  readonly width?: number;
  readonly height?: number;
  /** Writes a tick of the vertical axis. */
  readonly formatY?: (y: number) => string;
}

/** Bits of the braille cell's dots by [row][column]. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

interface Axis {
  readonly low: number;
  readonly high: number;
}

/** Log₁₀ limits with a little air. */
function axisOf(values: readonly number[]): Axis {
  const logs = values.filter((v) => v > 0 && Number.isFinite(v)).map(Math.log10);
  if (logs.length === 0) return { low: 0, high: 1 };
  const low = Math.min(...logs);
  const high = Math.max(...logs);
  const air = Math.max(0.05 * (high - low), 0.05);
  return { low: low - air, high: high + air };
}

/** 1, 2 and 5 times powers of ten inside the axis: decades alone where there are enough of them. */
function ticksOf(axis: Axis, most: number): number[] {
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let decade = Math.floor(axis.low); decade <= Math.ceil(axis.high); decade++) {
      for (const step of steps) {
        const value = step * 10 ** decade;
        const log = Math.log10(value);
        if (log >= axis.low && log <= axis.high) ticks.push(value);
      }
    }
    if (ticks.length <= most || steps.length === 1) return ticks;
  }
  return [];
}

/** The figure's lines, joined. Points that are not positive cannot be drawn and are left out of it. */
export function logLogFigure(options: FigureOptions): string {
  const { width = 56, height = 12, series, lines = [], formatY = (y) => formatNumber(y, 2) } = options;
  const x = axisOf(series.flatMap((s) => s.points.map((p) => p.x)));
  const y = axisOf(series.flatMap((s) => s.points.map((p) => p.y)));
  const column = (log: number): number => ((log - x.low) / (x.high - x.low)) * (width - 1);
  const row = (log: number): number => ((y.high - log) / (y.high - y.low)) * (height - 1);

  const dots = Array.from({ length: height }, () => new Uint8Array(width));
  for (const line of lines) {
    for (let i = 0; i < width * 2; i++) {
      const logX = x.low + ((i + 0.5) / (width * 2)) * (x.high - x.low);
      const logY = Math.log10(line.through.y) + line.slope * (logX - Math.log10(line.through.x));
      const j = Math.floor((row(logY) + 0.5) * 4);
      if (j >= 0 && j < height * 4) dots[j >> 2][i >> 1] |= DOTS[j & 3][i & 1];
    }
  }
  const cells = dots.map((cellsOfRow) =>
    [...cellsOfRow].map((bits) => (bits === 0 ? ' ' : String.fromCharCode(0x2800 + bits))),
  );
  for (const one of series) {
    for (const point of one.points) {
      if (!(point.x > 0 && point.y > 0)) continue;
      const r = Math.round(row(Math.log10(point.y)));
      const c = Math.round(column(Math.log10(point.x)));
      cells[r][c] = one.paint ? one.paint(one.mark) : one.mark;
    }
  }

  const labels = new Map<number, string>();
  for (const tick of ticksOf(y, Math.floor(height / 2)))
    labels.set(Math.round(row(Math.log10(tick))), formatY(tick));
  const margin = Math.max(...[...labels.values()].map(widthOf), 1);
  const body = cells.map((cellsOfRow, r) => {
    const label = labels.get(r);
    return `${pad(label ?? '', margin, 'right')} ${label === undefined ? '│' : '┤'}${cellsOfRow.join('')}`.trimEnd();
  });

  const baseline = new Array<string>(width).fill('─');
  let names = '';
  for (const tick of ticksOf(x, Math.floor(width / 8))) {
    const at = Math.round(column(Math.log10(tick)));
    baseline[at] = '┬';
    const name = formatNumber(tick, 1);
    const start = Math.max(0, at - Math.floor(name.length / 2));
    if (names === '' || start > names.length) names = pad(names, start) + name;
  }
  const indent = ' '.repeat(margin + 2);
  const key = [
    ...series.map((s) => `${s.paint ? s.paint(s.mark) : s.mark} ${s.name}`),
    ...new Set(lines.map((line) => `⠒ ${line.name}`)),
  ].join('   ');
  return [
    `${options.title}`,
    ...(options.yLabel === '' ? [] : [`${indent.slice(0, -1)}${options.yLabel}`]),
    ...body,
    `${' '.repeat(margin + 1)}└${baseline.join('')}`,
    `${indent}${names}  ${options.xLabel}`,
    `${indent}${key}`,
  ].join('\n');
}
