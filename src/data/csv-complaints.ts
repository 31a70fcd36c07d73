/**
 * @module data/csv-complaints
 *
 * Errors of tables, each with row and column and the command that repairs it.
 */
import { python, quote } from '../core/shell.js';
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';

/** A decimal number as tables write it; `0x10` and `1_000` are not. */
export const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const MISSING = /^(|na|n\/a|nan|null|none|\?|-|#n\/a)$/i;
const INFINITE = /^[+-]?inf(inity)?$/i;

/** Distinct class names shown in a message. */
export const SHOWN = 6;

/** Throws `csv/header` unless every column has a name of its own. */
export function checkHeader(header: readonly string[], where: string): void {
  const fail = (got: string, cause: string, next: string): never => {
    const rule = 'the first line names every column, each differently';
    throw new FimError({ code: 'csv/header', where, rule, got, cause, next });
  };
  if (header.length === 0 || header.every((name) => name === '')) {
    fail('no names', 'the file begins with an empty line', 'put the names of the columns on the first line');
  }
  if (header.every((name) => DECIMAL.test(name))) {
    const names = header.map((_, i) => `x${i + 1}`).join(',');
    const shown = header.slice(0, 4).join(', ');
    fail(
      `numbers: ${shown}${header.length > 4 ? ', …' : ''}`,
      'there is no header',
      `sed -i '1i ${names}' ${quote(where)}`,
    );
  }
  const blank = header.indexOf('');
  if (blank >= 0) {
    fail(
      `column ${blank + 1} without a name`,
      blank === 0 ? 'pandas wrote its row numbers as a first column' : 'a comma at the end of the line',
      blank === 0 ? "frame.to_csv('data.csv', index=False)" : 'remove the comma, or name the column',
    );
  }
  const seen = new Set<string>();
  const twice = header.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    fail(`two columns named "${twice}"`, 'columns of two tables were joined', 'rename one');
  if (header.length === 1 && /[;\t]/.test(header[0])) {
    const tab = header[0].includes('\t');
    const next = tab ? `tr '\\t' ',' < ${where} > data.csv` : `tr ',;' '.,' < ${where} > data.csv`;
    fail(
      `one name, ${JSON.stringify(header[0])}`,
      `the cells are separated by ${tab ? 'tabs' : 'semicolons'}`,
      next,
    );
  }
}

/** The complaint about a row of the wrong length. */
export function widthFailure(cells: readonly string[], width: number, where: string): FimError {
  const blank = cells.length === 1 && cells[0].trim() === '';
  return new FimError({
    code: 'csv/width',
    where,
    rule: `every row has as many cells as the header, ${width}`,
    got: blank ? 'a blank line' : `${cells.length} cells`,
    ...(cells.length > width
      ? { cause: 'a comma inside a cell that is not quoted, or a decimal comma' }
      : {}),
    next: blank ? 'remove the line' : 'correct the row',
  });
}

/** The complaint about a cell that is no finite number; `names` lists the words of a target column. */
export function cellFailure(
  cell: string,
  where: string,
  names: (() => string[]) | null,
  column: string,
  file: string,
): FimError {
  const got = cell === '' ? 'an empty cell' : JSON.stringify(cell);
  if (MISSING.test(cell)) {
    return new FimError({
      code: 'csv/missing',
      where,
      rule: 'every cell must hold a number; a missing one is not filled in',
      got,
      next: `remove the row, or fill it: ${python`import pandas as pd; pd.read_csv(${file}).dropna().to_csv('complete.csv', index=False)`}`,
    });
  }
  if (INFINITE.test(cell) || DECIMAL.test(cell)) {
    return new FimError({
      code: 'csv/not-finite',
      where,
      rule: 'every cell must hold a finite number',
      got,
      cause: 'a division by zero, or a logarithm of zero, when the table was made',
      next: 'remove the row or correct the cell',
    });
  }
  if (names !== null) {
    const classes = names();
    const shown = classes.slice(0, SHOWN).join(', ') + (classes.length > SHOWN ? ', …' : '');
    return new FimError({
      code: 'csv/class-names',
      where,
      rule: 'classes are integers from 0; names are not numbered by guessing',
      got: `${got} (the column's names: ${shown})`,
      next: `${setting('classes', [...classes.slice(0, SHOWN), ...(classes.length > SHOWN ? ['…'] : [])])}, all of them, put in the order of the network’s outputs`,
    });
  }
  return new FimError({
    code: 'csv/not-a-number',
    where,
    rule: 'every cell of an input column must hold a number',
    got,
    cause: 'a column of names or dates; if it is the target, say so',
    next: `${setting('targetColumn', column)}, or remove the column`,
  });
}
