import { describe, expect, it } from 'vitest';
import { memoryIo } from '../io.js';
import { logLogFigure } from './figure.js';
import { startProgress, timeLeft } from './live.js';
import { messagesOf } from './messages.js';
import { clip, pad, shorten, styleOf, widthOf, wrap } from './style.js';
import { renderTable } from './table.js';

describe('text', () => {
  it('counts columns, not bytes', () => {
    const { red } = styleOf({ colour: true });
    expect(widthOf(red('σ² ± 1'))).toBe(6);
    expect(pad(red('ab'), 4, 'right')).toBe(`  ${red('ab')}`);
    expect(styleOf({ colour: false }).red('ab')).toBe('ab');
  });

  it('fits text into its space', () => {
    expect(shorten('layers.0.attention.weight', 11)).toBe('layer…eight');
    expect(clip('abcdef', 4)).toBe('abc…');
    expect(wrap('one two three', 7, '  ')).toBe('one two\n  three');
  });
});

describe('renderTable', () => {
  it('lines up words, numbers and estimates', () => {
    const table = renderTable(
      [{ title: 'layer' }, { title: 'count', align: 'right' }, { title: 'trace', align: 'estimate' }],
      [
        ['fc1', '100480', '16.58 ± 0.47'],
        ['fc2.weight', '10', '1.2 ± 1.1'],
        ['fc3', '10', '3'],
      ],
    );
    expect(table.split('\n')).toEqual([
      'layer        count         trace',
      '──────────  ──────  ────────────',
      'fc1         100480  16.58 ± 0.47',
      'fc2.weight      10   1.2  ± 1.1',
      'fc3             10   3',
    ]);
  });

  it('names groups of columns above their titles', () => {
    const group = 'one label';
    const table = renderTable(
      [
        { title: 'epoch' },
        { title: 'trace', group },
        { title: 'entry', group },
        { title: 'trace', group: 'signs' },
      ],
      [['1', '2 %', '3 %', '4 %']],
    );
    expect(table.split('\n').slice(0, 2)).toEqual([
      '       one label     signs',
      'epoch  trace  entry  trace',
    ]);
  });

  it('shortens the one column that may shrink', () => {
    const table = renderTable([{ title: 'name', shrink: true }, { title: 'n' }], [['a'.repeat(40), '1']], {
      width: 20,
    });
    expect(Math.max(...table.split('\n').map(widthOf))).toBe(20);
    expect(table).toContain('…');
  });
});

describe('renderTable on a narrow screen', () => {
  const columns = [
    { title: 'layer', shrink: true },
    { title: 'Fisher', align: 'estimate' as const },
    { title: 'bound', align: 'right' as const, drop: 1 },
    { title: 'paper', drop: 2 },
  ];
  const rows = [
    ['a.long.layer', '1.234 ± 0.012', '0.5 Jensen', 'type 1'],
    ['b', '12.3 ± 0.1', '0.25', 'sd1 ≤ sd2'],
  ];
  const widest = (text: string): number => Math.max(...text.split('\n').map(widthOf));

  it.each([
    [60, ['layer', 'Fisher', 'bound', 'paper']],
    [46, ['layer', 'Fisher', 'bound']],
    [30, ['layer', 'Fisher']],
  ])('%d columns: the least important are left out', (width, titles) => {
    const table = renderTable(columns, rows, { width });
    expect(table.split('\n')[0].trim().split(/ +/)).toEqual(titles);
    expect(widest(table)).toBeLessThanOrEqual(width);
  });

  it('lists each row where even the fewest columns are too wide', () => {
    const table = renderTable(columns, rows, { width: 23 });
    expect(table.split('\n')).toEqual([
      'a.long.layer',
      '  Fisher  1.234 ± 0.012',
      '  bound   0.5 Jensen',
      '  paper   type 1',
      'b',
      '  Fisher  12.3 ± 0.1',
      '  bound   0.25',
      '  paper   sd1 ≤ sd2',
    ]);
  });
});

