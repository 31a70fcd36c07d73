/**
 * @module data/csv
 *
 * Numeric CSV with a header line: RFC 4180 quotes, commas, any line ending. A cell that is missing or is not a finite
 * number is an error with its row and column; nothing is filled in. Integers in the target column are class indices,
 * anything else there is a real target; names of classes are refused, because their order would be a guess, unless it is given.
 * Where the names of the inputs are known they are taken in that order, and columns that are none of them are left out unread.
 * Cost: about 100 ns a cell.
 */
import { python, quote } from '../core/shell.js';
import { FimError } from '../core/errors.js';
import { readerOf, storedTensor } from '../core/stored-tensor.js';
import type { Tensor } from '../core/tensor.js';
import { blocksOf, type ByteSource, rowReader } from './byte-source.js';
import { classOf, unknownClass } from './class-names.js';
import { cellFailure, checkHeader, DECIMAL, SHOWN, widthFailure } from './csv-complaints.js';
import { assignRoles, type ColumnRoles, type CsvRoles } from './csv-roles.js';
import { RecordReader } from './csv-records.js';
import type { Spool } from './source.js';

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
/** Numbers that are put aside at once. */
const BLOCK = 1 << 16;

/**
 * Reads a table; `roles` says what its columns are, or only names the targets. Throws `csv/not-text`, `csv/too-large`, `csv/header`,
 * `csv/target-column`, `csv/weight-column`, `csv/input-columns`, `csv/width`, `csv/quote`, `csv/missing`, `csv/not-finite`,
 * `csv/not-a-number`, `csv/class-names` or `csv/no-rows` (all bad input).
 * @throws FimError with `data/memory`
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
  let values = new Float64Array(0);
  const table = readTable([decode(bytes, where)], where, said, (row, index) => {
    if ((index + 1) * row.length > values.length) {
      const grown = new Float64Array(Math.max(1024 * row.length, values.length * 2));
      grown.set(values);
      values = grown;
    }
    values.set(row, index * row.length);
  });
  const { rows, header } = table;
  const column = (columns: readonly number[]) => {
    const out = new Float64Array(rows * columns.length);
    for (let i = 0, k = 0; i < rows; i++) for (const c of columns) out[k++] = values[i * header.length + c];
    return out;
  };
  return tableOf(table, (columns, shape) => ({ dtype: 'float64', shape, data: column(columns) }));
}

/**
 * The same of a table that is larger than memory: its numbers are put into `spool` as they are read, and taken from there.
 * Throws like `parseCsv`.
 */
export function spoolCsv(source: ByteSource, where: string, said: CsvRoles, spool: Spool): CsvTable {
  let block = new Float64Array(0);
  let filled = 0;
  const flush = (): void => {
    spool.write(new Uint8Array(block.buffer, 0, 8 * filled));
    filled = 0;
  };
  const table = readTable(textOf(source, where), where, said, (row) => {
    if (block.length === 0) block = new Float64Array(row.length * Math.ceil(BLOCK / row.length));
    block.set(row, filled);
    filled += row.length;
    if (filled === block.length) flush();
  });
  flush();
  const read = rowReader(spool.done(), 0, 8 * table.header.length);
  const width = table.header.length;
  return tableOf(table, (columns, shape) => {
    const rows = (indices: Uint32Array): Float64Array => {
      const bytes = read(indices);
      const from = new Float64Array(bytes.buffer, 0, indices.length * width);
      const out = new Float64Array(indices.length * columns.length);
      for (let i = 0, k = 0; i < indices.length; i++) for (const c of columns) out[k++] = from[i * width + c];
      return out;
    };
    return storedTensor({ dtype: 'float64', shape, where, rows }) as Tensor<'float64'>;
  });
}

/** What a table is, beside its numbers. */
interface TableFacts {
  readonly header: readonly string[];
  readonly roles: ColumnRoles;
  readonly rows: number;
  /** Whether every target is an integer. */
  readonly integers: boolean;
}

