/**
 * @module report/figures/xy
 *
 * Points with error bars, lines with bands, references: anything of y against x, on linear or logarithmic axes.
 */
import { FimError } from '../../core/errors.js';
import { markup, type Markup, round } from '../markup.js';
import { linearScale, logScale, type Scale } from '../scale.js';
import { type Area, type FigureText, svgFigure, xAxis, yAxis, yMargin } from './frame.js';
import { colourOf, errorBar, key, type KeyEntry, mark } from './marks.js';

/** A point of a series. */
export interface XyPoint {
  /** Abscissa. */
  readonly x: number;
  /** Ordinate. */
  readonly y: number;
  /** Interval of y, drawn as a bar or as part of a band. */
  readonly low?: number;
  /** Upper end of the interval. */
  readonly high?: number;
}

/** Points of one name and colour. */
export interface XySeries {
  /** In the key. */
  readonly name: string;
  /** In the order in which a line joins them. */
  readonly points: readonly XyPoint[];
  /** `points` marks with error bars, `line` a line with a band, `both`. */
  readonly draw: 'points' | 'line' | 'both';
}

/** A dashed line: y = through.y · (x/through.x)^slope on logarithmic axes, a straight line of that slope on linear ones. */
export interface Reference {
  /** In the key. */
  readonly name: string;

  /** A point on the line. */
  readonly through: {
    /** Its abscissa. */
    readonly x: number;
    /** Its ordinate. */
    readonly y: number;
  };
  /** Slope, or exponent on logarithmic axes. */
  readonly slope: number;
}

/** Text and scale of an axis. */
export interface AxisText {
  /** Text beside the axis. */
  readonly label: string;
  /** Its scale. */
  readonly kind: 'linear' | 'log';
  /** Linear axes only: the axis begins at 0. */
  readonly fromZero?: boolean;
  /** The axis reaches at least from the first to the second: one range for figures that are compared. */
  readonly range?: readonly [number, number];
}

/** Series of points over two axes. */
export interface XyFigure extends FigureText {
  /** The axis across. */
  readonly x: AxisText;
  /** The axis up. */
  readonly y: AxisText;
  /** What is drawn, each in a colour of its own. */
  readonly series: readonly XySeries[];
  /** Dashed lines to compare slopes with. */
  readonly references?: readonly Reference[];
  /** Width in pixels; default 860. */
  readonly width?: number;
  /** Height in pixels; default 400. */
  readonly height?: number;
  /** Whether the figure is a document of its own, with its styles inside. */
  readonly standalone?: boolean;
  /** Linear axes only: a unit is as long across as it is up. */
  readonly equalScales?: boolean;
}

