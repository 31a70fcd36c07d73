/**
 * @module data/csv
 *
 * Numeric CSV with a header line: RFC 4180 quotes, commas, any line ending. A cell that is missing or is not a finite
 * number is an error with its row and column; nothing is filled in. Integers in the target column are class indices,
 * anything else there is a real target; names of classes are refused, because their order would be a guess, unless it is given.
 * Where the names of the inputs are known they are taken in that order, and columns that are none of them are left out unread.
 * Cost: about 100 ns a cell. Not for tables of more than half a gigabyte of text: use `.npz`.
 */
import { FimError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { classOf, unknownClass } from './class-names.js';
import { cellFailure, checkHeader, DECIMAL, SHOWN, widthFailure } from './csv-complaints.js';
import { assignRoles, type ColumnRoles, type CsvRoles } from './csv-roles.js';
import { RecordReader } from './csv-records.js';

/** A table as inputs [n, d] and targets, with the names of its columns. */
export interface CsvTable {
  /** Names of the input columns, in the order of the inputs. */
  readonly inputColumns: readonly string[];
  /** Inputs, float64 [n, d]. */
  readonly x: Tensor<'float64'>;
  /** Targets, [n] for one column, [n, T] for several: int64 where every cell is an integer, else float64. */
  readonly targets: Tensor<'int64' | 'float64'> | null;
  /** Weights of the rows [n], or null. */
  readonly weights: Tensor<'float64'> | null;
  /** What was done about the columns, one sentence each. */
  readonly notes: readonly string[];
}

const INTEGER = /^[+-]?\d+$/;

/**
 * Reads a table; `roles` says what its columns are, or only names the targets. Throws `csv/not-text`, `csv/too-large`, `csv/header`,
 * `csv/target-column`, `csv/weight-column`, `csv/input-columns`, `csv/width`, `csv/quote`, `csv/missing`, `csv/not-finite`,
 * `csv/not-a-number`, `csv/class-names` or `csv/no-rows` (all bad input).
 *
 * @example
 * ```ts
 * import { parseCsv } from 'fim/data';
 *
 * const bytes = new TextEncoder().encode('a,b,price\n1,2,3\n4,5,6\n');
 * const { x, targets } = parseCsv(bytes, 'small.csv', { targets: ['price'] });
 * console.log([...x.data], [...targets!.data]); // [ 1, 2, 4, 5 ] [ 3n, 6n ]
 * ```
 */
export function parseCsv(
  bytes: Uint8Array,
  where: string,
  given: CsvRoles | readonly string[] = {},
): CsvTable {
  const said: CsvRoles = Array.isArray(given) ? { targets: given as readonly string[] } : (given as CsvRoles);
  const { classes = null } = said;
  const reader = new RecordReader(decode(bytes, where), where);
  const header = reader.next()?.map((name) => name.trim()) ?? [];
  checkHeader(header, where);
  const roles = assignRoles(header, said, where);
  const isTarget = header.map((_, c) => roles.targets.includes(c));
  const skipped = header.map((_, c) => roles.ignored.includes(c));
  const width = header.length;
  let values = new Float64Array(1024 * width);
  let rows = 0;
  let integers = true;
  for (let cells = reader.next(); cells !== null; cells = reader.next(), rows++) {
    if (cells.length !== width) throw widthFailure(cells, width, `${where}: ${place(rows, reader)}`);
    if ((rows + 1) * width > values.length) {
      const grown = new Float64Array(values.length * 2);
      grown.set(values);
      values = grown;
    }
    for (let c = 0; c < width; c++) {
      if (skipped[c]) continue;
      const cell = cells[c].trim();
      if (classes !== null && isTarget[c]) {
        const index = classOf(cell, classes);
        if (index < 0)
          throw unknownClass(cell, classes, `${where}: ${place(rows, reader)}, column "${header[c]}"`);
        values[rows * width + c] = index;
        continue;
      }
      const value = DECIMAL.test(cell) ? Number(cell) : NaN;
      if (!Number.isFinite(value)) {
        const named = `${where}: ${place(rows, reader)}, column ${c + 1} "${header[c]}"`;
        const words = isTarget[c] ? () => distinct(reader, c, cell) : null;
        throw cellFailure(cell, named, words, header[c], where);
      }
      if (isTarget[c] && integers) integers = INTEGER.test(cell) && Number.isSafeInteger(value);
      values[rows * width + c] = value;
    }
  }
  if (rows === 0) {
    throw new FimError({
      code: 'csv/no-rows',
      where,
      rule: 'a table needs rows under its header',
      got: `the header ${header.join(', ')} alone`,
      next: 'write the file again, with its rows',
    });
  }
  return build(values, rows, header, roles, integers);
}

function build(
  values: Float64Array,
  rows: number,
  header: readonly string[],
  { inputs, targets: chosen, weight, notes }: ColumnRoles,
  integers: boolean,
): CsvTable {
  const column = (columns: readonly number[]) => {
    const out = new Float64Array(rows * columns.length);
    for (let i = 0, k = 0; i < rows; i++) for (const c of columns) out[k++] = values[i * header.length + c];
    return out;
  };
  const t = column(chosen);
  const shape = chosen.length === 1 ? [rows] : [rows, chosen.length];
  const targets: CsvTable['targets'] =
    chosen.length === 0
      ? null
      : integers
        ? { dtype: 'int64', shape, data: BigInt64Array.from(Array.from(t, BigInt)) }
        : { dtype: 'float64', shape, data: t };
  return {
    inputColumns: inputs.map((c) => header[c]),
    x: { dtype: 'float64', shape: [rows, inputs.length], data: column(inputs) },
    targets,
    weights: weight === null ? null : { dtype: 'float64', shape: [rows], data: column([weight]) },
    notes,
  };
}

function decode(bytes: Uint8Array, where: string): string {
  let text: string;
  try {
    text = new TextDecoder().decode(bytes);
  } catch {
    throw new FimError({
      code: 'csv/too-large',
      where,
      rule: 'a table of text must fit one string',
      got: `${(bytes.length / 2 ** 20).toFixed(0)} MiB`,
      next: `python3 -c "import numpy as np; np.savez('data.npz', x=np.loadtxt('${where}', delimiter=',', skiprows=1))"`,
    });
  }
  if (text.slice(0, 4096).includes('\0')) {
    throw new FimError({
      code: 'csv/not-text',
      where,
      rule: 'a CSV file is text in UTF-8',
      got: 'bytes of zero',
      cause: 'a binary file under the name .csv, or text in UTF-16',
      next: `iconv -f utf-16 -t utf-8 ${where} > utf8.csv`,
    });
  }
  return text;
}

/** `row 11 (line 12)`: rows count from 1 under the header, lines as an editor counts them. */
function place(rows: number, reader: RecordReader): string {
  return `row ${rows + 1} (line ${reader.line})`;
}

/** Distinct words of a column from here to the end, for a message. */
function distinct(reader: RecordReader, column: number, first: string): string[] {
  const names = new Set([first]);
  for (let cells = reader.next(); cells !== null && names.size <= SHOWN; cells = reader.next()) {
    const cell = cells[column]?.trim() ?? '';
    if (cell !== '') names.add(cell);
  }
  return [...names];
}
