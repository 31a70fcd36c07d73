/**
 * @module store/folder/csv-log
 *
 * A table that grows by rows. Its columns are fixed when it is made. Numbers print as the shortest decimal that reads back as the same
 * float64 (ECMA-262 §6.1.6.1.20), −0 included; NaN, Infinity and −Infinity by name; a cell that is null is empty.
 * Cost: one system call a row.
 */
import { FimError, invariant } from '../../core/errors.js';
import { AppendFile } from './append-file.js';

export type Cell = number | string | null;
export type Row = Readonly<Record<string, Cell>>;

const encoder = new TextEncoder();

/** The text of one cell (RFC 4180). */
export function printCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Object.is(cell, -0) ? '-0' : String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export class CsvLog {
  private readonly file: AppendFile;

  /**
   * Opens the table, cut to `offset` bytes; 0 makes it anew, with its header. Throws `run/csv-header` where the file has another
   * header, and as `AppendFile` does.
   */
  constructor(
    path: string,
    readonly columns: readonly string[],
    offset = 0,
  ) {
    const distinct = new Set(columns).size === columns.length && columns.length > 0;
    invariant(distinct, 'CsvLog(columns)', 'columns are distinct, and at least one');
    const header = line(columns);
    this.file = new AppendFile(path, offset);
    try {
      if (offset === 0) this.file.append(header);
      else this.checkHeader(header);
    } catch (error) {
      this.file.close();
      throw error;
    }
  }

  get offset(): number {
    return this.file.offset;
  }

  /** Adds a row: every column by its name, no other. Throws `internal/…` for another row, `run/log-unwritable`. */
  append(row: Row): void {
    const cells = this.columns.map((name) => {
      invariant(Object.hasOwn(row, name), `${this.file.path}: row`, `has a cell for column ${name}`);
      return row[name];
    });
    const others = Object.keys(row).filter((name) => !this.columns.includes(name));
    invariant(
      others.length === 0,
      `${this.file.path}: row`,
      `has no cell without a column: ${others.join(', ')}`,
    );
    this.file.append(line(cells));
  }

  flush(): void {
    this.file.flush();
  }

  close(): void {
    this.file.close();
  }

  private checkHeader(header: Uint8Array): void {
    const got = this.file.head(header.length);
    if (got.length === header.length && got.every((byte, i) => byte === header[i])) return;
    const [first] = new TextDecoder().decode(this.file.head(4096)).split('\n');
    throw new FimError({
      code: 'run/csv-header',
      where: this.file.path,
      rule: `a table that goes on has the columns ${this.columns.join(',')}`,
      got: first,
      cause: 'it was begun by another version of fim, or edited',
      next: 'start again in another folder',
    });
  }
}

function line(cells: readonly Cell[]): Uint8Array {
  return encoder.encode(`${cells.map(printCell).join(',')}\n`);
}
