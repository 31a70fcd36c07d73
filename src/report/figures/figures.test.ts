import { describe, expect, it } from 'vitest';
import type { Markup } from '../markup.js';
import { linearScale, logScale, niceStep, powerOfTen } from '../scale.js';
import { histogramFigure } from './histogram.js';
import { rowsFigure, rowsKind } from './rows.js';
import { shareFigure } from './share.js';
import { xyFigure } from './xy.js';

const TEXT = { title: 'A & B', description: 'What <it> shows' };

/** Numbers of one attribute over all elements of one name. */
function attribute(svg: Markup, element: string, name: string): number[] {
  const tags = svg.text.match(new RegExp(`<${element} [^>]*>`, 'g')) ?? [];
  return tags.flatMap((tag) => {
    const value = new RegExp(` ${name}="([^"]*)"`).exec(tag);
    return value ? [Number(value[1])] : [];
  });
}

/** Every tag is closed in order, and no number failed. */
function expectWellFormed(svg: Markup): void {
  const open: string[] = [];
  for (const [, close, name, empty] of svg.text.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (close) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg.text).not.toMatch(/NaN|Infinity|undefined|\[object/);
  expect(svg.text).toContain('<title>A &amp; B</title><desc>What &lt;it&gt; shows</desc>');
}

describe('scales', () => {
  it('steps by 1, 2, 5', () => {
    expect([0.9, 1, 1.1, 2.5, 6, 30, 0.03].map(niceStep)).toEqual([1, 1, 2, 5, 10, 50, 0.05]);
    expect(linearScale(0, 97).ticks.map((t) => t.label)).toEqual(['0', '20', '40', '60', '80', '100']);
    expect(linearScale(-0.13, 0.2).ticks.map((t) => t.label)).toEqual(['−0.2', '−0.1', '0', '0.1', '0.2']);
    expect(linearScale(3, 3).ticks.length).toBeGreaterThan(1);
  });

  it('labels decades, thinly divided', () => {
    const scale = logScale(1e-6, 1e2);
    expect(scale.ticks.filter((t) => t.label !== '').map((t) => t.label)).toEqual([
      '10⁻⁶',
      '10⁻⁴',
      '0.01',
      '1',
      '100',
    ]);
    expect(
      logScale(0.02, 0.6)
        .ticks.filter((t) => t.label !== '')
        .map((t) => t.value),
    ).toEqual([0.02, 0.05, 0.1, 0.2, 0.5]);
    expect(scale.at(1e-2)).toBeCloseTo(0.5, 12);
    expect(powerOfTen(-12)).toBe('10⁻¹²');
    expect(() => logScale(0, 1)).toThrow(/positive/);
    expect(() => linearScale(NaN, 1)).toThrow(/finite/);
  });
});

describe('xyFigure', () => {
  const N = [10, 100, 1000];
  const power = N.map((x) => ({ x, y: 1 / Math.sqrt(x), low: 0.8 / Math.sqrt(x), high: 1.2 / Math.sqrt(x) }));
  const figure = {
    ...TEXT,
    x: { label: 'N', kind: 'log' as const },
    y: { label: 'error', kind: 'log' as const },
    series: [{ name: 'one', draw: 'points' as const, points: power }],
  };

  it('puts a power law on a straight line of the right direction', () => {
    const svg = xyFigure(figure);
    expectWellFormed(svg);
    const x = attribute(svg, 'circle', 'cx');
    const y = attribute(svg, 'circle', 'cy');
    expect(x).toHaveLength(3);
    expect(x[1] - x[0]).toBeCloseTo(x[2] - x[1], 1);
    expect(y[1] - y[0]).toBeCloseTo(y[2] - y[1], 1);
    expect(y[2]).toBeGreaterThan(y[0]);
  });

  it('draws bands, references and a key where there are several', () => {
    const svg = xyFigure({
      ...figure,
      series: [...figure.series, { name: 'two', draw: 'line', points: power }],
      references: [{ name: '1/√N', through: power[0], slope: -0.5 }],
      standalone: true,
    });
    expect(svg.text).toContain('class="band2"');
    expect(svg.text).toContain('class="reference"');
    expect(svg.text).toContain('>1/√N</text>');
    expect(svg.text).toContain('prefers-color-scheme:dark');
    expect(xyFigure(figure).text).not.toContain('>one</text>');
  });

  it('leaves out what a logarithmic axis cannot show, and refuses to show nothing', () => {
    const points = [...power, { x: 50, y: 0 }, { x: -1, y: 1 }];
    expect(
      attribute(xyFigure({ ...figure, series: [{ name: 'one', draw: 'points', points }] }), 'circle', 'cx'),
    ).toHaveLength(3);
    const empty = {
      ...figure,
      series: [{ name: 'one', draw: 'points' as const, points: [{ x: 1, y: -1 }] }],
    };
    expect(() => xyFigure(empty)).toThrow(/at least one value/);
  });

  it('names in the key what is drawn, and says what is 0 in words', () => {
    const none = power.map(({ x }) => ({ x, y: 0 }));
    const svg = xyFigure({
      ...figure,
      series: [
        ...figure.series,
        { name: 'fc4', draw: 'points', points: none },
        { name: 'fc5', draw: 'points', points: [] },
      ],
    });
    expectWellFormed(svg);
    expect(svg.text).toContain('>fc4: 0</text>');
    expect(svg.text).toContain('>fc5: no value</text>');
    // Three points and the sign in the key; no sign of the second series.
    expect(attribute(svg, 'circle', 'cx')).toHaveLength(4);
    expect(svg.text).not.toContain('class="mark2"');
  });

  it('moves bars at the same place apart, evenly about it', () => {
    const svg = xyFigure({
      ...figure,
      series: [...figure.series, { name: 'two', draw: 'points', points: power }],
    });
    const alone = attribute(xyFigure(figure), 'circle', 'cx');
    const bar = (k: number) => Number(new RegExp(`class="bar${k}" d="M([\\d.]+)`).exec(svg.text)?.[1]);
    expect(bar(2) - bar(1)).toBeCloseTo(4, 1);
    expect((bar(2) + bar(1)) / 2).toBeCloseTo(alone[0], 1);
  });

  it('ends the axis of curves where they end', () => {
    const points = [0, 100, 256].map((x) => ({ x, y: 1 + x }));
    const svg = xyFigure({
      ...figure,
      x: { label: 'epoch', kind: 'linear', fromZero: true },
      series: [{ name: 'one', draw: 'line', points }],
    });
    const [from, , to] = [
      ...(/class="line1" d="([^"]*)"/.exec(svg.text)?.[1] ?? '').matchAll(/[ML]([\d.]+)/g),
    ].map((m) => Number(m[1]));
    expect(to).toBeCloseTo(860 - 16, 1);
    expect(from).toBeLessThan(100);
    expect(svg.text).not.toContain('>300</text>');
  });

  it('takes a range from outside, and equal scales', () => {
    const cy = (range?: [number, number]) =>
      attribute(xyFigure({ ...figure, y: { ...figure.y, ...(range && { range }) } }), 'circle', 'cy');
    expect(cy([1e-6, 1])[2]).toBeLessThan(cy()[2]);
    const square = [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
      { x: 3, y: 0 },
    ];
    const svg = xyFigure({
      ...TEXT,
      x: { label: 'a', kind: 'linear' },
      y: { label: 'b', kind: 'linear' },
      equalScales: true,
      series: [{ name: 'one', draw: 'both', points: square }],
    });
    const [x, y] = [attribute(svg, 'circle', 'cx'), attribute(svg, 'circle', 'cy')];
    expect(x[1] - x[0]).toBeCloseTo(y[0] - y[1], 0);
  });

  it('draws a straight reference on linear axes through its point', () => {
    const svg = xyFigure({
      ...TEXT,
      x: { label: 'x', kind: 'linear' },
      y: { label: 'y', kind: 'linear', fromZero: true },
      series: [{ name: 'a', draw: 'both', points: [0, 1, 2].map((x) => ({ x, y: 2 * x + 1 })) }],
      references: [{ name: 'slope 2', through: { x: 0, y: 1 }, slope: 2 }],
    });
    expectWellFormed(svg);
    const path = /class="reference" d="([^"]*)"/.exec(svg.text)?.[1] ?? '';
    const corners = [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map((m) => [Number(m[1]), Number(m[2])]);
    expect(corners[0][1]).toBeCloseTo(attribute(svg, 'circle', 'cy')[0], 1);
    expect(corners.at(-1)?.[1]).toBeCloseTo(attribute(svg, 'circle', 'cy')[2], 1);
  });
});