/** A scale around `values`, exactly or to whole steps; on a logarithmic axis what is not positive is off the figure. */
function scaleFor(axis: AxisText, values: readonly number[], nice = true): Scale {
  const usable = [...values, ...(axis.range ?? [])].filter(
    (v) => Number.isFinite(v) && (axis.kind === 'linear' || v > 0),
  );
  if (usable.length === 0) {
    throw new FimError({
      code: 'report/no-data',
      kind: 'internal',
      where: `axis "${axis.label}"`,
      rule: 'needs at least one value that it can show',
    });
  }
  let low = usable.reduce((a, b) => Math.min(a, b));
  let high = usable.reduce((a, b) => Math.max(a, b));
  if (axis.kind === 'log') {
    const air = Math.max(1.1, (high / low) ** 0.04);
    return logScale(low / air, high * air);
  }
  if (axis.fromZero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  return linearScale(low, high, { nice });
}

/** Both scales widened so that a unit takes as many pixels across as up. */
function equalised(x: Scale, y: Scale, width: number, height: number): [Scale, Scale] {
  const unit = Math.max((x.high - x.low) / width, (y.high - y.low) / height);
  const widen = (scale: Scale, pixels: number): Scale => {
    const air = (unit * pixels - (scale.high - scale.low)) / 2;
    return linearScale(scale.low - air, scale.high + air, { nice: false });
  };
  return [widen(x, width), widen(y, height)];
}

/** Marks at one x stand this far apart, in pixels. */
const APART = 4;

/** By how much each series is moved aside, so that bars at the same x do not lie on one another. */
function asides(series: readonly XySeries[]): number[] {
  const barred = series.map((one) =>
    one.draw === 'line'
      ? []
      : one.points.filter((p) => p.low !== undefined && p.high !== undefined && p.y > 0),
  );
  const own = barred.flatMap((points, i) => (points.length > 0 ? [i] : []));
  const places = own.flatMap((i) => [...new Set(barred[i].map((p) => p.x))]);
  if (new Set(places).size === places.length) return series.map(() => 0);
  const step = Math.min(APART, 16 / own.length);
  return series.map((_, i) => (own.includes(i) ? (own.indexOf(i) - (own.length - 1) / 2) * step : 0));
}

/** The figure as SVG. */
export function xyFigure(figure: XyFigure): Markup {
  const { width = 860, height = 400, series, references = [] } = figure;
  const points = series.flatMap((s) => s.points);
  // Curves end where their axis ends; marks may stand inside whole steps.
  const curves = series.every((one) => one.draw === 'line');
  let xScale = scaleFor(
    figure.x,
    points.map((p) => p.x),
    !curves,
  );
  let yScale = scaleFor(
    figure.y,
    points.flatMap((p) => [p.y, p.low ?? p.y, p.high ?? p.y]),
  );
  const keyed = series.length + references.length > 1;
  const areaOf = (scale: Scale): Area => ({
    left: yMargin(scale),
    right: width - 16,
    top: keyed ? 54 : 32,
    bottom: height - 46,
  });
  let area = areaOf(yScale);
  if (figure.equalScales) {
    // Twice, since the labels of the wider scale may need another margin.
    for (let round = 0; round < 2; round++) {
      [xScale, yScale] = equalised(xScale, yScale, area.right - area.left, area.bottom - area.top);
      area = areaOf(yScale);
    }
  }
  const x = (v: number): number => area.left + xScale.at(v) * (area.right - area.left);
  const clampY = (v: number): number => Math.min(area.bottom, Math.max(area.top, v));
  const y = (v: number): number =>
    yScale.kind === 'log' && !(v > 0)
      ? area.bottom
      : clampY(area.bottom - yScale.at(v) * (area.bottom - area.top));
  const shown = (p: XyPoint): boolean =>
    Number.isFinite(p.x) &&
    Number.isFinite(p.y) &&
    (xScale.kind === 'linear' || p.x > 0) &&
    (yScale.kind === 'linear' || p.y > 0);

  const aside = asides(series);
  const drawn = series.map((one, index) => {
    const own = one.points.filter(shown);
    const at = (v: number): number => x(v) + aside[index];
    const bars = own.filter((p) => p.low !== undefined && p.high !== undefined);
    const line =
      one.draw === 'points'
        ? null
        : markup`<path class="line${colourOf(index)}" d="${pathThrough(own.map((p) => [at(p.x), y(p.y)]))}"/>`;
    const band =
      one.draw === 'line' && bars.length > 1
        ? markup`<path class="band${colourOf(index)}" d="${outline(bars, at, y)}"/>`
        : null;
    const marks =
      one.draw === 'line'
        ? null
        : [
            bars.map((p) => errorBar(index, 'y', at(p.x), y(p.low ?? p.y), y(p.high ?? p.y))),
            own.map((p) => mark(index, at(p.x), y(p.y))),
          ];
    return markup`<g>${band}${line}${marks}</g>`;
  });
  const dashes = references.map((reference) => {
    const value = (at: number): number =>
      yScale.kind === 'log'
        ? reference.through.y * (at / reference.through.x) ** reference.slope
        : reference.through.y + reference.slope * (at - reference.through.x);
    const inside = clipLine((u) => {
      const at =
        xScale.kind === 'log'
          ? xScale.low * (xScale.high / xScale.low) ** u
          : xScale.low + u * (xScale.high - xScale.low);
      const v = value(at);
      return yScale.kind === 'log' && !(v > 0) ? -1 : yScale.at(v);
    });
    const corners = inside.map(([u, v]): [number, number] => [
      area.left + u * (area.right - area.left),
      area.bottom - v * (area.bottom - area.top),
    ]);
    return corners.length < 2 ? null : markup`<path class="reference" d="${pathThrough(corners)}"/>`;
  });
  const names = [
    ...series.map((one, index): KeyEntry => {
      if (one.points.some(shown)) return { name: one.name, series: index };
      // On a logarithmic axis 0 cannot be drawn, only said.
      const zero = one.points.length > 0 && one.points.every((p) => p.y === 0);
      return { name: `${one.name}: ${zero ? '0' : 'no value'}`, series: 'none' };
    }),
    ...[...new Set(references.map((one) => one.name))].map((name) => ({
      name,
      series: 'reference' as const,
    })),
  ];
  const content = [
    xAxis(xScale, area, figure.x.label),
    yAxis(yScale, area, figure.y.label),
    dashes,
    drawn,
    key(names, area.left, 18),
  ];
  return svgFigure(figure, { width, height }, content, figure.standalone);
}

function pathThrough(points: readonly (readonly [number, number])[]): string {
  return points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${round(px)} ${round(py)}`).join('');
}

/** Along the upper ends, back along the lower ones. */
function outline(points: readonly XyPoint[], x: (v: number) => number, y: (v: number) => number): string {
  const upper = points.map((p): [number, number] => [x(p.x), y(p.high ?? p.y)]);
  const lower = points.map((p): [number, number] => [x(p.x), y(p.low ?? p.y)]).reverse();
  return `${pathThrough([...upper, ...lower])}Z`;
}

/** The part of v(u), u in [0, 1], with v in [0, 1]: its ends, found on a fine grid. */
function clipLine(v: (u: number) => number): [number, number][] {
  const inside = Array.from({ length: 401 }, (_, i): [number, number] => [i / 400, v(i / 400)]).filter(
    ([, value]) => value >= 0 && value <= 1,
  );
  return inside.length < 2 ? [] : inside;
}
