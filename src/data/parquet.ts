/**
 * @module data/parquet
 *
 * Parquet: columns of numbers, or of lists of numbers, page by page into arrays [N] or [N, width]: in memory, or in a place for what is
 * larger. Nothing is filled in and nothing rounded; dates, text and nested columns are refused by name.
 * Source: Apache Parquet, "File Format"; the pages are decoded by the package `hyparquet`. Cost: one pass over the columns that are asked for.
 */
import { python } from '../core/shell.js';
import { FimError } from '../core/errors.js';
import { storedTensor } from '../core/stored-tensor.js';
import { allocate, bytesOf, type DType, sizeOf, type Tensor, type TypedArray } from '../core/tensor.js';
import { type ByteSource, rowReader } from './byte-source.js';
import type { ParquetCodec } from './parquet-codec.js';
import { damaged } from './parquet-codec.js';
import { columnsOf, type ParquetColumn } from './parquet-columns.js';
import { readFooter } from './parquet-footer.js';
import { ColumnCursor, type ColumnSource } from './parquet-pages.js';
import type { Spool } from './source.js';

/** Numbers that are put together at once. */
const BLOCK = 1 << 16;

/** A Parquet file that is open. */
export class ParquetFile {
  readonly columns: readonly ParquetColumn[];
  /** Rows. */
  readonly n: number;
  private readonly from: ColumnSource;

  /** `place` has a place for arrays of so many bytes, or null. Throws `parquet/not-parquet`, `parquet/truncated`, `parquet/damaged`. */
  constructor(
    source: ByteSource,
    readonly where: string,
    codec: ParquetCodec,
    private readonly place: (size: number) => Spool | null,
  ) {
    const footer = readFooter(source, where, codec);
    this.from = { source, where, codec, footer };
    this.n = footer.rows;
    this.columns = columnsOf(footer.metadata, where, codec);
    const names = this.columns.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw damaged(where, `two columns named "${twice}"`);
  }

  /** Length of the lists of a column; 1 where it holds single values. Throws `parquet/…`. */
  widthOf(column: ParquetColumn): number {
    return column.list ? new ColumnCursor(this.from, column).width : 1;
  }

  /** The values of some columns side by side, of one type, [N, …]. Throws `parquet/type`, `parquet/missing`, `parquet/ragged`, `parquet/range`. */
  read(columns: readonly ParquetColumn[], dtype: DType): Tensor {
    for (const column of columns) this.requireNumbers(column);
    const cursors = columns.map((column) => new ColumnCursor(this.from, column));
    const offsets = [0];
    for (const { width } of cursors) offsets.push(offsets[offsets.length - 1] + width);
    const width = offsets[columns.length];
    const flat = columns.length === 1 && !columns[0].list;
    return this.gather(dtype, flat ? [this.n] : [this.n, width], (rows, out) => {
      cursors.forEach((cursor, c) => {
        cursor.fill(rows, out, offsets[c], width);
      });
    });
  }

  /** What `numberOf` makes of the values of a column as text, int64 [N]. Throws `parquet/…`. */
  readWords(column: ParquetColumn, numberOf: (word: string, row: number) => number): Tensor {
    const cursor = new ColumnCursor(this.from, column);
    let row = 0;
    return this.gather('int64', [this.n], (rows, out) => {
      cursor.words(rows).forEach((word, i) => {
        out[i] = BigInt(numberOf(word, row++));
      });
    });
  }

  /** All values of a column as text [N]. */
  words(column: ParquetColumn): string[] {
    return new ColumnCursor(this.from, column).words(this.n);
  }

  /** The first different values of a column as text, at most `most`. */
  distinct(column: ParquetColumn, most: number): string[] {
    const cursor = new ColumnCursor(this.from, column);
    const found = new Set<string>();
    for (let at = 0; at < this.n && found.size < most; at += BLOCK) {
      for (const word of cursor.words(Math.min(BLOCK, this.n - at))) if (found.size < most) found.add(word);
    }
    return [...found];
  }

  /** Throws `parquet/type` for a column of what is no number. */
  requireNumbers({ name, dtype, word, list }: ParquetColumn): void {
    if (dtype !== null) return;
    throw new FimError({
      code: 'parquet/type',
      where: `${this.where}: column ${name}`,
      rule: 'a column that is read holds numbers, or lists of numbers',
      got: list ? `lists of ${word}` : word,
      next: `leave it out: ${python`import pandas as pd; pd.read_parquet(${this.where}).drop(columns=[${name}]).to_parquet('numbers.parquet', index=False)`}`,
    });
  }

  /** An array whose rows `fill` writes, some at a time, from the first to the last. */
  private gather(
    dtype: DType,
    shape: readonly number[],
    fill: (rows: number, out: TypedArray) => void,
  ): Tensor {
    const { n, where } = this;
    const width = sizeOf(shape.slice(1));
    const rowBytes = width * bytesOf(dtype);
    const spool = this.place(n * rowBytes);
    const step = Math.max(1, Math.floor(BLOCK / width));
    const kept: TypedArray[] = [];
    const shared = allocate(dtype, spool ? step * width : 0) as Float64Array;
    for (let at = 0; at < n; at += step) {
      const rows = Math.min(step, n - at);
      const block = spool ? shared.subarray(0, rows * width) : allocate(dtype, rows * width);
      fill(rows, block);
      if (spool) spool.write(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
      else kept.push(block);
    }
    if (!spool) {
      const data = allocate(dtype, n * width) as Float64Array;
      kept.forEach((block, i) => {
        data.set(block as Float64Array, i * step * width);
      });
      return { dtype, shape, data };
    }
    const read = rowReader(spool.done(), 0, rowBytes);
    const View = shared.constructor as Float64ArrayConstructor;
    return storedTensor({
      dtype,
      shape,
      where,
      rows: (indices) => {
        const bytes = read(indices);
        return new View(bytes.buffer as ArrayBuffer, bytes.byteOffset, indices.length * width);
      },
    });
  }
}