describe('histogramFigure', () => {
  it('has bars in proportion to their counts', () => {
    const svg = histogramFigure({
      ...TEXT,
      edges: [1, 2, 4, 8],
      counts: [10, 40, 0],
      x: { label: 'x', kind: 'log' },
      yLabel: 'count',
      lines: [
        { value: 3, name: 'median' },
        { value: 100, name: 'outside' },
      ],
    });
    expectWellFormed(svg);
    const heights = attribute(svg, 'rect', 'height');
    expect(heights).toHaveLength(2);
    expect(heights[1] / heights[0]).toBeCloseTo(4, 1);
    expect(svg.text).toContain('median');
    expect(svg.text).not.toContain('outside');
  });
});

describe('rowsFigure', () => {
  const rows = [1, 2].map((value) => ({
    name: `layer ${value}`,
    value,
    low: value - 0.5,
    high: value + 0.5,
    note: `${value} ± 0.3`,
  }));

  it('draws bars from zero on a linear axis, dots on a logarithmic one', () => {
    const linear = rowsFigure({ ...TEXT, rows, x: { label: 'trace', kind: 'linear' } });
    expectWellFormed(linear);
    const widths = attribute(linear, 'rect', 'width');
    expect(widths[1] / widths[0]).toBeCloseTo(2, 1);
    const log = rowsFigure({
      ...TEXT,
      rows: [...rows, { name: 'tiny', value: 1e-3, low: -1e-3, high: 3e-3, note: '' }],
      x: { label: 'trace', kind: 'log' },
    });
    expectWellFormed(log);
    expect(attribute(log, 'circle', 'cx')).toHaveLength(3);
    expect(attribute(log, 'rect', 'width')).toHaveLength(0);
  });

  it('chooses the axis by the spread', () => {
    expect(rowsKind([1, 30])).toBe('linear');
    expect(rowsKind([1, 300])).toBe('log');
    expect(rowsKind([0, 300])).toBe('linear');
  });
});

it('shareFigure divides its bar by the amounts', () => {
  const svg = shareFigure({
    ...TEXT,
    parts: [
      { name: 'labels', amount: 1 },
      { name: 'data', amount: 3 },
    ],
    width: 400,
  });
  expectWellFormed(svg);
  expect(attribute(svg, 'rect', 'width').filter((w) => w > 9)).toEqual([100, 300]);
  expectWellFormed(shareFigure({ ...TEXT, parts: [{ name: 'a', amount: 0 }] }));
});