describe('progress', () => {
  it('writes a plain line at every tenth part after two seconds where nobody watches', () => {
    const run = (seconds: number): string[] => {
      const io = memoryIo();
      const progress = startProgress(io, 'estimate');
      for (let i = 0; i <= 1000; i++) {
        progress.update(i / 1000, '16.58 ± 0.47');
        io.advance(seconds / 1000);
      }
      progress.end();
      return io.err().split('\n').slice(0, -1);
    };
    const lines = run(10);
    expect(lines).toHaveLength(9);
    expect(lines[0]).toBe('estimate   20 %  16.58 ± 0.47  8 s left');
    expect(lines[8]).toBe('estimate  100 %  16.58 ± 0.47');
    expect(run(1.9)).toEqual([]);
  });

  it('redraws one line at most ten times a second, never in the first second, and leaves nothing behind', () => {
    const io = memoryIo({ isTTY: true, columns: 40 });
    const progress = startProgress(io, 'estimate');
    for (let i = 0; i < 400; i++) {
      io.advance(0.01);
      progress.update(i / 400, '16.58 ± 0.47, which is a long story');
    }
    progress.end();
    const draws = io.err().split('\r\u001b[2K');
    expect(draws.at(-1)).toBe('');
    expect(draws.length - 1).toBeGreaterThan(25);
    expect(draws.length - 1).toBeLessThanOrEqual(31);
    expect(Math.max(...draws.map(widthOf))).toBeLessThan(40);
    expect(io.err()).not.toContain('\n');
  });

  it('scrolls other lines above', () => {
    const io = memoryIo({ isTTY: true });
    const progress = startProgress(io, 'train');
    io.advance(2);
    progress.update(0.5, 'a');
    progress.log('warning: x');
    expect(io.err()).toMatch(/a {2}2 s left\r\u001b\[2Kwarning: x\ntrain {3}50 % {2}a {2}2 s left$/);
  });

  it('stays silent when asked, but logs', () => {
    const io = memoryIo();
    const progress = startProgress(io, 'train', true);
    progress.update(1, 'a');
    progress.log('warning: x');
    progress.end();
    expect(io.err()).toBe('warning: x\n');
  });

  it('knows the time left by proportion', () => {
    expect(timeLeft(0.25, 10)).toBe(30);
    expect(timeLeft(0, 10)).toBeNaN();
  });
});

describe('messages', () => {
  const long = 'the estimate rests on few examples that carry most of it, so that its error is uncertain too';
  it('breaks at spaces to the width of a terminal, and nowhere else', () => {
    for (const options of [{ isTTY: true }, { fitted: true }]) {
      const io = memoryIo({ ...options, columns: 40 });
      messagesOf(io, {}).warn(long);
      const lines = io.err().trimEnd().split('\n');
      expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(40);
      expect(lines.map((line) => line.trim()).join(' ')).toBe(`warning: ${long}`);
    }
    const io = memoryIo({ columns: 40 });
    messagesOf(io, {}).warn(long);
    expect(io.err()).toBe(`warning: ${long}\n`);
  });

  it('details only with --verbose, notes not with --quiet, warnings always', () => {
    const written = (options: { quiet?: boolean; verbose?: boolean }): string => {
      const io = memoryIo();
      const messages = messagesOf(io, options);
      messages.detail('a');
      messages.note('b');
      messages.warn('c');
      return io.err();
    };
    expect(written({})).toBe('note: b\nwarning: c\n');
    expect(written({ verbose: true })).toBe('a\nnote: b\nwarning: c\n');
    expect(written({ quiet: true, verbose: true })).toBe('warning: c\n');
  });
});

describe('logLogFigure', () => {
  const points = [100, 1000, 10_000].map((x) => ({ x, y: 2 / Math.sqrt(x) }));
  const figure = logLogFigure({
    title: 'error',
    xLabel: 'examples',
    yLabel: 'relative error',
    series: [{ name: 'one label', mark: '●', points }],
    lines: [{ name: '1/√N', through: points[0], slope: -0.5 }],
  });

  it('puts the points of a power law on a straight line, on the reference', () => {
    const rows = figure.split('\n');
    const marked = rows.flatMap((row, r) => {
      const column = /[│┤].*?●/.exec(row);
      return column ? [[r, column.index + column[0].length]] : [];
    });
    expect(marked).toHaveLength(3);
    expect(marked[1][0] - marked[0][0]).toBe(marked[2][0] - marked[1][0]);
    expect(Math.abs(marked[1][1] - marked[0][1] - (marked[2][1] - marked[1][1]))).toBeLessThanOrEqual(1);
    expect(figure).toMatch(/[\u2801-\u28ff]/);
  });

  it('labels the decades and names its marks', () => {
    expect(figure).toContain('1000');
    expect(figure).toContain('● one label');
    expect(figure).toContain('1/√N');
  });
});
