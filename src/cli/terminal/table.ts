/**
 * @module cli/terminal/table
 *
 * A table in plain text: words to the left, numbers to the right, two spaces between, a rule under the heading. `±` and
 * the decimal points of a column of estimates stand under one another.
 */
import { pad, shorten, type Style, widthOf } from './style.js';

export interface Column {
  readonly title: string;
  /** `estimate` aligns at ` ± ` and, left of it, at the decimal point. */
  readonly align?: 'left' | 'right' | 'estimate';
  /** May be shortened in the middle where the table is too wide. */
  readonly shrink?: boolean;
}

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
    const own = rows.map((row) => row[c] ?? '');
    return column.align === 'estimate' && own.length > 0 ? alignEstimates(own) : own;
  });
  const widths = columns.map((column, c) => Math.max(widthOf(column.title), ...cells[c].map(widthOf)));
  const shrinking = columns.findIndex((column) => column.shrink);
  if (shrinking >= 0) {
    const over = widths.reduce((sum, w) => sum + w + 2, -2) - width;
    if (over > 0) widths[shrinking] = Math.max(8, widths[shrinking] - over);
  }
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, c) => {
        const fitted = widthOf(text) > widths[c] ? shorten(text, widths[c]) : text;
        return pad(
          fitted,
          widths[c],
          columns[c].align === 'left' || columns[c].align === undefined ? 'left' : 'right',
        );
      })
      .join('  ')
      .trimEnd();
  const head = line(columns.map((column) => column.title));
  const rule = widths.map((w) => '─'.repeat(w)).join('  ');
  const body = rows.map((_, r) => line(columns.map((_column, c) => cells[c][r])));
  return [style ? style.bold(head) : head, style ? style.dim(rule) : rule, ...body].join('\n');
}
