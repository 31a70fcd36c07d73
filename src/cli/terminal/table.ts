/**
 * @module cli/terminal/table
 *
 * A table in plain text: words to the left, numbers to the right, two spaces between, a rule under the heading. `±` and
 * the decimal points of a column of estimates stand under one another. Where it is wider than the screen, one column is shortened,
 * then those that matter least are left out, and at last each row is written as a list.
 */
import { visible } from '../../core/visible.js';
import { pad, shorten, type Style, widthOf, wrap } from './style.js';

export interface Column {
  readonly title: string;
  /** Stands above the titles of neighbours that share it. */
  readonly group?: string;
  /** `estimate` aligns at ` ± ` and, left of it, at the decimal point. */
  readonly align?: 'left' | 'right' | 'estimate';
  /** May be shortened in the middle where the table is too wide. */
  readonly shrink?: boolean;
  /** May be left out where the table is too wide; the highest goes first. */
  readonly drop?: number;
}

/** Least width of a column that is shortened. */
const NARROWEST = 8;
const GAP = 2;

/** Pads the two sides of `±`, and the decimals of the left one, so that they line up. */
function alignEstimates(cells: readonly string[]): string[] {
  const parts = cells.map((cell) => {
    const at = cell.indexOf(' ± ');
    const left = at < 0 ? cell : cell.slice(0, at);
    const right = at < 0 ? '' : cell.slice(at);
    const point = left.search(/[.e)]|$/);
    return { whole: left.slice(0, point), decimals: left.slice(point), right };
  });
  const whole = Math.max(...parts.map((p) => widthOf(p.whole)));
  const decimals = Math.max(...parts.map((p) => widthOf(p.decimals)));
  const right = Math.max(...parts.map((p) => widthOf(p.right)));
  return parts.map((p) => pad(p.whole, whole, 'right') + pad(p.decimals, decimals) + pad(p.right, right));
}

/** The table's lines, joined; no trailing newline, no trailing spaces. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { style?: Style; width?: number } = {},
): string {
  const { style, width = Infinity } = options;
  const cells = columns.map((column, c) => {
    const own = rows.map((row) => visible(row[c] ?? ''));
    return column.align === 'estimate' && own.length > 0 ? alignEstimates(own) : own;
  });
  const natural = columns.map((column, c) => Math.max(widthOf(column.title), ...cells[c].map(widthOf)));
  const fitted = fitColumns(columns, natural, width);
  if (fitted === null) return listed(columns, rows, width, style);
  const { kept, widths } = fitted;
  const line = (texts: readonly string[]): string =>
    kept
      .map((c) => {
        const text = widthOf(texts[c]) > widths[c] ? shorten(texts[c], widths[c]) : texts[c];
        return pad(text, widths[c], (columns[c].align ?? 'left') === 'left' ? 'left' : 'right');
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const head = line(columns.map((column) => column.title));
  const groups = groupLine(columns, kept, widths);
  const rule = kept.map((c) => '─'.repeat(widths[c])).join(' '.repeat(GAP));
  const body = rows.map((_, r) => line(columns.map((_column, c) => cells[c][r])));
  return [...groups, style ? style.bold(head) : head, style ? style.dim(rule) : rule, ...body].join('\n');
}

/** A line of group names over their columns, to the left of each span; none without groups. */
function groupLine(columns: readonly Column[], kept: readonly number[], widths: readonly number[]): string[] {
  if (!kept.some((c) => columns[c].group !== undefined)) return [];
  let line = '';
  let at = 0;
  kept.forEach((c, i) => {
    const { group } = columns[c];
    if (group !== undefined && (i === 0 || columns[kept[i - 1]].group !== group))
      line = `${pad(line, at)}${group}`;
    at += widths[c] + GAP;
  });
  return [line];
}

/** Which columns are shown, and how wide; null where even the fewest are too wide. */
function fitColumns(
  columns: readonly Column[],
  natural: readonly number[],
  width: number,
): { kept: readonly number[]; widths: readonly number[] } | null {
  const widths = [...natural];
  let kept = columns.map((_, c) => c);
  for (;;) {
    const shrinking = kept.find((c) => columns[c].shrink);
    const over = kept.reduce((sum, c) => sum + natural[c] + GAP, -GAP) - width;
    if (over <= 0) return { kept, widths };
    if (shrinking !== undefined && natural[shrinking] - over >= NARROWEST) {
      widths[shrinking] = natural[shrinking] - over;
      return { kept, widths };
    }
    const rank = Math.max(...kept.map((c) => columns[c].drop ?? -Infinity));
    if (rank === -Infinity) return null;
    kept = kept.filter((c) => columns[c].drop !== rank);
  }
}

/** Each row as its first cell and a line for each other one. */
function listed(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  style: Style | undefined,
): string {
  const titles = Math.max(...columns.slice(1).map(({ title }) => widthOf(title)));
  const indent = ' '.repeat(titles + 2 * GAP);
  return rows
    .map(([first = '', ...rest]) =>
      [
        style ? style.bold(visible(first)) : visible(first),
        ...rest
          .map(visible)
          .flatMap((cell, c) =>
            cell === ''
              ? []
              : [
                  `${' '.repeat(GAP)}${pad(columns[c + 1].title, titles)}${' '.repeat(GAP)}${wrap(cell, Math.max(NARROWEST, width - indent.length), indent)}`,
                ],
          ),
      ].join('\n'),
    )
    .join('\n');
}