/** Reads a table row by row; `take` hears the numbers of each, valid until the next, zeros where a column is left out. */
function readTable(
  text: Iterable<string>,
  where: string,
  said: CsvRoles,
  take: (row: Float64Array, index: number) => void,
): TableFacts {
  const { classes = null } = said;
  const reader = new RecordReader(text, where);
  const header = reader.next()?.map((name) => name.trim()) ?? [];
  checkHeader(header, where);
  const roles = assignRoles(header, said, where);
  const isTarget = header.map((_, c) => roles.targets.includes(c));
  const skipped = header.map((_, c) => roles.ignored.includes(c));
  const width = header.length;
  const row = new Float64Array(width);
  let rows = 0;
  let integers = true;
  for (let cells = reader.next(); cells !== null; cells = reader.next(), rows++) {
    if (cells.length !== width) throw widthFailure(cells, width, `${where}: ${place(rows, reader)}`);
    for (let c = 0; c < width; c++) {
      if (skipped[c]) continue;
      const cell = cells[c].trim();
      if (classes !== null && isTarget[c]) {
        const index = classOf(cell, classes);
        if (index < 0)
          throw unknownClass(cell, classes, `${where}: ${place(rows, reader)}, column "${header[c]}"`);
        row[c] = index;
        continue;
      }
      const value = DECIMAL.test(cell) ? Number(cell) : NaN;
      if (!Number.isFinite(value)) {
        const named = `${where}: ${place(rows, reader)}, column ${c + 1} "${header[c]}"`;
        const words = isTarget[c] ? () => distinct(reader, c, cell) : null;
        throw cellFailure(cell, named, words, header[c], where);
      }
      if (isTarget[c] && integers) integers = INTEGER.test(cell) && Number.isSafeInteger(value);
      row[c] = value;
    }
    take(row, rows);
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
  return { header, roles, rows, integers };
}

/** The arrays of a table; `columns` makes one of some of its columns. */
function tableOf(
  { header, roles, rows, integers }: TableFacts,
  columns: (columns: readonly number[], shape: readonly number[]) => Tensor<'float64'>,
): CsvTable {
  const { inputs, targets: chosen, weight, notes } = roles;
  const shape = chosen.length === 1 ? [rows] : [rows, chosen.length];
  const t = chosen.length === 0 ? null : columns(chosen, shape);
  return {
    inputColumns: inputs.map((c) => header[c]),
    x: columns(inputs, [rows, inputs.length]),
    targets: t && integers ? asIntegers(t) : t,
    weights: weight === null ? null : columns([weight], [rows]),
    notes,
  };
}

/** Whole numbers as int64. */
function asIntegers(t: Tensor<'float64'>): Tensor<'int64'> {
  const { shape } = t;
  const whole = (values: Float64Array) => BigInt64Array.from(Array.from(values, BigInt));
  const rows = readerOf(t);
  if (rows === null) return { dtype: 'int64', shape, data: whole(t.data) };
  const read = (indices: Uint32Array) => whole(rows(indices) as Float64Array);
  return storedTensor({ dtype: 'int64', shape, where: 'targets', rows: read }) as Tensor<'int64'>;
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
      next: python`import numpy as np; np.savez('data.npz', x=np.loadtxt(${where}, delimiter=',', skiprows=1))`,
    });
  }
  return requireText(text, where);
}

/** The text of a source in parts. */
function* textOf(source: ByteSource, where: string): Generator<string> {
  const decoder = new TextDecoder();
  let first = true;
  for (const bytes of blocksOf(source)) {
    const part = decoder.decode(bytes, { stream: true });
    yield first ? requireText(part, where) : part;
    first = false;
  }
  yield decoder.decode();
}

/** Throws `csv/not-text` for text that begins with bytes of zero. */
function requireText(text: string, where: string): string {
  if (!text.slice(0, 4096).includes('\0')) return text;
  throw new FimError({
    code: 'csv/not-text',
    where,
    rule: 'a CSV file is text in UTF-8',
    got: 'bytes of zero',
    cause: 'a binary file under the name .csv, or text in UTF-16',
    next: `iconv -f utf-16 -t utf-8 ${quote(where)} > utf8.csv`,
  });
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
