/**
 * @module data/csv
 *
 * Numeric CSV with a header line: RFC 4180 quotes, commas, any line ending. A cell that is missing or is not a finite
 * number is an error with its row and column; nothing is filled in. Integers in the target column are class indices,
 * anything else there is a real target; names of classes are refused, because their order would be a guess.
 * Cost: about 100 ns a cell. Not for tables of more than half a gigabyte of text: use `.npz`.
 */
import { FimError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { cellFailure, checkHeader, DECIMAL, SHOWN, widthFailure } from './csv-complaints.js';
import { RecordReader } from './csv-records.js';

export interface CsvTable {
  /** Names of the input columns, in the file's order. */
  readonly inputColumns: readonly string[];
  /** Inputs, float64 [n, d]. */
  readonly x: Tensor<'float64'>;
  /** Targets, [n] for one column, [n, T] for several: int64 where every cell is an integer, else float64. */
  readonly targets: Tensor<'int64' | 'float64'> | null;
}

const INTEGER = /^[+-]?\d+$/;

/**
 * Reads a table. Throws `csv/not-text`, `csv/too-large`, `csv/header`, `csv/target-column`, `csv/width`, `csv/quote`,
 * `csv/missing`, `csv/not-finite`, `csv/not-a-number`, `csv/class-names` or `csv/no-rows` (all bad input).
 */
export function parseCsv(bytes: Uint8Array, where: string, targetColumns: readonly string[] = []): CsvTable {
  const reader = new RecordReader(decode(bytes, where), where);
  const header = reader.next()?.map((name) => name.trim()) ?? [];
  checkHeader(header, where);
  const roles = assignRoles(header, targetColumns, where);
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
      const cell = cells[c].trim();
      const value = DECIMAL.test(cell) ? Number(cell) : NaN;
      if (!Number.isFinite(value)) {
        const isTarget = roles[c] !== null;
        const named = `${where}: ${place(rows, reader)}, column ${c + 1} "${header[c]}"`;
        throw cellFailure(cell, named, isTarget ? () => distinct(reader, c, cell) : null, header[c], where);
      }
      if (roles[c] !== null && integers) integers = INTEGER.test(cell) && Number.isSafeInteger(value);
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

/** For each column the place among the targets, or null for an input. */
function assignRoles(
  header: readonly string[],
  targetColumns: readonly string[],
  where: string,
): (number | null)[] {
  const roles = new Array<number | null>(header.length).fill(null);
  targetColumns.forEach((name, place) => {
    const column = header.indexOf(name);
    if (column < 0 || roles[column] !== null) {
      throw new FimError({
        code: 'csv/target-column',
        where,
        rule:
          column < 0
            ? `the table must have a column named "${name}"`
            : `the target column "${name}" counts once`,
        got: `the columns ${header.join(', ')}`,
        next: `--target-column ${header[header.length - 1]}`,
      });
    }
    roles[column] = place;
  });
  if (targetColumns.length === header.length) {
    throw new FimError({
      code: 'csv/target-column',
      where,
      rule: 'at least one column must be an input',
      got: `${header.length} columns, all of them targets`,
    });
  }
  return roles;
}

function build(
  values: Float64Array,
  rows: number,
  header: readonly string[],
  roles: readonly (number | null)[],
  integers: boolean,
): CsvTable {
  const width = header.length;
  const inputs = roles.flatMap((role, c) => (role === null ? [c] : []));
  const x = new Float64Array(rows * inputs.length);
  for (let i = 0, k = 0; i < rows; i++) for (const c of inputs) x[k++] = values[i * width + c];
  const T = width - inputs.length;
  const t = new Float64Array(rows * T);
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < width; c++) {
      const role = roles[c];
      if (role !== null) t[i * T + role] = values[i * width + c];
    }
  }
  const shape = T === 1 ? [rows] : [rows, T];
  const targets: CsvTable['targets'] =
    T === 0
      ? null
      : integers
        ? { dtype: 'int64', shape, data: BigInt64Array.from(Array.from(t, BigInt)) }
        : { dtype: 'float64', shape, data: t };
  return {
    inputColumns: inputs.map((c) => header[c]),
    x: { dtype: 'float64', shape: [rows, inputs.length], data: x },
    targets,
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
